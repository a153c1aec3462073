"""The shop runs from a folder whose name has spaces, and keeps its state in one."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from ops.environment import plan
from ops.paths import ROOT
from ops.ports import free_port
from ops.tests.test_run import Shop

CODE = ("Makefile", "backend", "demo", "gateway", "ops")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout under a folder with spaces; what was installed and built is borrowed from this one."""
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    made = tmp_path / "a folder, & 'more'" / "the shop"
    made.mkdir(parents=True)
    for name in CODE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, made / name)
    for name in (".venv", "web"):
        (made / name).symlink_to(ROOT / name)
    return made


def test_every_recipe_keeps_a_path_with_spaces_in_one_piece(checkout: Path) -> None:
    """Each line that make would run, given to a shell that only says what it would start."""
    targets = re.findall(r"^([a-z-]+):", (checkout / "Makefile").read_text(), re.M)
    environment = os.environ | {"RUN_DIR": str(checkout / "the run"), "MAKEFLAGS": ""}
    for target in sorted(set(targets) - {"test", "help", "clean"}):
        done = subprocess.run(
            ["make", "--dry-run", "--no-print-directory", target],
            cwd=checkout, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        for line in done.stdout.splitlines():
            bare = re.sub(r'"[^"]*"', "", line)
            assert str(checkout) not in bare, f"{target}: {line}"
            assert "the run" not in bare, f"{target}: {line}"


def test_the_shop_starts_from_a_path_with_spaces_and_keeps_its_state_in_one(checkout: Path) -> None:
    shop = Shop(checkout / "the run")
    shop.environment |= {"PYTHONPATH": str(checkout)}
    try:
        shop.start(checkout)
        assert shop.products() > 0
        addresses = json.loads((shop.run / "addresses.json").read_text())
        assert addresses["front"].endswith(f":{shop.port}")
    finally:
        if shop.supervisor and shop.supervisor.poll() is None:
            assert shop.stop()[0] == 0


def test_the_folder_of_mails_may_have_any_name(tmp_path: Path) -> None:
    run = tmp_path / "100% a folder?"
    run.mkdir()
    told = plan({}, run, api_port=free_port(), database_port=free_port())
    assert told.backend["EMAIL_URL"] == f"file://{quote(str(run))}/mail"
