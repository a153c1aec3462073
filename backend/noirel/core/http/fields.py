"""Serializer fields for input."""

from typing import Any

from rest_framework import serializers

from noirel.core.emails import canonical_email
from noirel.core.slugs import composed, is_slug, slugify
from noirel.core.text import has_link


class SlugField(serializers.CharField):
    """A slug that satisfies the rule of core/slugs.py.

    Upper case is converted to lower case unless any_case is set, as it is for the names of options and attributes.
    """

    default_error_messages = {
        "slug": "Use lower-case letters, digits and hyphens{suggestion}.",
        "slug_any_case": "Use letters, digits, hyphens and underscores{suggestion}.",
    }

    def __init__(self, *, max_length: int, any_case: bool = False, **options: Any) -> None:
        self.any_case = any_case
        options.setdefault("help_text", "Letters and digits of any script with their marks, hyphens, underscores.")
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> str:
        text = composed(str(super().to_internal_value(data)))
        text = text if self.any_case else composed(text.lower())
        max_length = self.max_length or 0
        if not is_slug(text, max_length=max_length, any_case=self.any_case):
            suggestion = slugify(text, max_length=max_length)
            key = "slug_any_case" if self.any_case else "slug"
            self.fail(key, suggestion=f", for example “{suggestion}”" if suggestion else "")
        return text


def without_link(text: str) -> None:
    """Validator of what people type about themselves and we print in mails: nobody may put a web address in our mouth."""
    if has_link(text):
        raise serializers.ValidationError("Leave out web addresses.", code="link")


class EmailField(serializers.EmailField):
    """An e-mail address, converted to its canonical spelling (core/emails.py)."""

    def to_internal_value(self, data: Any) -> str:
        text = str(super().to_internal_value(data))
        try:
            return canonical_email(text)
        except ValueError:
            self.fail("invalid")
