"""Crash points: before and after every statement, commit, call of the gateway and mail. At one of them the process dies."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.core.mail import EmailMessage
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from requests import PreparedRequest
from requests.adapters import HTTPAdapter


@dataclass(frozen=True)
class Point:
    """A moment at which a process can die. kind: sql, commit, gateway or mail; is_open: inside a transaction."""

    when: str
    kind: str
    what: str
    is_open: bool

    def __str__(self) -> str:
        return f"{self.when} {self.what}"


class Points:
    """The points this process passes, in order. It is killed at the one with the number die_at, as by the kernel."""

    def __init__(self, die_at: int | str | None) -> None:
        self.passed: list[Point] = []
        self._die_at = die_at

    def _pass(self, when: str, kind: str, what: str) -> None:
        point = Point(when, kind, what, connection.in_atomic_block and kind != "commit")
        if self._die_at in (len(self.passed), str(point)):
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed.append(point)

    def _around(self, act: Callable[..., Any], kind: str, what: str, *args: Any, **kwargs: Any) -> Any:
        self._pass("before", kind, what)
        try:
            return act(*args, **kwargs)
        finally:
            self._pass("after", kind, what)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Every point of the block counts. Wraps the ways out of the process: nothing of the shop is replaced."""

        def statement(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            return self._around(execute, "sql", in_short(str(sql)), sql, params, many, context)

        def outgoing(owner: type, name: str, kind: str, what: Callable[..., str]) -> Any:
            original = getattr(owner, name)

            def wrapped(of: Any, *args: Any, **kwargs: Any) -> Any:
                return self._around(original, kind, what(*args), of, *args, **kwargs)

            return patch.object(owner, name, wrapped)

        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(statement))
            stack.enter_context(outgoing(BaseDatabaseWrapper, "_commit", "commit", lambda: "COMMIT"))
            stack.enter_context(outgoing(HTTPAdapter, "send", "gateway", lambda request, *_: _call(request)))
            stack.enter_context(outgoing(EmailMessage, "send", "mail", lambda *_: "mail"))
            yield


def in_short(sql: str) -> str:
    """A statement without the names of this run: verb and table."""
    words = re.sub(r"\s+", " ", sql.replace('"', "")).strip()
    table = re.search(r"\b(?:FROM|INTO|UPDATE)\s+([a-z_]+)", words)
    verb = words.split(" ", 1)[0].upper()
    if verb == "WITH":
        verb = "UPDATE" if " UPDATE " in words else "SELECT"
        table = re.search(r"\bUPDATE\s+([a-z_]+)", words) or table
    if verb == "SELECT" and " FOR " in words and "UPDATE" in words:
        verb = "LOCK"
    if verb in {"SAVEPOINT", "RELEASE", "ROLLBACK"}:
        return verb
    called = re.search(r"\b(pg_[a-z_]+|set_config)\(", words)
    return f"{verb} {table.group(1) if table else called.group(1) if called else words[:30]}"


def _call(request: PreparedRequest) -> str:
    path = re.sub(r"(order|pay|rfnd)_[A-Za-z0-9]+", r"{\1}", (request.path_url or "").partition("?")[0])
    return f"gateway {request.method} {path}"
