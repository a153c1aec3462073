"""What a spreadsheet does to a cell, and how it is undone. Pure.

A cell that begins with = + - @, or with one of their full-width forms, is a formula to a spreadsheet; an apostrophe before it
says that it is text. Such cells lose one apostrophe when they are read. So a file for spreadsheets gives one to each of them,
and a plain file only to those that would lose one of their own: both come back as they were.
"""

import re

_BEGINNINGS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(f"'*[{re.escape(_BEGINNINGS)}]")
_MARKED = re.compile(f"'+[{re.escape(_BEGINNINGS)}]")


def unescape_formula(cell: str) -> str:
    return cell[1:] if _MARKED.match(cell) else cell


def escape_formula(cell: str, *, for_spreadsheets: bool) -> str:
    return f"'{cell}" if (_FORMULA if for_spreadsheets else _MARKED).match(cell) else cell


def unescape_code(cell: str) -> str:
    """A SKU or barcode: spreadsheets put an apostrophe before any of them, to keep its zeros."""
    return cell.removeprefix("'").strip()


def escape_code(code: str, *, for_spreadsheets: bool) -> str:
    is_formula = for_spreadsheets and code.startswith(tuple(_BEGINNINGS))
    return f"'{code}" if code.startswith("'") or is_formula else code


def quote(cell: str) -> str:
    """A cell by RFC 4180."""
    if any(char in cell for char in '",\n\r') or cell != cell.strip():
        return '"' + cell.replace('"', '""') + '"'
    return cell
