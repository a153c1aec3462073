import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ops.ports import free_port
from ops.postgres import Postgres
from ops.processes import start_mark

PASSWORD = "only-for-this-test"


class Running:
    def __init__(self, data: Path) -> None:
        self.server = Postgres(data)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = data.with_name("postgres.log")

    def start(self) -> None:
        self.server.prepare(PASSWORD)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.server.command(self.port),
                stdout=log,
                stderr=log,
                user=self.server.identity.child_uid,
                group=self.server.identity.child_gid,
            )
        deadline = time.monotonic() + 20
        while not self.server.is_ready(self.port):
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        url = f"postgresql://noirel:{PASSWORD}@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Running]:
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)  # pytest's folders are closed to the server's own user
    running = Running(tmp_path / "pg")
    yield running
    if running.process:
        running.process.send_signal(signal.SIGINT)
        running.process.wait(10)


def test_what_was_committed_is_there_after_a_kill_9(database: Running) -> None:
    database.start()
    assert database.execute("SHOW fsync") == [("on",)]
    assert database.execute("SHOW data_checksums") == [("on",)]
    database.execute("CREATE TABLE kept AS SELECT 21 AS hour")
    assert database.process is not None
    database.process.kill()
    database.process.wait()
    assert (database.server.data / "postmaster.pid").exists()
    database.start()
    assert database.execute("SELECT hour FROM kept") == [(21,)]


def test_a_lock_with_a_strangers_number_does_not_keep_it_from_starting(database: Running) -> None:
    database.start()
    assert database.process is not None
    database.process.kill()
    database.process.wait()
    lock = database.server.data / "postmaster.pid"
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:]]) + "\n")
    database.start()
    assert database.execute("SELECT 1") == [(1,)]


def test_a_server_that_outlived_its_supervisor_is_ended_first(database: Running) -> None:
    database.start()
    assert database.process is not None
    pid = database.process.pid
    database.server.prepare(PASSWORD)
    database.process.wait(10)
    assert start_mark(pid) is None
    database.start()


def test_the_servers_log_holds_no_statement_parameter_or_row(database: Running) -> None:
    database.start()
    database.execute("CREATE TABLE person (email text UNIQUE, password text)")
    url = f"postgresql://noirel:{PASSWORD}@127.0.0.1:{database.port}/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(2):
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO person VALUES (%s, %s)", ["ira@example.com", "pbkdf2_sha256$secret"])
        with contextlib.suppress(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('ira@example.com', 'pbkdf2_sha256$secret')")
        with contextlib.suppress(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0 WHERE %s = 'pbkdf2_sha256$secret'", ["pbkdf2_sha256$secret"])
    log = database.log.read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "ira@example.com" not in log
    assert "secret" not in log
