"""Errors as text that may be logged, stored and shown to staff: what went wrong and where, never the values.

An exception's own message often quotes what it was about. PostgreSQL's DETAIL has the whole row, a mail server's refusal the
recipient, a decoding error all of the bytes. Every log line and every stored error is therefore written with `describe`.
"""

import os
import re
import traceback
from collections.abc import Iterator
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.db import Error as DatabaseError
from psycopg import Error as PostgresError

from noirel.core.domain.errors import ShopError

_DATA_CLASSES = ("22", "23")  # SQLSTATE classes whose message may quote a value: data exceptions, violated constraints
# Raised with a fixed message by us or by Django; what such a message quotes is masked all the same.
_WITH_MESSAGE = (RuntimeError, AssertionError)
_QUOTED = re.compile(r"""(['"‘“`]).*?['"’”`]|\S*@\S*|\S*\d{4,}\S*|\([^)]*\)=\([^)]*\)""", re.DOTALL)
_MAX = 500


def describe(error: BaseException) -> str:
    """One line: the error's type and what is known of it without its values."""
    known = " ".join(_known(error).split())
    name = type(error).__name__
    return f"{name}: {known}"[:_MAX] if known else name


def format_traceback(error: BaseException) -> str:
    """The stack and the chain of causes like Python's own traceback, with `describe` in place of each message."""
    parts = []
    for one, link in _chain(error):
        stack = "".join(traceback.format_tb(one.__traceback__))
        parts.append(f"{link}Traceback (most recent call last):\n{stack}{describe(one)}")
    return "\n".join(parts)


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """The first cause first, each with the line that leads from the one before."""
    found: list[tuple[BaseException, str]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if current.__cause__ is not None:
            before, link = current.__cause__, "\nThe above exception was the direct cause of the following exception:\n\n"
        elif current.__context__ is not None and not current.__suppress_context__:
            before, link = current.__context__, "\nDuring handling of the above exception, another exception occurred:\n\n"
        else:
            before, link = None, ""
        found.append((current, link if before is not None and id(before) not in seen else ""))
        current = before
    return reversed(found)


def _known(error: BaseException) -> str:
    match error:
        case ShopError():
            return error.code
        case PostgresError():
            return _of_postgres(error)
        case DatabaseError() if isinstance(error.__cause__, PostgresError):
            return _of_postgres(error.__cause__)
        case SMTPRecipientsRefused():
            return " ".join(sorted({str(code) for code, _ in error.recipients.values()}))
        case SMTPResponseException():
            return str(error.smtp_code)
        case OSError() if error.errno is not None:
            return os.strerror(error.errno)
        case ImproperlyConfigured() | CommandError():
            return str(error)  # written for whoever starts the process, without secrets
    if (code := _code_of_answer(error)) is not None:
        return code
    if type(error) in _WITH_MESSAGE:
        return _QUOTED.sub("…", str(error))
    return ""


def _code_of_answer(error: BaseException) -> str | None:
    """What another company's API answered, by its code alone (boto3's ClientError)."""
    answer = getattr(error, "response", None)
    if not isinstance(answer, dict):
        return None
    return str(answer.get("Error", {}).get("Code", ""))[:80]


def _of_postgres(error: PostgresError) -> str:
    if error.sqlstate is None:  # the connection failed: host, port and the reason, which an operator needs
        return _QUOTED.sub(lambda found: found[0] if _is_address(found[0]) else "…", str(error).partition("\n")[0])
    said = [error.sqlstate, type(error).__name__]
    said += [
        f"{kind} {name}"
        for kind, name in (("constraint", error.diag.constraint_name), ("table", error.diag.table_name))
        if name
    ]
    if not error.sqlstate.startswith(_DATA_CLASSES):
        message = error.diag.message_primary or ""
        said.append(_QUOTED.sub("…", message) if error.sqlstate.startswith("P0") else message)  # P0: our triggers' own
    return " ".join(said)


def _is_address(text: str) -> bool:
    return bool(re.fullmatch(r"""["']?[\w.:-]*["']?,?""", text))
