"""A record of a product file under its header, and what its cells say. Pure."""

from collections.abc import Callable, Sequence

from noirel.backoffice.imports.cells import unescape_formula
from noirel.backoffice.imports.columns import Header

MAX_ATTRIBUTE = 2000
YES, NO = {"true", "yes", "1"}, {"false", "no", "0"}
# (row, column, message, is_fatal=True): notes what is wrong with a record.
Refuse = Callable[..., None]


class Row:
    """One record under its header; `row["title"]` is trimmed, and blank where there is no such column."""

    __slots__ = ("cells", "header", "number")

    def __init__(self, number: int, cells: Sequence[str], header: Header) -> None:
        self.number = number
        self.header = header
        self.cells: dict[tuple[str, str], str] = {
            (column.meaning, column.name): cell.strip()
            for column, cell in zip(header.columns, cells, strict=False)
            if column.name and cell and not cell.isspace()
        }

    def raw(self, name: str) -> str:
        return self.cells.get(("known", name), "")

    def __getitem__(self, name: str) -> str:
        return unescape_formula(self.raw(name))

    def of(self, meaning: str, name: str) -> str:
        return unescape_formula(self.cells.get((meaning, name), ""))

    @property
    def is_variant(self) -> bool:
        return bool(self.raw("option1 value") or self.raw("sku") or self.raw("price"))


def parse_tags(cell: str) -> list[str]:
    """Split at commas, trimmed, once each whatever their case; the first spelling stays."""
    unique: dict[str, str] = {}
    for tag in cell.split(","):
        if tag.strip():
            unique.setdefault(tag.strip().casefold(), tag.strip())
    return list(unique.values())


def parse_list(text: str) -> list[str]:
    return [item.strip() for item in text.split("; ") if item.strip()]


def is_foreign_reference(text: str) -> bool:
    return len(text) > MAX_ATTRIBUTE or "gid://" in text or text[0] in "{[<" or "</" in text


def category_path(row: Row) -> list[str]:
    """The names of its category, from the root down."""
    levels = [level.strip()[:120].strip() for level in row["taxonomy"].split(">") if level.strip()]
    return [] if [level.casefold() for level in levels] == ["uncategorized"] else levels
