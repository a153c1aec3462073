"""`python -m ops.browser [playwright arguments]`: the stories in a real browser, against a really running shop.

The shop is started as `make run` starts it, on free ports, in a run folder of its own, and stopped again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ops.paths import ROOT, WEB, make_private, run_dir, tool_path
from ops.ports import free_port

START_WITHIN = 180.0  # seconds
STOP_WITHIN = 15.0  # seconds


def main() -> None:
    sys.exit(run_stories(run_dir() / "e2e", arguments=sys.argv[1:]))


def run_stories(run: Path, *, arguments: list[str], tree: Path = ROOT, shop_arguments: Sequence[str] = ()) -> int:
    """Start the shop from `tree` with its state in `run`, and Playwright against it. Returns Playwright's exit code.

    The run folder is emptied first (but for the tree, if that is in it), and removed when every story has passed.
    """
    browser = find_browser()
    if not tree.is_relative_to(run):
        shutil.rmtree(run, ignore_errors=True)
    make_private(run)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAZORPAY_", "GATEWAY_"))}
    for name in ("DATABASE_URL", "PUBLIC_URL", "MEDIA_ROOT", "EMAIL_URL", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        environment.pop(name, None)
    port = free_port()
    environment |= {
        "RUN_DIR": str(run),
        "PORT": str(port),
        "GATEWAY_PORT": str(free_port()),
        "THROTTLE_SCALE": "0",
        "DEMO_STAFF_PASSWORD": secrets.token_urlsafe(12),
        "DEMO_STAFF_ROLES": "manager,packer",
        "PATH": tool_path(),
        "PYTHONPATH": str(tree),
    }
    command = [sys.executable, "-m", "ops.run", *shop_arguments]
    shop = subprocess.Popen(command, cwd=tree, env=environment, start_new_session=True)
    try:
        addresses = _wait_for(run / "addresses.json", shop)
        told = environment | {
            "BASE_URL": addresses["front"],
            "API_URL": addresses["api"],
            "GATEWAY_URL": addresses["gateway"],
            "TREE": str(tree),
            "CI": "1",
            **({"CHROMIUM": browser} if browser else {}),
        }
        command = ["npx", "--no-install", "playwright", "test", *arguments]
        code = subprocess.run(command, cwd=WEB / "e2e", env=told, stdin=subprocess.DEVNULL, check=False).returncode
    finally:
        shop.send_signal(signal.SIGTERM)
        try:
            shop.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            shop.kill()
            print(f"The shop did not stop within {STOP_WITHIN:.0f} s.", file=sys.stderr)
            code = 1
    if code == 0:
        shutil.rmtree(run, ignore_errors=True)
    return code


def find_browser() -> str:
    """The Chromium of this machine, else Playwright's own, else Debian's; empty for Playwright's own."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    environment = os.environ | {"PATH": tool_path()}
    install = ["npx", "--no-install", "playwright", "install", "chromium"]
    if os.geteuid() == 0:
        install.insert(4, "--with-deps")
    if subprocess.run(install, cwd=WEB / "e2e", env=environment, check=False).returncode == 0:
        return ""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], env=quiet, check=False)
        subprocess.run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], env=quiet, check=False
        )
        found = shutil.which("chromium")
        if found:
            return found
    sys.exit("There is no Chromium and none could be installed: install one, or set CHROMIUM to its path.")


def _wait_for(addresses: Path, shop: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + START_WITHIN
    while not addresses.exists():
        if shop.poll() is not None or time.monotonic() > deadline:
            sys.exit("The shop did not start: see above.")
        time.sleep(0.1)
    found: dict[str, str] = json.loads(addresses.read_text())
    return found


if __name__ == "__main__":
    main()
