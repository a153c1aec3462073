"""The two probes: is the process up, and is everything it needs in order."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from datetime import timedelta
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from noirel.core.cache.redis import redis_cache
from noirel.core.http.problems import plain, problem
from noirel.core.jobs import since_last_run

SECONDS = 3.0  # for all checks together
WORKER_SECONDS = 120.0  # without a job of the worker's; the most frequent ones are due every few seconds
_FINE = {"ok", "not configured"}
_SPILL = "SELECT count(*) FROM generate_series(1, 20000)"
log = logging.getLogger("noirel.health")

_is_migrated = False
_thread = ThreadPoolExecutor(1, "readyz")
_lock = Lock()
_under_way: Future[dict[str, str]] | None = None


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    response = JsonResponse({"status": "ok"})
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, migrations and cache are in order, else a 503 problem; `checks` names what isn't.

    A database is in order when it takes writes (_writes).

    A worker that doesn't run is reported as `degraded`, with 200: mail and jobs wait, but this process can serve, and a load
    balancer that took it out would turn late mail into an outage.
    """
    checks = _checked()
    wrong = [f"{name}: {state}" for name, state in checks.items() if name != "worker" and state not in _FINE]
    if wrong:
        body = problem(
            code="not_ready", status=503, title="Not ready", detail=f"Not in order: {'; '.join(wrong)}.", checks=checks
        )
        response = plain(body)
        response["Retry-After"] = "5"
        return response
    status = "ok" if checks["worker"] == "ok" else "degraded"
    response = JsonResponse({"status": status, "checks": checks})
    response["Cache-Control"] = "no-store"
    return response


def _checked() -> dict[str, str]:
    """The checks' results, within SECONDS. They run in a thread of their own: a server that went silent holds up no other."""
    global _under_way
    with _lock:
        if _under_way is None or _under_way.done():
            _under_way = _thread.submit(_check)
        under_way = _under_way
    try:
        return dict(under_way.result(SECONDS))
    except TookTooLong:
        silent = f"no answer within {SECONDS:g} s"
        return {"database": silent, "migrations": "unknown", "cache": "unknown", "worker": "unknown"}


def _check() -> dict[str, str]:
    checks = {"database": "ok", "migrations": "unknown", "cache": _cache(), "worker": "unknown"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            checks["database"] = _writes(cursor)
        checks["migrations"] = _migrations()
        checks["worker"] = _worker()
    except Error as error:
        if checks["migrations"] == "unknown":
            checks["database"] = "unreachable"
        log.warning("the database is not in order: %s", error)
    finally:
        connection.close()  # a fresh one each time: what is kept says nothing of whether one can be had
    return checks


def _writes(cursor: Any) -> str:
    """Whether the server takes writes: it isn't a read-only standby, and its disk has room.

    A result that doesn't fit into work_mem goes to a temporary file on the disk of the data, some 300 KB that are removed at
    once. Unlike a row that is written and rolled back it leaves nothing behind. Where there is no room it fails as every
    growing table does, while a table with free space in it may still take a row.
    """
    try:
        with transaction.atomic():
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute(_SPILL)
            cursor.execute("SELECT current_setting('transaction_read_only')")
            return "ok" if cursor.fetchone() == ("off",) else "read-only"
    except Error as error:
        if connection.connection is None or connection.connection.closed:
            raise
        log.warning("the database does not take writes: %s", error)
        return "can't write"


def _migrations() -> str:
    """Reading the migration graph costs some 100 ms, and a migrated database doesn't unmigrate under a running process."""
    global _is_migrated
    if _is_migrated:
        return "ok"
    executor = MigrationExecutor(connection)
    missing = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    _is_migrated = not missing
    if not missing:
        return "ok"
    names = ", ".join(f"{migration.app_label}.{migration.name}" for migration in missing[:3])
    return f"{len(missing)} missing: {names}{', …' if len(missing) > 3 else ''}"


def _cache() -> str:
    if not settings.REDIS_URL:
        return "not configured"
    them: Any = redis_cache()
    return "ok" if them is not None and them.is_reachable() else "unreachable"


def _worker() -> str:
    since = since_last_run()
    if since is None:
        return "has never run"
    return "ok" if since < timedelta(seconds=WORKER_SECONDS) else f"has not run for {since.total_seconds():.0f} s"
