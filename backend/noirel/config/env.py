"""Settings come from the environment, and what is wrong is named at start."""

import os
import re
from collections.abc import Iterable
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from phonenumbers import SUPPORTED_REGIONS

from noirel.core.regions import INDIA

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off", ""}
# ISO 4217 without funds, metals and test codes.
_CURRENCIES = (
    "AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|"
    "CHF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|"
    "HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|"
    "MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|"
    "PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|"
    "TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|XCG|XOF|XPF|YER|ZAR|ZMW|ZWG"
)
# Response headers that mean something to browsers or caches, beside Content-* and the cross-origin ones.
_TAKEN_HEADERS = frozenset({
    "age", "allow", "cache-control", "connection", "date", "etag", "expires", "host", "keep-alive", "last-modified", "link",
    "location", "pragma", "referrer-policy", "retry-after", "server", "set-cookie", "strict-transport-security", "trailer",
    "transfer-encoding", "upgrade", "vary", "via", "www-authenticate", "x-content-type-options", "x-frame-options",
    "x-request-id",
})  # fmt: skip


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


def env_int(name: str, default: int, *, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
    text = env_str(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,18}", text) or not minimum <= int(text) <= maximum:
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be a whole number from {minimum} to {maximum}.")
    return int(text)


def env_float(name: str, default: float, *, minimum: float = 0, maximum: float = 1e9) -> float:
    text = env_str(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", text) or not minimum <= float(text) <= maximum:
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be a number from {minimum:g} to {maximum:g}.")
    return float(text)


def env_choice(name: str, default: str, choices: Iterable[str]) -> str:
    """One of the choices, in capital or small letters."""
    text = env_str(name, default)
    for choice in choices:
        if text.lower() == choice.lower():
            return choice
    raise ImproperlyConfigured(f"{name} is {text!r}: it has to be one of {', '.join(sorted(choices))}.")


def env_match(name: str, default: str, pattern: str, *, allowed: str) -> str:
    """Text that matches a pattern as a whole, or is the default; `allowed` describes it in the error."""
    text = env_str(name, default)
    if text != default and not re.fullmatch(pattern, text):
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be {allowed}.")
    return text


def env_line(name: str, default: str, *, longest: int = 200) -> str:
    """A line of text for people: no control characters."""
    text = env_str(name, default)
    if len(text) > longest or not text.isprintable():
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be one line of at most {longest} characters.")
    return text


def env_origin(name: str, default: str) -> str:
    """An address without a path, query or user name, each of which would be lost or, in links, lead elsewhere."""
    text = env_str(name, default).rstrip("/")
    parts = _http_address(text)
    if parts is None or text != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be http(s)://host or http(s)://host:port.")
    return text


def env_url(name: str, default: str) -> str:
    """An http(s) address that may have a path and a query. A secret: the error doesn't show it."""
    text = env_secret(name, default)
    if text and _http_address(text) is None:
        raise ImproperlyConfigured(f"{name} has to be an http:// or https:// address.")
    return text


def env_redis_url(name: str) -> str:
    """The address of a Redis, or empty. A secret: the error doesn't show it."""
    text = env_secret(name, "")
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        is_address = is_address and re.fullmatch(r"/?[0-9]*", parts.path) is not None
    except ValueError:
        is_address = False
    if text and not is_address and not re.fullmatch(r"unix://[^\s?]*/\S+", text):
        raise ImproperlyConfigured(f"{name} has to look like redis://:password@host:6379/0, rediss://… or unix:///path.")
    return text


def env_header_value(name: str) -> str:
    """A secret that is sent as a header: the error doesn't show it."""
    text = env_secret(name, "")
    if not re.fullmatch(r"[\x21-\x7e]*", text):
        raise ImproperlyConfigured(f"{name} has to be visible ASCII characters without spaces.")
    return text


def env_header_name(name: str, default: str) -> str:
    """The name of a response header that is ours to set."""
    text = env_match(name, default, r"[A-Za-z][A-Za-z0-9-]{0,62}", allowed="a header's name, like Cache-Tag")
    if text.lower() in _TAKEN_HEADERS or text.lower().startswith(("content-", "access-control-", "cross-origin-")):
        raise ImproperlyConfigured(f"{name} is {text!r}: that header already has a meaning.")
    return text


def env_folder(name: str, default: str) -> str:
    text = env_str(name, default)
    if not Path(text).is_absolute():
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be the absolute path of a folder.")
    if Path(text).exists() and not Path(text).is_dir():
        raise ImproperlyConfigured(f"{name} is {text!r}: it is not a folder.")
    return text


def env_sender(name: str, default: str) -> str:
    """An address that mail is sent from, with or without a name: `Shop <orders@shop.example>`."""
    text = env_str(name, default)
    _, address = parseaddr(text)
    ends = address and (text == address or text.endswith(f"<{address}>"))
    try:
        validate_email(address)
    except ValidationError:
        ends = False
    if not ends or not text.isprintable() or "," in text.partition("<")[0]:
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to look like Shop <orders@shop.example>.")
    return text


def env_hosts(name: str) -> list[str]:
    """Host names, separated by commas; `.shop.example` stands for all below it."""
    hosts = env_list(name)
    for host in hosts:
        if not re.fullmatch(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9a-fA-F:.]+\]", host):
            raise ImproperlyConfigured(f"{name} has {host!r}: each part has to be a host name, without scheme, port or path.")
    return hosts


def env_currency(name: str, default: str) -> str:
    return env_match(name, default, _CURRENCIES, allowed="the code of a currency (ISO 4217), like INR")


def env_country(name: str, default: str) -> str:
    text = env_str(name, default).upper()
    if text not in SUPPORTED_REGIONS:
        raise ImproperlyConfigured(f"{name} is {text!r}: it has to be the code of a country (ISO 3166), like IN.")
    return text


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


def env_choices(name: str, choices: Iterable[str]) -> list[str]:
    chosen = env_list(name)
    for part in chosen:
        if part not in choices:
            raise ImproperlyConfigured(f"{name} has {part!r}: each part has to be one of {', '.join(sorted(choices))}.")
    return chosen


def env_pin_codes(name: str) -> dict[str, str]:
    """PIN codes with their states, `560999=KA,500999=TS`."""
    pins: dict[str, str] = {}
    states = {code for code, _ in INDIA}
    for part in env_list(name):
        if not re.fullmatch(r"[1-9][0-9]{5}=[A-Z]{2}", part) or part[7:] not in states:
            raise ImproperlyConfigured(f"{name} has {part!r}: each part has to look like 560999=KA, with the code of a state.")
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


def _http_address(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        host = re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9a-f:.]+", parts.hostname or "")
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or not is_port or not re.fullmatch(r"[\x21-\x7e]+", text):
        return None
    return parts


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
