"""The embedded PostgreSQL: a real server from a wheel, in a folder, with its own checks on.

We drive `initdb` and `postgres` ourselves: the wheel's own Python class ends the server from an atexit handler,
which is too late for a supervisor that must restart it and too early for one that was killed.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.paths import make_private, open_private, postgres_bin, run_dir
from ops.processes import start_mark

MAJOR = "18"
SYSTEM_USER = "noirel-pg"
SUPERUSER = "noirel"
_PLAIN = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


class PostgresTrouble(Exception):
    """The embedded server can't run here; the message says what to do."""


@dataclass(frozen=True)
class Identity:
    """Who the server runs as. PostgreSQL refuses root, so root lends it a system user."""

    uid: int | None
    gid: int | None
    wrapper: tuple[str, ...] = ()

    @property
    def child_uid(self) -> int | None:
        """Whom the process must become before exec; with a wrapper, the wrapper does it."""
        return None if self.wrapper else self.uid

    @property
    def child_gid(self) -> int | None:
        return None if self.wrapper else self.gid

    @property
    def popen(self) -> dict[str, object]:
        if self.child_uid is None:
            return {}
        return {"user": self.child_uid, "group": self.child_gid, "extra_groups": []}


class Postgres:
    """One data folder and the server on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.identity = Identity(None, None)

    def prepare(self, password: str) -> None:
        """Find whom to run as, make the data folder if there is none, clear what a crash left. Safe to repeat.

        Raises PostgresTrouble with what to do about it.
        """
        if not (postgres_bin() / "postgres").exists():
            raise PostgresTrouble(f"There is no embedded PostgreSQL in {postgres_bin()}: run `make run` once more.")
        if not self.data.parent.exists():
            make_private(self.data.parent)
        self.identity = self._identity()
        if not self.data.exists():
            self._initialise(password)
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != MAJOR:
            raise PostgresTrouble(
                f"{self.data} was made by PostgreSQL {made_by}, this is {MAJOR}: `make reset` begins anew."
            )
        self.clear_stale_lock()

    def command(self, port: int, *options: str) -> list[str]:
        """The server in the foreground, on loopback only."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            # %a: the session's name, which in a transaction has the id of the request it belongs to.
            "log_line_prefix": "%m [%p] %a ",
            # Statements and parameters hold password hashes and personal data: an error is logged by its message
            # alone, without the statement, its parameters, or the DETAIL that quotes the row.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
        }
        given = [f"{name}={value}" for name, value in settings.items()] + list(options)
        return [
            *self.identity.wrapper,
            str(postgres_bin() / "postgres"),
            "-D",
            str(self.data),
            *(part for setting in given for part in ("-c", setting)),
        ]

    def is_ready(self, port: int) -> bool:
        """Whether the server takes connections."""
        ask = [str(postgres_bin() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
        return subprocess.run(ask, check=False, env=_PLAIN).returncode == 0

    def _initialise(self, password: str) -> None:
        """`initdb` beside the final place, then a rename: a start that is cut short leaves no half a cluster."""
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        with tempfile.TemporaryDirectory(prefix="noirel-pg-") as folder:
            secret = Path(folder) / "password"
            secret.write_text(password + "\n")
            if self.identity.uid is not None and self.identity.gid is not None:
                for path in (fresh, Path(folder), secret):
                    os.chown(path, self.identity.uid, self.identity.gid)
            self._run(
                "initdb", "-D", str(fresh), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={secret}",
                "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums",
            )  # fmt: skip
        fresh.rename(self.data)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self.identity.wrapper, str(postgres_bin() / program), *arguments]
        done = subprocess.run(  # type: ignore[call-overload]
            command, env=_PLAIN, cwd="/", capture_output=True, text=True, check=False, **self.identity.popen
        )
        if done.returncode != 0:
            raise PostgresTrouble(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _identity(self) -> Identity:
        if os.geteuid() != 0:
            return Identity(None, None)
        user = _system_user()
        if self.data.exists() and self.data.stat().st_uid != user.pw_uid:
            for path in [self.data, *self.data.rglob("*")]:
                os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        self._let_pass(user.pw_gid)
        plain = Identity(user.pw_uid, user.pw_gid)
        if self._can_reach(plain):
            return plain
        # Below a folder that others may not enter (a checkout in /root): lend the server the one right to pass.
        for right in ("dac_read_search", "dac_override"):
            wrapper = (
                "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
                f"--inh-caps=+{right}", f"--ambient-caps=+{right}", "--pdeathsig=INT", "--",
            )  # fmt: skip
            lent = Identity(user.pw_uid, user.pw_gid, wrapper)
            if shutil.which("setpriv") and self._can_reach(lent):
                return lent
        closed = _first_closed(self.data.parent) or _first_closed(postgres_bin())
        raise PostgresTrouble(
            f"PostgreSQL can't run as root, and its user {SYSTEM_USER} may not pass {closed}.\n"
            f"Either `chmod o+x {closed}`, or check the shop out elsewhere (/srv, /opt), or run it as an "
            "ordinary user, or set DATABASE_URL to a server of yours."
        )

    def _let_pass(self, group: int) -> None:
        """The run folder is closed to others. The server's group may pass through it to the data, and read nothing."""
        run = run_dir()
        for folder in (self.data.parent, *self.data.parent.parents):
            if folder.is_relative_to(run):
                os.chown(folder, -1, group)
                folder.chmod(folder.stat().st_mode & 0o700 | 0o010)

    def _can_reach(self, identity: Identity) -> bool:
        """Whether that user can run the programs and enter the run folder."""
        script = (
            f"{_quoted(postgres_bin() / 'postgres')} --version >/dev/null"
            f" && test -x {_quoted(self.data.parent)} && test -r {_quoted(postgres_bin().parent / 'share')}"
        )
        try:
            done = subprocess.run(  # type: ignore[call-overload]
                [*identity.wrapper, "/bin/sh", "-c", script],
                cwd="/",
                capture_output=True,
                check=False,
                **identity.popen,
            )
        except OSError:
            return False
        return bool(done.returncode == 0)

    def clear_stale_lock(self) -> None:
        """Deal with `postmaster.pid` of a server that was killed, or that outlived its supervisor.

        PostgreSQL removes the lock of a dead process itself, but takes any other process of this user that got the
        same number since (a container's restart) for its predecessor.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        if not _serves(pid, self.data):
            # Its own children see within moments that it is gone; while one of them is left, no server may start.
            deadline = time.monotonic() + 10
            while _at_work_in(self.data) and time.monotonic() < deadline:
                time.sleep(0.02)
            lock.unlink(missing_ok=True)
            return
        for number, patience in ((signal.SIGINT, 8.0), (signal.SIGQUIT, 4.0)):
            os.kill(pid, number)
            deadline = time.monotonic() + patience
            while start_mark(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            if not start_mark(pid):
                return
        raise PostgresTrouble(f"Another PostgreSQL (process {pid}) runs on {self.data} and doesn't stop.")


def _serves(pid: int, data: Path) -> bool:
    """Whether pid is a PostgreSQL server whose working folder is data."""
    if not start_mark(pid):
        return False
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        if Path("/proc/self/stat").exists():
            return False
        shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return str(data) in shown.stdout


def _at_work_in(data: Path) -> bool:
    """Whether any process has data as its working folder, as all of PostgreSQL's have (Linux; else: no)."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == data:
                return True
        except OSError:
            continue
    return False


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    ways: Sequence[Sequence[str]] = (
        ("useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER),
        ("adduser", "-S", "-D", "-H", "-s", "/bin/false", SYSTEM_USER),
    )
    for way in ways:
        if shutil.which(way[0]) and subprocess.run(way, capture_output=True, check=False).returncode == 0:
            return pwd.getpwnam(SYSTEM_USER)
    raise PostgresTrouble(
        f"PostgreSQL can't run as root, and the system user {SYSTEM_USER} couldn't be made: make it, run the shop "
        "as an ordinary user, or set DATABASE_URL to a server of yours."
    )


def _first_closed(folder: Path) -> Path | None:
    return next((p for p in [*reversed(folder.parents), folder] if not p.stat().st_mode & 0o001), None)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"


def new_password() -> str:
    return secrets.token_urlsafe(24)


def main() -> None:
    """`python -m ops.postgres FOLDER COMMAND…`: run COMMAND with DATABASE_URL of a server on FOLDER, then stop it.

    For the tests: durability is off, since what they write is thrown away.
    """
    from ops.ports import free_port

    data, command = Path(sys.argv[1]).resolve(), sys.argv[2:]
    shutil.rmtree(data, ignore_errors=True)
    server, password, port = Postgres(data), new_password(), free_port()
    try:
        server.prepare(password)
    except PostgresTrouble as trouble:
        sys.exit(str(trouble))
    quick = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "log_min_messages=fatal")
    with open_private(data.parent / "test-postgres.log", "ab") as log:
        postmaster = subprocess.Popen(  # type: ignore[call-overload]
            server.command(port, *quick), stdout=log, stderr=log, env=_PLAIN, start_new_session=True,
            **server.identity.popen,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while not server.is_ready(port):
            if postmaster.poll() is not None or time.monotonic() > deadline:
                sys.exit("The embedded PostgreSQL did not start: see " + str(data.parent / "test-postgres.log"))
            time.sleep(0.05)
        url = f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"
        code = subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode
    finally:
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait()
        shutil.rmtree(data, ignore_errors=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
