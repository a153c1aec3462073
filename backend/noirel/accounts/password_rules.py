"""Which passwords are refused, in our own words. Pure: nothing is asked of anybody.

Django calls these validators by settings.AUTH_PASSWORD_VALIDATORS. The lists of common and leaked passwords come with Django
(20,000) and with zxcvbn (30,000, and the patterns people make of them: https://github.com/dropbox/zxcvbn).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

MIN_LENGTH = 10
# zxcvbn's scale of 0 to 4; from 3 on a password takes more than 10^8 guesses.
MIN_SCORE = 3
_LONGEST_SCORED = 72  # characters: zxcvbn takes no more, and its time grows with the square of them
_SHORTEST_WORD = 4  # a name of three letters is in too many other words
_LOOK_ALIKES = str.maketrans("@4310$57!", "aaeiossti")


class LongEnough:
    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < MIN_LENGTH:
            raise ValidationError(
                "Use at least %(min_length)d characters.", code="password_too_short", params={"min_length": MIN_LENGTH}
            )

    def get_help_text(self) -> str:
        return f"Use at least {MIN_LENGTH} characters."


class NotCommon:
    """Refuses what attackers try first: passwords that are used often or were leaked, and easy variations of them."""

    def validate(self, password: str, user: Any = None) -> None:
        plain = unicodedata.normalize("NFKC", password).casefold().strip()
        if plain in _common() or plain.translate(_LOOK_ALIKES) in _common():
            raise ValidationError(
                "Many people use this password, or it has been leaked. Choose a different one.", code="password_too_common"
            )
        # Scored only once it is long enough: one reason at a time.
        if len(password) >= MIN_LENGTH and zxcvbn(password[:_LONGEST_SCORED])["score"] < MIN_SCORE:
            raise ValidationError("This password is easy to guess. Add a few unrelated words.", code="password_too_guessable")

    def get_help_text(self) -> str:
        return "Don't use a common password."


class NotPersonal:
    """Refuses one's own name, e-mail address or phone number, and the name of the shop, with or without something around it."""

    def validate(self, password: str, user: Any = None) -> None:
        squeezed = _squeezed(password)
        spelled = {squeezed, squeezed.translate(_LOOK_ALIKES), _squeezed(password.translate(_LOOK_ALIKES))}
        for word in {*_personal_words(user), _squeezed(settings.SHOP_NAME)}:
            if word and any(word in spelling for spelling in spelled):
                raise ValidationError(
                    "Leave out your name, e-mail address and phone number, and the name of the shop.",
                    code="password_too_similar",
                )

    def get_help_text(self) -> str:
        return "Leave out your name and e-mail address."


def _personal_words(user: Any) -> Iterator[str]:
    name, phone = getattr(user, "name", "") or "", getattr(user, "phone", "") or ""
    mailbox, _, _ = (getattr(user, "email", "") or "").partition("@")
    for text in (name, mailbox):
        for word in (text, *re.split(r"[\W\d_]+", text)):
            squeezed = _squeezed(word)
            if len(squeezed) >= (_SHORTEST_WORD if squeezed.isascii() else 2):
                yield squeezed
    digits = re.sub(r"\D", "", phone)[-8:]
    if len(digits) == 8:
        yield digits


def _squeezed(text: str) -> str:
    """Letters and digits alone, without case and accents: `Noor-Jahān` and `noorjahan` are one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if character.isalnum())


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
