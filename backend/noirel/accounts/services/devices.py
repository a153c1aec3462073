"""Devices that have signed in before, so that strangers' wrong passwords don't lock an account's owner out.

After each sign-in a browser gets a signed, long-lived cookie that names the device and the accounts it has signed in to. Tries
from such a device are counted for that device alone; everybody else's tries for one account are counted together
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies). The cookie signs nobody in, and says
nothing about the accounts: it holds keyed hashes of their e-mails.
"""

import secrets
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

from noirel.accounts.models import normal_email

_SALT = "accounts.device"
_MOST_ACCOUNTS = 5  # the ones that signed in last; a cookie has room for no more than 4 kB


@dataclass(frozen=True, slots=True)
class Device:
    """A browser: its random id, and when (Unix time) it signed in to which accounts."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    accounts: dict[str, int] = field(default_factory=dict)

    def knows(self, email: str) -> bool:
        """Whether this device has signed in to that account within DEVICE_LIFETIME."""
        signed_in_at = self.accounts.get(_key(email), 0)
        return time.time() - signed_in_at < settings.DEVICE_LIFETIME.total_seconds()

    def caller(self, email: str) -> str:
        """Whose tries for an account are counted together: this device's if it is known there, else all strangers'."""
        mailbox = normal_email(email)
        return f"{self.id} {mailbox}" if self.knows(email) else mailbox

    def after_sign_in(self, email: str) -> "Device":
        others = sorted(((key, at) for key, at in self.accounts.items() if key != _key(email)), key=lambda one: -one[1])
        return Device(self.id, {_key(email): int(time.time()), **dict(others[: _MOST_ACCOUNTS - 1])})

    def cookie(self) -> str:
        return signing.dumps([self.id, self.accounts], salt=_SALT)


def device_of(cookie: str) -> Device:
    """The device that a cookie names; a new one, which is known nowhere, if there is none or it is not ours."""
    try:
        device_id, accounts = signing.loads(cookie, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return Device()
    return Device(device_id, accounts)


def _key(email: str) -> str:
    return salted_hmac(_SALT, normal_email(email), algorithm="sha256").hexdigest()[:16]
