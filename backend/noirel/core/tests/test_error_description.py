"""Errors are logged and stored without the values they concern."""

import json
import logging
import smtplib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, IntegrityError, connection, transaction

from noirel.accounts.models import User
from noirel.config.logging import JSONFormatter
from noirel.core import events
from noirel.core.domain.errors import NotFound
from noirel.core.error_description import describe, format_traceback
from noirel.core.models import OutboxEvent
from tests.client import Client
from tests.make import make_user

SECRET = "ira.sen@example.com"


def duplicate() -> None:
    make_user(email=SECRET)
    with transaction.atomic():
        User.objects.create_user(email=SECRET, password="hunter2-hunter2")


def bad_cast() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::integer", [SECRET])


def raised_by_a_trigger() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no change of (%)', '{SECRET}'; END $$")


def refused_mail() -> None:
    raise smtplib.SMTPRecipientsRefused({SECRET: (550, f"no mailbox {SECRET}".encode())})


def decoding() -> None:
    (SECRET.encode() + b"\xff").decode()


def nested() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(f"row {SECRET!r} can't be read") from error


FAILURES: list[tuple[Callable[[], None], str]] = [
    (duplicate, "IntegrityError: 23505 UniqueViolation constraint accounts_user_email_key table accounts_user"),
    (bad_cast, "DataError: 22P02 InvalidTextRepresentation"),
    (raised_by_a_trigger, "ProgrammingError: P0001 RaiseException no change of …"),
    (refused_mail, "SMTPRecipientsRefused: 550"),
    (decoding, "UnicodeDecodeError"),
    (nested, "RuntimeError: row … can't be read"),
]


def failure_of(fail: Callable[[], None]) -> Exception:
    try:
        fail()
    except Exception as error:
        return error
    raise AssertionError("nothing failed")


@pytest.mark.django_db
@pytest.mark.parametrize(("fail", "expected"), FAILURES)
def test_a_description_contains_no_values(fail: Callable[[], None], expected: str) -> None:
    error = failure_of(fail)
    assert describe(error).startswith(expected)
    record = logging.makeLogRecord(
        {"msg": "failed: %r, %s", "args": (error, error), "exc_info": (type(error), error, error.__traceback__)}
    )
    record.why = error
    line = JSONFormatter().format(record)
    for written in (line, describe(error), format_traceback(error)):
        assert SECRET not in written
    assert fail.__name__ in json.loads(line)["exception"]  # where it happened is there


@pytest.mark.django_db
@pytest.mark.parametrize("fail", [fail for fail, _ in FAILURES])
def test_the_stored_error_of_an_event_contains_no_values(fail: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(payload: dict[str, Any]) -> None:
        raise failure_of(fail)

    monkeypatch.setattr(events, "_listeners", lambda table: {"mail.due": [handler]} if table == "AFTER_COMMIT" else {})
    with transaction.atomic():
        events.publish("mail.due", key="k", payload={})
    events.deliver_due()
    stored = OutboxEvent.objects.get().last_error
    assert SECRET not in stored
    assert type(failure_of_same(fail)).__name__ in stored


def failure_of_same(fail: Callable[[], None]) -> Exception:
    User.objects.filter(email=SECRET).delete()
    return failure_of(fail)


@pytest.mark.django_db
def test_an_unexpected_error_discloses_nothing_in_the_response_and_the_log(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("noirel.accounts.services.sign_in.check_new_password", lambda *_, **__: duplicate())
    with caplog.at_level(logging.ERROR):
        client.is_checked = False  # a 500 is in no document
        answer = client.post("auth/register", {"email": "new@example.com", "password": "a-long-enough-one-7"})
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    lines = [JSONFormatter().format(record) for record in caplog.records]
    assert any("accounts_user_email_key" in line for line in lines)
    assert not any(SECRET in line for line in [*lines, answer.content.decode()])


def test_details_that_operators_need_are_preserved() -> None:
    assert describe(ImproperlyConfigured("SECRET_KEY is not set.")) == "ImproperlyConfigured: SECRET_KEY is not set."
    assert describe(ConnectionRefusedError(111, "Connection refused")) == "ConnectionRefusedError: Connection refused"
    assert describe(NotFound(f"no {SECRET}")) == "NotFound: not_found"
    assert describe(KeyError(SECRET)) == "KeyError"
    assert describe(IntegrityError(SECRET)) == "IntegrityError"
    assert describe(DataError()) == "DataError"


def test_the_error_that_ends_a_command_contains_no_values() -> None:
    program = (
        "from noirel.config.logging import describe_uncaught_errors\n"
        "describe_uncaught_errors()\n"
        f"raise ValueError({SECRET!r}.upper())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert SECRET.upper() not in done.stderr
