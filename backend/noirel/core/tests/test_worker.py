"""`manage.py worker` as a process: it notices new events, stops on SIGTERM, and loses nothing when killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from noirel.core import events
from noirel.core.models import OutboxEvent, TimedJob
from tests.make import make_user

BACKEND = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def _database_url() -> str:
    own = connection.settings_dict
    host = f"{own['HOST']}:{own['PORT']}" if own["PORT"] else own["HOST"]
    return f"postgresql://{quote(own['USER'])}:{quote(own['PASSWORD'])}@{host}/{own['NAME']}"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": _database_url(),
            "EMAIL_URL": f"file://{tmp_path}",
        }
        command = [sys.executable, "manage.py", "worker"]
        started.append(subprocess.Popen(command, cwd=BACKEND, env=environment, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _until(condition: Callable[[], bool], *, seconds: float) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "timed out"
        time.sleep(0.02)
    return time.monotonic() - began


def _register() -> None:
    user = make_user()
    with transaction.atomic():
        events.publish("accounts.registered", key=str(user.pk), payload={"user_id": str(user.pk)})


def test_the_worker_delivers_new_events_and_stops_on_sigterm(
    worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    process = worker()
    _until(TimedJob.objects.exists, seconds=30)
    _register()
    _until(lambda: len(list(tmp_path.glob("*.eml"))) == 1, seconds=5)
    _until(lambda: not OutboxEvent.objects.filter(done_at=None).exists(), seconds=5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0


def test_events_published_without_a_running_worker_are_delivered_by_the_next(
    worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    first = worker()
    _until(TimedJob.objects.exists, seconds=30)
    first.kill()
    first.wait()
    _register()
    worker()
    _until(lambda: len(list(tmp_path.glob("*.eml"))) == 1, seconds=30)
