"""Query plans: code that needs rows from PostgreSQL, independent of how they are fetched.

A plan is a generator that yields queries, is sent their rows, and returns its result. A thread runs it over its own connection
and blocks (`run_sync`); the event loop sends each query over a pipeline and serves other clients until the rows arrive
(fastpath/event_loop.py).
"""

from collections.abc import Generator
from typing import NamedTuple, TypeVar

from noirel.core.db import prepared

Result = TypeVar("Result")


class Query(NamedTuple):
    """A constant statement with `%s` placeholders, and its parameters. Columns come back as PostgreSQL's text, undecoded."""

    statement: str
    values: tuple[str, ...] = ()


Rows = list[list[bytes | None]]
QueryPlan = Generator[Query, Rows, Result]


class NotCached(Exception):
    """A plan needs data that is not in memory, and its caller must not block to load it."""


def run_sync(plan: QueryPlan[Result]) -> Result:
    """Run a plan in this thread and return its result. Raises what the plan raises, and OperationalError."""
    try:
        query = next(plan)
        while True:
            query = plan.send(prepared.query_raw(query.statement, *query.values))
    except StopIteration as stop:
        result: Result = stop.value
        return result
