"""Ids as Razorpay makes them: a prefix and fourteen case-sensitive letters and digits."""

import re
import secrets
import string

from gateway.errors import Refusal

_ALPHABET = string.ascii_letters + string.digits
PREFIXES = {
    "order": "order",
    "payment": "pay",
    "refund": "rfnd",
    "card": "card",
    "settlement": "setl",
    "dispute": "disp",
    "account": "acc",
}


def _letters(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(kind: str) -> str:
    return f"{PREFIXES[kind]}_{_letters(14)}"


def new_event_id() -> str:
    return _letters(14)


def new_secret(length: int = 24) -> str:
    return _letters(length)


def check_id(kind: str, value: str) -> None:
    """Raises Refusal unless the value could be an id of that kind."""
    if not re.fullmatch(rf"{PREFIXES[kind]}_[A-Za-z0-9]{{14}}", value):
        raise Refusal(f"{value} is not a valid id", reason="input_validation_failed")
