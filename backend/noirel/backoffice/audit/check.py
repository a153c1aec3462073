"""What a check is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """name is for programs, says for people.

    In sql, :shop_zone stands for the shop's time zone; amounts in details are written by `sum_of`.
    """

    name: str
    description: str
    sql: str
    at_rest: bool = False
