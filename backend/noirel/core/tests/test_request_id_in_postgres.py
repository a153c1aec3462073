"""The request id is visible in PostgreSQL's log and in pg_stat_activity."""

from typing import Any

import psycopg
import pytest
from django.db import Error, connection, transaction

from noirel.core import request_id
from noirel.core.db import prepared
from noirel.core.models import TimedJob

pytestmark = pytest.mark.django_db(transaction=True)
DATABASE_ERRORS = (Error, psycopg.Error)  # query_raw raises the driver's own
NAME = "SELECT current_setting('application_name')"


@pytest.fixture
def in_a_request() -> Any:
    given, token = request_id.begin("01a2068d7fae7d2c")
    yield given
    request_id.end(token)


def _name() -> str:
    with connection.cursor() as cursor:
        cursor.execute(NAME)
        return str(cursor.fetchone()[0])


def test_a_transaction_has_the_request_id_as_its_application_name(in_a_request: str) -> None:
    before = _name()
    with transaction.atomic():
        assert _name() == f"noirel {in_a_request}"
        assert prepared.execute(NAME) == [(f"noirel {in_a_request}",)]
        with transaction.atomic():
            assert _name() == f"noirel {in_a_request}"
    assert _name() == before
    with transaction.atomic():
        assert _name() == f"noirel {in_a_request}"
        transaction.set_rollback(True)
    assert _name() == before


def test_outside_a_request_the_application_name_is_unchanged() -> None:
    before = _name()
    with transaction.atomic():
        assert _name() == before


def test_a_statement_outside_a_transaction_has_the_id_as_a_comment(in_a_request: str) -> None:
    assert not TimedJob.objects.filter(name="50 % of nothing").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        assert f"/* {in_a_request} */" in cursor.fetchone()[0]


BROKEN = "SELECT 1 / (length(%s) - 1)"


def _fails_in_a_cursor() -> None:
    with connection.cursor() as cursor:
        cursor.execute(BROKEN, ["x"])


@pytest.mark.parametrize(
    "fails",
    [_fails_in_a_cursor, lambda: prepared.execute(BROKEN, "x"), lambda: prepared.query_raw(BROKEN, "x")],
    ids=["cursor", "prepared", "raw"],
)
def test_after_an_error_outside_a_transaction_the_log_names_the_request(in_a_request: str, fails: Any) -> None:
    before = _name()
    with connection.cursor() as cursor:
        cursor.execute("SET client_min_messages TO log")  # also send log messages to the client
    logged: list[str] = []
    connection.connection.add_notice_handler(lambda notice: logged.append(f"{notice.severity}: {notice.message_primary}"))
    try:
        with pytest.raises(DATABASE_ERRORS):
            fails()
        assert logged == [f"LOG: the last error of this session was request {in_a_request}"]
        assert _name() == before  # the session is usable and has its own name again
        logged.clear()
        with pytest.raises(DATABASE_ERRORS), transaction.atomic():
            fails()
        assert logged == []  # the log line of the error has the application name
    finally:
        connection.close()


def test_without_a_request_an_error_adds_nothing_to_the_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET client_min_messages TO log")
    logged: list[str] = []
    connection.connection.add_notice_handler(lambda notice: logged.append(str(notice.message_primary)))
    try:
        with pytest.raises(DATABASE_ERRORS):
            _fails_in_a_cursor()
        assert logged == []
    finally:
        connection.close()


def test_an_id_with_unsafe_characters_is_replaced() -> None:
    given, token = request_id.begin("x'; DROP TABLE core_timedjob; --")
    try:
        with transaction.atomic():
            assert _name() == f"noirel {given}"
        assert TimedJob.objects.count() >= 0
    finally:
        request_id.end(token)
