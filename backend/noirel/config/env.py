"""Settings come from the environment, and what is wrong is named at start."""

import os
import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off", ""}


def env_str(name: str, default: str | None = None) -> str:
    """The variable's text. Without a default it has to be set; raises ImproperlyConfigured naming it."""
    text = os.environ.get(name, "").strip()
    if text:
        return text
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set.")
    return default


def env_bool(name: str, default: bool) -> bool:
    text = os.environ.get(name)
    if text is None:
        return default
    if text.strip().lower() in _YES:
        return True
    if text.strip().lower() in _NO:
        return False
    raise ImproperlyConfigured(f"{name} is {text!r}: say 1 or 0.")


def env_int(name: str, default: int) -> int:
    text = env_str(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be a whole number.") from None


def env_float(name: str, default: float) -> float:
    text = env_str(name, str(default))
    try:
        number = float(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be a number.") from None
    if not 0 <= number < float("inf"):
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be zero or more.")
    return number


def env_zone(name: str, default: str) -> str:
    """The name of a time zone in the IANA database."""
    text = env_str(name, default)
    try:
        ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be a time zone, like Asia/Kolkata.") from None
    return text


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_pin_codes(name: str) -> dict[str, str]:
    """PIN codes with their states, `560999=KA,500999=TS`."""
    pins: dict[str, str] = {}
    for part in env_list(name):
        if not re.fullmatch(r"[1-9][0-9]{5}=[A-Z]{2}", part):
            raise ImproperlyConfigured(f"{name} has {part!r}: each part has to look like 560999=KA.")
        pins[part[:6]] = part[7:]
    return pins


def env_secret(name: str, default: str | None = None) -> str:
    """A secret, from NAME or from the file that NAME_FILE points at (Docker and systemd hand them over like that)."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return env_str(name, default)
    if os.environ.get(name, "").strip():
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: choose one.")
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise ImproperlyConfigured(f"{name}_FILE can't be read: {problem}.") from None
    if not text:
        raise ImproperlyConfigured(f"{name}_FILE is empty: {path}.")
    return text


def is_public(url: str) -> bool:
    """Whether strangers can come by this address: https, and a host that is neither this machine's nor a private network's."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".test")):
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host
