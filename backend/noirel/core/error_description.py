"""Describes exceptions for logs, database columns and staff without disclosing the data they concern.

An exception's own message often quotes that data: PostgreSQL's DETAIL contains the whole row, a mail server's refusal the
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
# Raised by us or by Django with fixed messages. Whatever they quote is masked nevertheless.
_WITH_MESSAGE = (RuntimeError, AssertionError)
_QUOTED = re.compile(r"""(['"‘“`]).*?['"’”`]|\S*@\S*|\S*\d{4,}\S*|\([^)]*\)=\([^)]*\)""", re.DOTALL)
_MAX_LENGTH = 500  # characters


def describe(error: BaseException) -> str:
    """One line with the exception's type and what can be said about it without its values."""
    details = " ".join(_details(error).split())
    name = type(error).__name__
    return f"{name}: {details}"[:_MAX_LENGTH] if details else name


def format_traceback(error: BaseException) -> str:
    """Format the traceback and the chain of causes like Python does, with `describe` in place of each message."""
    parts = []
    for exception, link in _chain(error):
        stack = "".join(traceback.format_tb(exception.__traceback__))
        parts.append(f"{link}Traceback (most recent call last):\n{stack}{describe(exception)}")
    return "\n".join(parts)


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """The exceptions of the chain, root cause first, each with the text that links it to the one before."""
    chain: list[tuple[BaseException, str]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if current.__cause__ is not None:
            cause, link = current.__cause__, "\nThe above exception was the direct cause of the following exception:\n\n"
        elif current.__context__ is not None and not current.__suppress_context__:
            cause, link = current.__context__, "\nDuring handling of the above exception, another exception occurred:\n\n"
        else:
            cause, link = None, ""
        chain.append((current, link if cause is not None and id(cause) not in seen else ""))
        current = cause
    return reversed(chain)


def _details(error: BaseException) -> str:
    match error:
        case ShopError():
            return error.code
        case PostgresError():
            return _postgres_details(error)
        case DatabaseError() if isinstance(error.__cause__, PostgresError):
            return _postgres_details(error.__cause__)
        case SMTPRecipientsRefused():
            return " ".join(sorted({str(code) for code, _ in error.recipients.values()}))
        case SMTPResponseException():
            return str(error.smtp_code)
        case OSError() if error.errno is not None:
            return os.strerror(error.errno)
        case ImproperlyConfigured() | CommandError():
            return str(error)  # written by us for operators, without secrets
    if (code := _code_of_response(error)) is not None:
        return code
    if type(error) in _WITH_MESSAGE:
        return _QUOTED.sub("…", str(error))
    return ""


def _code_of_response(error: BaseException) -> str | None:
    """The error code in the response of an external API (boto3's ClientError)."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return None
    return str(response.get("Error", {}).get("Code", ""))[:80]


def _postgres_details(error: PostgresError) -> str:
    if error.sqlstate is None:  # the connection failed: operators need host, port and the reason
        return _QUOTED.sub(lambda match: match[0] if _is_address(match[0]) else "…", str(error).partition("\n")[0])
    parts = [error.sqlstate, type(error).__name__]
    parts += [
        f"{kind} {name}"
        for kind, name in (("constraint", error.diag.constraint_name), ("table", error.diag.table_name))
        if name
    ]
    if not error.sqlstate.startswith(_DATA_CLASSES):
        message = error.diag.message_primary or ""
        parts.append(_QUOTED.sub("…", message) if error.sqlstate.startswith("P0") else message)  # P0: raised by our triggers
    return " ".join(parts)


def _is_address(text: str) -> bool:
    return bool(re.fullmatch(r"""["']?[\w.:-]*["']?,?""", text))
