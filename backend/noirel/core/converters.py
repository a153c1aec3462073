"""Path converters that accept one spelling per number, and only numbers that fit in a PostgreSQL bigint."""

from django.urls import register_converter

BIGINT_MAX = 2**63 - 1


class NaturalConverter:
    """`<natural:id>`: a non-negative bigint in canonical form. Django's `int` also accepts `007`, and thirty digits."""

    regex = "0|[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > BIGINT_MAX:
            raise ValueError  # tells Django that the route doesn't match
        return number

    def to_url(self, value: int) -> str:
        return str(value)


def register() -> None:
    register_converter(NaturalConverter, "natural")
