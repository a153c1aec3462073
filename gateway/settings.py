"""Settings from the environment, and the account: given, or made at the first start."""

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from gateway.ids import new_id, new_secret

DEFAULT_WEBHOOK_URL = "http://127.0.0.1:8000/api/v1/webhooks/razorpay"
_FORMS = {
    "id": (r"acc_[A-Za-z0-9]{1,40}", "acc_ and letters or digits"),
    "key_id": (r"rzp_(?:test|live)_[A-Za-z0-9]{1,40}", "rzp_test_ or rzp_live_ and letters or digits"),
    "key_secret": (r"[\x21-\x7e]{1,200}", "at most 200 visible ASCII characters"),
    "webhook_secret": (r"[\x21-\x7e]{1,200}", "at most 200 visible ASCII characters"),
}
_WRONG_SETTINGS = os.EX_CONFIG  # tells a supervisor that a restart won't help


@dataclass(frozen=True)
class Account:
    """One Razorpay account in test mode."""

    id: str
    key_id: str
    key_secret: str
    webhook_secret: str


@dataclass(frozen=True)
class Settings:
    port: int
    database: Path
    webhook_url: str
    account: Account


def _account(database: Path) -> Account:
    """The account of the environment; what is missing there comes from the file beside the database.

    The file is made at the first start and readable by its owner alone, since it holds the secrets.
    """
    path = database.with_name(database.name + ".account.json")
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    made = {
        "id": new_id("account"),
        "key_id": f"rzp_test_{new_secret(14)}",
        "key_secret": new_secret(24),
        "webhook_secret": new_secret(24),
    }
    whole = {name: kept.get(name) or made[name] for name in made}
    if whole != kept:
        path.touch(mode=0o600)
        path.write_text(json.dumps(whole, indent=2) + "\n")
    given = {
        name: os.environ.get(f"GATEWAY_{name.upper()}", "").strip()
        for name in ("id", "key_id", "key_secret", "webhook_secret")
    }
    return Account(**(whole | {name: value for name, value in given.items() if value}))


def from_environment() -> Settings:
    """Read GATEWAY_*. With a value that can't be used it ends the program with one line that names the variable."""
    port = os.environ.get("GATEWAY_PORT", "").strip() or "8001"
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        _refuse("GATEWAY_PORT", port, "a port, 1 to 65535")
    webhook_url = os.environ.get("GATEWAY_WEBHOOK_URL", "").strip() or DEFAULT_WEBHOOK_URL
    if not _is_address(webhook_url):
        _refuse("GATEWAY_WEBHOOK_URL", webhook_url, "an http:// or https:// address")
    for part, (pattern, form) in _FORMS.items():
        name = f"GATEWAY_{part.upper()}"
        value = os.environ.get(name, "").strip()
        if value and not re.fullmatch(pattern, value):
            shown = "set, but can't be used" if "secret" in part else repr(value)
            sys.exit(_message(f"{name} is {shown}: it must be {form}."))
    database = Path(os.environ.get("GATEWAY_DB", "").strip() or ".run/gateway.sqlite3").absolute()
    try:
        _make_private(database)
        account = _account(database)
    except (OSError, ValueError) as error:
        _refuse("GATEWAY_DB", str(database), f"a file that can be made and written ({error})")
    return Settings(port=int(port), database=database, webhook_url=webhook_url, account=account)


def _refuse(name: str, value: str, allowed: str) -> NoReturn:
    sys.exit(_message(f"{name} is {value!r}: it must be {allowed}."))


def _message(text: str) -> int:
    """Print the refusal; returns the code to exit with."""
    print(text, file=sys.stderr)
    return _WRONG_SETTINGS


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _make_private(database: Path) -> None:
    """Make the file and the folders above it that are missing, readable by their owner alone: it holds secrets.

    SQLite gives its journals the mode of the file.
    """
    for folder in reversed(database.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    database.touch(mode=0o600)
    for path in (database, database.with_name(database.name + "-wal"), database.with_name(database.name + "-shm")):
        if path.exists():
            path.chmod(0o600)
