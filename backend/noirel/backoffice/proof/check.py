"""What a check is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """name is for programs, says for people."""

    name: str
    says: str
    sql: str
    at_rest: bool = False
