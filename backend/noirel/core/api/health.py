"""The two probes: is the process up, and is what it needs in order."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

_migrated = False


def healthz(request: HttpRequest) -> JsonResponse:
    response = JsonResponse({"status": "ok"})
    response["Cache-Control"] = "no-store"
    return response


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and no migration is missing; 503 naming what isn't in order."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _is_migrated():
            checks["migrations"] = "missing"
    except Error:
        checks = {"database": "unreachable", "migrations": "unknown"}
    ready = all(state == "ok" for state in checks.values())
    response = JsonResponse({"status": "ok" if ready else "not_ready", "checks": checks}, status=200 if ready else 503)
    response["Cache-Control"] = "no-store"
    return response


def _is_migrated() -> bool:
    """Reading the migration graph costs some 100 ms, and a migrated database doesn't unmigrate under a running process."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
