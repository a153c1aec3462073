"""A request's id reaches PostgreSQL: its log and its list of sessions name the request."""

from typing import Any

import pytest
from django.db import connection, transaction

from noirel.core import request_id
from noirel.core.db import prepared
from noirel.core.models import TimedJob

pytestmark = pytest.mark.django_db(transaction=True)
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


def test_a_transaction_is_named_after_its_request_and_only_it(in_a_request: str) -> None:
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


def test_without_a_request_a_transaction_has_no_name_of_one() -> None:
    before = _name()
    with transaction.atomic():
        assert _name() == before


def test_a_statement_of_its_own_carries_the_id_as_a_comment(in_a_request: str) -> None:
    assert not TimedJob.objects.filter(name="50 % of nothing").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        assert f"/* {in_a_request} */" in cursor.fetchone()[0]


def test_an_id_that_could_be_more_than_a_name_is_replaced() -> None:
    given, token = request_id.begin("x'; DROP TABLE core_timedjob; --")
    try:
        with transaction.atomic():
            assert _name() == f"noirel {given}"
        assert TimedJob.objects.count() >= 0
    finally:
        request_id.end(token)
