"""`/readyz` names what is unhealthy, within its time limit."""

import socket
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from noirel.core import jobs
from noirel.core.cache.redis import redis_cache
from noirel.core.http import health
from noirel.core.models import TimedJob
from tests.client import Client

pytestmark = pytest.mark.django_db(transaction=True)


def _problem(client: Client) -> dict[str, Any]:
    response = client.get("/readyz")
    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
    assert (response["Cache-Control"], response["Retry-After"]) == ("no-store", "5")
    body: dict[str, Any] = response.json()
    assert body["code"] == "not_ready"
    return body


def test_an_unreachable_database_is_a_503_problem_at_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    port = _unused_port()
    own = connections["default"].settings_dict
    monkeypatch.setitem(own, "HOST", "127.0.0.1")
    monkeypatch.setitem(own, "PORT", str(port))
    began = time.monotonic()
    body = _problem(client)
    assert time.monotonic() - began < 2
    assert body["checks"]["database"] == "unreachable"
    assert "database: unreachable" in body["detail"]


def test_an_unresponsive_database_is_a_503_problem_in_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.5)
    own = connections["default"].settings_dict
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setitem(own, "HOST", "127.0.0.1")
        monkeypatch.setitem(own, "PORT", str(silent.getsockname()[1]))
        began = time.monotonic()
        for _ in range(3):  # further requests join the running check
            assert _problem(client)["checks"]["database"] == "no answer within 0.5 s"
        assert time.monotonic() - began < 3
    assert health._running is not None
    health._running.exception(10)  # wait until the check has ended, so that the next test starts a new one


@pytest.mark.parametrize(
    ("limit", "state"),
    [
        ("temp_file_limit = '0'", "can't write"),  # stands for a full disk: a file of the server's can't grow
        ("default_transaction_read_only = on", "read-only"),  # a standby, or a provider's answer to a full disk
    ],
)
def test_a_database_that_takes_no_writes_is_a_503_problem(client: Client, limit: str, state: str) -> None:
    assert client.get("/readyz").json()["checks"]["database"] == "ok"
    name = limit.partition(" ")[0]
    with connections["default"].cursor() as cursor:
        cursor.execute(f"ALTER ROLE CURRENT_USER SET {limit}")
    try:
        told = _problem(client)
        assert told["checks"]["database"] == state
        assert told["checks"]["migrations"] == "ok"
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute(f"ALTER ROLE CURRENT_USER RESET {name}")
    assert client.get("/readyz").json()["checks"]["database"] == "ok"


def test_a_missing_migration_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_is_migrated", False)
    connection = connections["default"]
    (latest,) = MigrationLoader(connection).graph.leaf_nodes("core")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE (app, name) = (%s, %s)", latest)
    try:
        assert _problem(client)["checks"]["migrations"].startswith(f"1 missing: {'.'.join(latest)}")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", latest)
    assert client.get("/readyz").json()["checks"]["migrations"] == "ok"


def test_an_unreachable_redis_is_named(client: Client, settings: Any) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{_unused_port()}/0"
    redis_cache.cache_clear()
    try:
        assert _problem(client)["checks"] | {"worker": ""} == {
            "database": "ok", "migrations": "ok", "cache": "unreachable", "worker": "",
        }  # fmt: skip
    finally:
        redis_cache.cache_clear()


def test_a_stopped_worker_is_reported_without_failing_the_probe(client: Client) -> None:
    TimedJob.objects.all().delete()
    assert client.get("/readyz").json() | {"checks": {}} == {"status": "degraded", "checks": {}}
    assert client.get("/readyz").json()["checks"]["worker"] == "has never run"
    jobs.prepare()
    jobs.run_due()
    assert client.get("/readyz").json()["status"] == "ok"
    TimedJob.objects.update(due_at=timezone.now() - timedelta(hours=1))
    body = client.get("/readyz").json()
    assert body["status"] == "degraded"
    assert body["checks"]["worker"].startswith("has not run for ")


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
