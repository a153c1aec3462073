"""docs/commands.md: the commands it shows exist, and each of ours is in it."""

import re
import subprocess
from pathlib import Path

import pytest

from ops.paths import BACKEND, ROOT

PAGES = [
    ROOT / "README.md",
    *(ROOT / "docs").rglob("*.md"),
    ROOT / "deploy" / "README.md",
    ROOT / "gateway" / "README.md",
]
OURS = {path.stem for path in BACKEND.glob("noirel/*/management/commands/*.py")} - {"__init__"}
DJANGOS = {"migrate"}


def test_every_command_of_ours_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)[ `]", (ROOT / "docs" / "commands.md").read_text(), re.M)
    assert set(rows) - {"make"} == OURS | DJANGOS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"(?:manage\.py|ops\.manage|noirel-manage) ([a-z_]+)", page.read_text()))
    assert named <= OURS | DJANGOS


def test_management_commands_get_the_settings_and_the_user_of_the_api_unit() -> None:
    script = ROOT / "deploy" / "systemd" / "noirel-manage"
    text, unit = script.read_text(), (ROOT / "deploy" / "systemd" / "noirel-api.service").read_text()
    for name in ("User", "EnvironmentFile", "WorkingDirectory", "UMask"):
        assert re.findall(rf"--property={name}=(\S+)", text) == re.findall(rf"^{name}=(.*)$", unit, re.M), name
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111
