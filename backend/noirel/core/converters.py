"""Path converters: one address for each row, and no number that PostgreSQL can't hold."""

from django.urls import register_converter

BIGINT_MAX = 2**63 - 1


class NaturalConverter:
    """`<natural:id>`: a bigint from 0 up, in canonical form. Django's `int` reads `007` as 7, and thirty digits as well."""

    regex = "0|[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > BIGINT_MAX:
            raise ValueError  # for Django: the route doesn't match
        return number

    def to_url(self, value: int) -> str:
        return str(value)


def register() -> None:
    register_converter(NaturalConverter, "natural")
