"""Logs are one JSON object a line, every line knows its request, and no error brings the values that it was about."""

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson

from noirel.core.error_description import describe, format_traceback
from noirel.core.request_id import current_request_id

# What every LogRecord has of itself; the rest came by `extra=`.
_OWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "taskName"}

# A line says none of these, and finding them out is half of its price (logging HOWTO, "Optimization").
logging._srcfile = None
# The process stays: Gunicorn's own format ends with an error without it.
logging.logThreads = logging.logMultiprocessing = False


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_keys(_message(record)),
        }
        if request_id := current_request_id():
            line["request_id"] = request_id
        extra = {name: value for name, value in vars(record).items() if name not in _OWN}
        line.update({name: without_keys(value) if isinstance(value, str) else value for name, value in extra.items()})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(line, default=_text, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:  # a number of more than 64 bits, half a character
            return json.dumps(line, default=_text)

    def formatException(  # noqa: N802  (the name is logging's)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return format_traceback(ei[1]) if ei[1] is not None else ""


# Parts of an address that open what they name, as a password would: a guest's cart, an upload, an entry (front/log.ts).
_KEYS = re.compile(r"(/(?:carts|uploads|entries)/)[0-9a-f-]{32,36}\b", re.IGNORECASE)


def without_keys(text: str) -> str:
    """A text with addresses in it as it may be logged."""
    return _KEYS.sub(r"\1:id", text)


def _message(record: logging.LogRecord) -> str:
    """The message; an exception among its arguments is described, whatever the format asks for."""
    if isinstance(record.msg, BaseException):
        return describe(record.msg)
    if isinstance(record.args, tuple) and any(isinstance(value, BaseException) for value in record.args):
        return record.msg % tuple(_Described(value) if isinstance(value, BaseException) else value for value in record.args)
    return record.getMessage()


class _Described:
    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __str__(self) -> str:
        return describe(self._error)

    __repr__ = __str__


def _text(value: object) -> str:
    return describe(value) if isinstance(value, BaseException) else str(value)


def describe_uncaught_errors() -> None:
    """Write what ends a process or a thread like a log line's exception, unless somebody watches at a terminal."""
    if sys.stderr is None or sys.stderr.isatty():
        return

    def of_process(kind: type[BaseException], error: BaseException, stack: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, stack)
        else:
            sys.stderr.write(f"{format_traceback(error)}\n")

    def of_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            sys.stderr.write(f"{format_traceback(failed.exc_value)}\n")

    sys.excepthook, threading.excepthook = of_process, of_thread


def logging_config(*, level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "noirel.config.logging.JSONFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Refusals are answers, not incidents; our middleware writes one line a request.
            "django.request": {"level": "CRITICAL"},
            # Neither is an unknown Host or an oversized form: anybody could fill the log with tracebacks.
            "django.security": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
