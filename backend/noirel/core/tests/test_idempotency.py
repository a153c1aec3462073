"""The same key and body give the first answer again, byte for byte, however many arrive at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.urls import path
from rest_framework.response import Response

from noirel.core.domain.errors import Conflict, Unavailable
from noirel.core.domain.ids import uuid7
from noirel.core.http import APIView, Request
from noirel.core.http.idempotency import idempotent
from noirel.core.models import IdempotencyRecord
from tests.client import Client, with_key

runs: list[str] = []
_lock = threading.Lock()


class Spend(APIView):
    """Gives another answer each time it really runs."""

    @idempotent(required=True)
    def post(self, request: Request) -> Response:
        with _lock:
            runs.append(request.idempotency_key)
        data = request.data if isinstance(request.data, dict) else {}
        match data.get("do"):
            case "refuse":
                raise Conflict("Not twice.", nonce=str(uuid7()))
            case "fail":
                raise Unavailable
            case "break":
                raise ZeroDivisionError
        return Response({"nonce": str(uuid7())}, status=201, headers={"Location": "/somewhere"})


class SpendMaybe(Spend):
    @idempotent
    def post(self, request: Request) -> Response:
        return Response({"nonce": str(uuid7())}, status=201)


urlpatterns = [path("spend", Spend.as_view()), path("maybe", SpendMaybe.as_view())]


@pytest.fixture(autouse=True)
def _own_urls() -> Iterator[None]:
    runs.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield


def _spend(client: Client, key: str, data: Any = None) -> Any:
    return client.post("/spend", data or {"n": 1}, **with_key(key))


@pytest.mark.django_db
def test_a_repeat_gets_the_first_answer(client: Client) -> None:
    first = _spend(client, "k")
    again = client.post("/spend", {"n": 1}, **with_key("k"))
    assert (again.status_code, again.content, again["Location"]) == (201, first.content, "/somewhere")
    assert (again["Content-Type"], again["Cache-Control"]) == (first["Content-Type"], "no-store")
    assert again["Idempotent-Replayed"] == "true"
    assert runs == ["k"]


@pytest.mark.django_db
def test_the_order_of_the_bodys_fields_does_not_matter(client: Client) -> None:
    first = _spend(client, "k", {"a": 1, "b": 2})
    assert _spend(client, "k", {"b": 2, "a": 1}).content == first.content


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_refused(client: Client) -> None:
    _spend(client, "k")
    answer = _spend(client, "k", {"n": 2})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert len(runs) == 1


@pytest.mark.django_db
def test_a_refusal_is_an_answer_and_is_kept(client: Client) -> None:
    first = _spend(client, "k", {"do": "refuse"})
    again = _spend(client, "k", {"do": "refuse"})
    assert (first.status_code, again.content, again["Content-Type"]) == (409, first.content, "application/problem+json")
    assert len(runs) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("do", "status"), [("fail", 503), ("break", 500)])
def test_a_failure_of_ours_is_not_kept(client: Client, do: str, status: int) -> None:
    assert _spend(client, "k", {"do": do}).status_code == status
    assert _spend(client, "k", {"do": do}).status_code == status
    assert len(runs) == 2
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db
def test_a_required_key_is_required(client: Client) -> None:
    answer = client.post("/spend", {})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert runs == []
    assert client.post("/maybe", {}).status_code == 201


@pytest.mark.django_db
def test_two_people_may_have_the_same_key(client: Client, shopper: Client) -> None:
    assert _spend(client, "k").content != _spend(shopper, "k").content


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_ten_at_once_are_one_execution_and_ten_equal_answers() -> None:
    together = threading.Barrier(10)

    def post(_: int) -> tuple[int, bytes]:
        try:
            together.wait()
            answer = _spend(Client(), "k")
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(post, range(10)))
    assert len(runs) == 1
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
        )
        assert cursor.fetchone() == (0,)  # given back by all of them
