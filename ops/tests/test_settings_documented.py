"""Every setting is documented, and what is documented is a setting: in both directions, for every part."""

import ast
import re
from pathlib import Path

from ops.part_settings import BACKEND, BACKEND_SECRETS, FRONT, GATEWAY, SERVER
from ops.paths import ROOT, WEB

READER = re.compile(r"env_[a-z_]+")
SECRET_READERS = {"env_secret", "env_url", "env_redis_url", "env_header_value"}
# Of boto3, read by it; documented as AWS_*.
BOTO = {"AWS_REGION", "AWS_DEFAULT_REGION"}
# Set by ops/environment.py for a part of `make run`, and by nobody else.
INTERNAL = {"NODE_ENV"}


def documented() -> set[str]:
    page = (ROOT / "README.md").read_text().partition("## Configuration")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([A-Z][A-Z0-9_*]+)`", cell)}


def calls(path: Path) -> list[tuple[str, str]]:
    """The readers that are called in a file, with the name that each reads."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and READER.fullmatch(node.func.id)
            and node.args
        ):
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                found.append((node.func.id, name.value))
    return found


def read_by_backend() -> set[str]:
    return {name for _, name in calls(ROOT / "backend" / "noirel" / "config" / "settings.py")}


def read_by_front() -> set[str]:
    text = (WEB / "front" / "settings.ts").read_text()
    pages = "".join(
        path.read_text()
        for folder in ("storefront/app", "shared")
        for path in (WEB / folder).rglob("*.ts*")
        if "node_modules" not in path.parts and ".test." not in path.name
    )
    return set(re.findall(r"environment\.([A-Z_]+)", text)) | set(
        re.findall(r'(?:process\.env\.|seconds\(")([A-Z_]+)', pages)
    )


def read_by_gateway() -> set[str]:
    text = (ROOT / "gateway" / "settings.py").read_text()
    account = re.search(r"for name in \(([^)]*)\)\n    \}\n    return Account", text)
    assert account
    names = {f"GATEWAY_{name.upper()}" for name in re.findall(r'"(\w+)"', account[1])}
    return names | set(re.findall(r'environ\.get\("([A-Z_]+)"', text))


def read_by_supervisor() -> set[str]:
    text = "".join((ROOT / "ops" / name).read_text() for name in ("environment.py", "run.py", "paths.py"))
    read = set(re.findall(r'(?:given|os\.environ|backend)\.get\("([A-Z_]+)"', text))
    return {name.removesuffix("_FILE") for name in read} | {"PORT", "GATEWAY_PORT"}


def test_every_setting_that_is_read_is_documented_and_every_documented_one_is_read() -> None:
    read = read_by_backend() | read_by_front() | read_by_gateway() | read_by_supervisor()
    assert len(read) > 60
    assert read - BOTO - INTERNAL - {"PATH"} - documented() == set(), "read, and not in README.md"
    assert documented() - read - {"AWS_*"} == set(), "in README.md, and read by nobody"


def test_each_part_is_given_exactly_the_settings_that_it_reads() -> None:
    assert read_by_backend() - BOTO == BACKEND
    assert read_by_front() | INTERNAL == FRONT
    assert read_by_gateway() == GATEWAY
    assert documented() >= SERVER


def test_every_secret_may_come_from_a_file() -> None:
    settings = ROOT / "backend" / "noirel" / "config" / "settings.py"
    assert {name for reader, name in calls(settings) if reader in SECRET_READERS} == BACKEND_SECRETS
