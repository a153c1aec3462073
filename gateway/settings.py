"""Settings from the environment, and the account: given, or made at the first start."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from gateway.ids import new_id, new_secret

DEFAULT_WEBHOOK_URL = "http://127.0.0.1:8000/api/v1/webhooks/razorpay"


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
    """Read GATEWAY_*; ends the program with one clear line when a value can't be used."""
    port = os.environ.get("GATEWAY_PORT", "").strip() or "8001"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"gateway: GATEWAY_PORT must be a port number, not {port!r}")
    database = Path(os.environ.get("GATEWAY_DB", "").strip() or ".run/gateway.sqlite3").absolute()
    webhook_url = os.environ.get("GATEWAY_WEBHOOK_URL", "").strip() or DEFAULT_WEBHOOK_URL
    if not webhook_url.startswith(("http://", "https://")):
        sys.exit(f"gateway: GATEWAY_WEBHOOK_URL must be an http or https address, not {webhook_url!r}")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        account = _account(database)
    except (OSError, ValueError) as error:
        sys.exit(f"gateway: GATEWAY_DB {database} can't be used: {error}")
    return Settings(port=int(port), database=database, webhook_url=webhook_url, account=account)
