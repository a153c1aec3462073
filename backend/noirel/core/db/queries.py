"""Work that has to ask PostgreSQL something, written once for whoever does the asking.

Steps are a generator: it yields questions, is sent their rows, and returns what it made of them. A thread asks by its own
connection and waits (`now`); the loop that serves many callers at a time asks, and does something else meanwhile (api/quick).
"""

from collections.abc import Generator
from typing import NamedTuple, TypeVar

from noirel.core.db import prepared

Result = TypeVar("Result")


class Query(NamedTuple):
    """A constant statement with `%s` for its values; its rows come as PostgreSQL writes them, unread."""

    statement: str
    values: tuple[str, ...] = ()


Rows = list[list[bytes | None]]
QueryPlan = Generator[Query, Rows, Result]


class NotCached(Exception):
    """What is needed is not here, and whoever needs it can't wait until it is."""


def run_sync(steps: QueryPlan[Result]) -> Result:
    """Take all steps in this thread. Raises what they raise, and OperationalError."""
    try:
        question = next(steps)
        while True:
            question = steps.send(prepared.query_raw(question.statement, *question.values))
    except StopIteration as end:
        made: Result = end.value
        return made
