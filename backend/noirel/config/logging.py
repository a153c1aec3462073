"""Logs are one JSON object a line, and every line knows its request."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import orjson

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
            "message": record.getMessage(),
        }
        if request_id := current_request_id():
            line["request_id"] = request_id
        line.update({name: value for name, value in vars(record).items() if name not in _OWN})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:  # a number of more than 64 bits, half a character
            return json.dumps(line, default=str)


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
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
