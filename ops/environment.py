"""What each part of the shop is told: from our own environment, the embedded parts, and secrets made once."""

from __future__ import annotations

import os
import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit

from ops import postgres
from ops.part_settings import BACKEND as BACKEND_SETTINGS
from ops.part_settings import (
    BACKEND_PREFIXES,
    FRONT,
    GATEWAY,
    NOT_FOR_API,
    NOT_FOR_WORKER,
    SERVER,
    SERVER_BOUNDS,
    taken_from,
    without,
)
from ops.paths import BACKEND, ROOT, tool_path

OWNER = "owner@noirel.example"
RAZORPAY = ("RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET")
WEBHOOK_PATH = "/api/v1/webhooks/razorpay"


# The local gateway's account, which the shop uses as well.
_ACCOUNT_FORMS = {
    "KEY_ID": r"rzp_(test|live)_[A-Za-z0-9]{1,40}", "KEY_SECRET": r"[\x21-\x7e]{1,200}",
    "WEBHOOK_SECRET": r"[\x21-\x7e]{1,200}",
}  # fmt: skip


class WrongSetting(Exception):
    """A variable of the environment that can't be meant; the message names it."""


@dataclass(frozen=True)
class Plan:
    """Which parts are ours to run, where they listen, and what they are told."""

    run: Path
    host: str
    port: int
    gateway_port: int
    api_port: int
    database_port: int | None
    "None: `DATABASE_URL` is someone else's."
    has_gateway: bool
    public_url: str
    database_password: str
    staff_password: str
    backend: dict[str, str] = field(repr=False)
    gateway: dict[str, str] = field(repr=False)
    front: dict[str, str] = field(repr=False)

    @property
    def api(self) -> dict[str, str]:
        """What of `backend`, which management commands get, the API is given."""
        return without(self.backend, NOT_FOR_API)

    @property
    def worker(self) -> dict[str, str]:
        """What of `backend` the worker is given."""
        return without(self.backend, NOT_FOR_WORKER)

    @property
    def gateway_origin(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"


def plan(given: Mapping[str, str], run: Path, *, api_port: int, database_port: int) -> Plan:
    """Read the environment once, for all parts.

    Raises WrongSetting.
    """
    port, gateway_port = _port(given, "PORT", 8000), _port(given, "GATEWAY_PORT", 8001)
    if port == gateway_port:
        raise WrongSetting(f"GATEWAY_PORT is {gateway_port}, and PORT as well: they must differ.")
    # What each part is given it checks itself, at its start; these are read here.
    for name, bounds in SERVER_BOUNDS.items():
        _whole_number(given, name, *bounds)
    host = _host(given)
    public_url = (given.get("PUBLIC_URL") or f"http://localhost:{port}").rstrip("/")
    if not _is_origin(public_url):
        raise WrongSetting(f"PUBLIC_URL is {public_url!r}: it must be http(s)://host or http(s)://host:port.")
    kept = Secrets(run / "secrets.env")
    gateway_origin = f"http://127.0.0.1:{gateway_port}"

    # The keys alone point at the real Razorpay; an address points anywhere; with neither the shop brings its own.
    own_addresses = {gateway_origin, f"http://localhost:{gateway_port}"}
    api_url = given.get("RAZORPAY_API_URL", "").rstrip("/")
    if api_url and not _is_origin(api_url):
        raise WrongSetting(f"RAZORPAY_API_URL is {api_url!r}: it must be http(s)://host or http(s)://host:port.")
    keys = {name: given.get(name, "") or _from_file(given, name) for name in RAZORPAY}
    has_gateway = api_url in own_addresses if api_url else not any(keys.values())
    if not has_gateway and not all(keys.values()):
        missing = ", ".join(name for name, value in keys.items() if not value)
        raise WrongSetting(f"{missing} must be set as well, or none of {', '.join(RAZORPAY)} and RAZORPAY_API_URL.")
    account: dict[str, str] = {}
    if has_gateway:
        for part, make in (("KEY_ID", _key_id), ("KEY_SECRET", _token), ("WEBHOOK_SECRET", _token)):
            if not re.fullmatch(_ACCOUNT_FORMS[part], given.get(f"GATEWAY_{part}") or make()):
                raise WrongSetting(f"GATEWAY_{part} must match {_ACCOUNT_FORMS[part]}.")
            account[f"GATEWAY_{part}"] = (
                given.get(f"GATEWAY_{part}") or keys[f"RAZORPAY_{part}"] or kept.get(f"GATEWAY_{part}", make)
            )
        keys = {f"RAZORPAY_{part}": account[f"GATEWAY_{part}"] for part in ("KEY_ID", "KEY_SECRET", "WEBHOOK_SECRET")}
        api_url = api_url or gateway_origin

    password = kept.get("DATABASE_PASSWORD", postgres.new_password)
    embedded = not (given.get("DATABASE_URL") or given.get("DATABASE_URL_FILE"))
    media_root = given.get("MEDIA_ROOT") or str(run / "media")
    if not Path(media_root).is_absolute():
        raise WrongSetting(f"MEDIA_ROOT is {media_root!r}: it must be the absolute path of a folder.")
    staff_password = given.get("DEMO_STAFF_PASSWORD") or kept.get("DEMO_STAFF_PASSWORD", _password)
    backend = taken_from(given, BACKEND_SETTINGS | SERVER, BACKEND_PREFIXES) | {
        "PATH": tool_path(),
        "PYTHONPATH": str(BACKEND),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "noirel.config.settings",
        "PUBLIC_URL": public_url,
        "SECRET_KEY": given.get("SECRET_KEY") or _from_file(given, "SECRET_KEY") or kept.get("SECRET_KEY", _long_token),
        "MEDIA_ROOT": media_root,
        "EMAIL_URL": given.get("EMAIL_URL") or f"file://{quote(str(run / 'mail'))}",
        "DEMO_STAFF_PASSWORD": staff_password,
        "RUN_DIR": str(run),
        **keys,
    }
    for name in keys:
        backend.pop(f"{name}_FILE", None)
    if api_url:
        backend["RAZORPAY_API_URL"] = api_url
    if embedded:
        backend["DATABASE_URL"] = f"postgresql://{postgres.SUPERUSER}:{password}@127.0.0.1:{database_port}/postgres"
    gateway = (
        taken_from(given, GATEWAY)
        | account
        | {
            "PATH": tool_path(),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "GATEWAY_PORT": str(gateway_port),
            "GATEWAY_WEBHOOK_URL": given.get("GATEWAY_WEBHOOK_URL") or f"http://127.0.0.1:{port}{WEBHOOK_PATH}",
            "GATEWAY_DB": given.get("GATEWAY_DB") or str(run / "gateway.sqlite3"),
        }
    )
    front = taken_from(given, FRONT) | {
        "PATH": tool_path(),
        "NODE_ENV": "production",
        "HOST": host,
        "PORT": str(port),
        "API_ORIGIN": f"http://127.0.0.1:{api_port}",
        "MEDIA_ROOT": media_root,
        "PUBLIC_URL": public_url,
        "GATEWAY_ORIGIN": api_url or "https://api.razorpay.com",
    }  # fmt: skip
    return Plan(
        run=run, host=host, port=port, gateway_port=gateway_port, api_port=api_port,
        database_port=database_port if embedded else None, has_gateway=has_gateway, public_url=public_url,
        database_password=password, staff_password=staff_password, backend=backend, gateway=gateway, front=front,
    )  # fmt: skip


class Secrets:
    """`secrets.env`: what nobody chose is made once and kept, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, str] = {}
        if path.exists():
            lines = path.read_text().splitlines()
            self._values = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def get(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._values:
            self._values[name] = make()
            fresh = self._path.with_suffix(".new")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write("# Made at the first start; the environment wins. `make reset` makes new ones.\n")
                file.writelines(f"{key}={value}\n" for key, value in self._values.items())
            fresh.replace(self._path)
        return self._values[name]


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    return _whole_number(given, name, default, 1, 65535)


def _whole_number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise WrongSetting(f"{name} is {text!r}: it must be a whole number from {least} to {most}.")
    return int(text)


def _host(given: Mapping[str, str]) -> str:
    host = given.get("HOST", "")
    try:
        if host and host != "localhost":
            ip_address(host)
    except ValueError:
        raise WrongSetting(f"HOST is {host!r}: it must be an IP address of this machine, or 0.0.0.0 for all.") from None
    return host


def _is_origin(url: str) -> bool:
    """Whether it is scheme://host[:port] and nothing else."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", parts.hostname or "", re.ASCII) is not None
            and (parts.port is None or parts.port > 0)
            and "@" not in parts.netloc
            and url == f"{parts.scheme}://{parts.netloc}"
        )
    except ValueError:
        return False


def _from_file(given: Mapping[str, str], name: str) -> str:
    path = given.get(f"{name}_FILE", "")
    if not path:
        return ""
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise WrongSetting(f"{name}_FILE: {path} can't be read ({error.strerror}).") from None


def _token() -> str:
    return secrets.token_urlsafe(24)


def _long_token() -> str:
    return secrets.token_urlsafe(48)


def _key_id() -> str:
    return "rzp_test_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(14))


def _password() -> str:
    """Four groups of letters that are not taken for each other: to be read from a terminal."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
