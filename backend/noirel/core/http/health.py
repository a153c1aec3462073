"""Liveness and readiness probes."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
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

TIMEOUT_SECONDS = 3.0  # for all checks together
# Without a job for this long the worker counts as stopped; the most frequent jobs are due every few seconds.
WORKER_TIMEOUT_SECONDS = 120.0
_HEALTHY = {"ok", "not configured"}
_SPILL = "SELECT count(*) FROM generate_series(1, 20000)"
log = logging.getLogger("noirel.health")

_is_migrated = False
_executor = ThreadPoolExecutor(1, "readyz")
_lock = Lock()
_running: Future[dict[str, str]] | None = None


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    response = JsonResponse({"status": "ok"})
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Return 200 if database, migrations and cache are healthy, else a 503 problem whose `checks` name what isn't.

    A database is healthy if it accepts writes (_writes).

    A stopped worker is reported as `degraded` with status 200. Mail and jobs are delayed then, but this process can serve, and
    a load balancer that removed it would turn delayed mail into an outage.
    """
    checks = _run_checks()
    unhealthy = [f"{name}: {state}" for name, state in checks.items() if name != "worker" and state not in _HEALTHY]
    if unhealthy:
        body = problem(
            code="not_ready", status=503, title="Not ready", detail=f"Not in order: {'; '.join(unhealthy)}.", checks=checks
        )
        response = plain(body)
        response["Retry-After"] = "5"
        return response
    status = "ok" if checks["worker"] == "ok" else "degraded"
    response = JsonResponse({"status": status, "checks": checks})
    response["Cache-Control"] = "no-store"
    return response


def _run_checks() -> dict[str, str]:
    """Run the checks, for TIMEOUT_SECONDS at most. They share one thread, so a hanging server occupies no other."""
    global _running
    with _lock:
        if _running is None or _running.done():
            _running = _executor.submit(_check)
        running = _running
    try:
        return dict(running.result(TIMEOUT_SECONDS))
    except FutureTimeoutError:
        timed_out = f"no answer within {TIMEOUT_SECONDS:g} s"
        return {"database": timed_out, "migrations": "unknown", "cache": "unknown", "worker": "unknown"}


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
        log.warning("the database check failed: %s", error)
    finally:
        connection.close()  # so that each check proves that a new connection can be opened
    return checks


def _writes(cursor: Any) -> str:
    """Check that the server accepts writes: it isn't a read-only standby, and its disk isn't full.

    A result that exceeds work_mem is written to a temporary file on the data disk, about 300 KB that are removed at once.
    Unlike a row that is inserted and rolled back, it leaves nothing behind. On a full disk it fails like every growing table,
    while a table with free space in it may still accept a row.
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
        log.warning("the database does not accept writes: %s", error)
        return "can't write"


def _migrations() -> str:
    """Check for missing migrations. Success is remembered, because reading the migration graph takes about 100 ms."""
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
    redis: Any = redis_cache()
    return "ok" if redis is not None and redis.is_reachable() else "unreachable"


def _worker() -> str:
    elapsed = since_last_run()
    if elapsed is None:
        return "has never run"
    return "ok" if elapsed < timedelta(seconds=WORKER_TIMEOUT_SECONDS) else f"has not run for {elapsed.total_seconds():.0f} s"
