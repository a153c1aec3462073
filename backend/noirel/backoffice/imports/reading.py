"""Bytes of a file to records, however large it is: encoding, delimiter and header are found first, then rows flow."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from noirel.backoffice.imports.columns import Header, read_header

MAX_CELL = 2 * 1024 * 1024  # characters; more is a quote that nobody closed
MAX_LINE = 8 * 1024 * 1024  # bytes
PREVIEW_ROWS = 5
csv.field_size_limit(MAX_CELL)

Pieces = Callable[[], Iterable[bytes]]  # the file from its beginning, as often as asked


class NotShopify(ValueError):
    """The file can't be read as a product file. The message is for people."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a file is written. encoding is Python's name of it."""

    encoding: str
    delimiter: str
    cells: tuple[str, ...]  # the header as it stands there
    preview: tuple[tuple[str, ...], ...]  # the first rows

    @property
    def header(self) -> Header:
        return read_header(self.cells)


def inspect(pieces: Pieces) -> FileFormat:
    """Reads it once for its encoding, and its beginning for the rest. Raises NotShopify."""
    encoding = _encoding(pieces)
    best: FileFormat | None = None
    for delimiter in (",", ";", "\t", "|"):
        rows = records(pieces, encoding, delimiter)
        try:
            cells = next((tuple(cell.replace("\x00", "") for cell in row) for _, row in rows), ())
            form = FileFormat(encoding, delimiter, cells, ())
            if best is None or len(form.header.known) > len(best.header.known):
                preview = tuple(
                    tuple(cell[:200].replace("\x00", "") for cell in row)
                    for (_, row), _ in zip(rows, range(PREVIEW_ROWS), strict=False)
                )
                best = FileFormat(encoding, delimiter, cells, preview)
        except csv.Error as error:
            if best is None:
                raise NotShopify(f"It is not a CSV file: {error}.") from None
            if best.delimiter == delimiter or len(form.header.known) > len(best.header.known):
                raise NotShopify(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    if best is None or not best.header.is_shopify:
        shown = ", ".join(cell for cell in (best.cells if best else ()) if cell)[:200]
        raise NotShopify(f"The first line that isn't blank has no Handle, URL handle or Title column; it says: {shown}")
    return best


def records(pieces: Pieces, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the row, its cells), the header first. Rows are numbered from 1 as in a spreadsheet; blank ones are left out.

    Raises csv.Error, with the line where the record begins, if a quote is never closed.
    """
    stream = io.TextIOWrapper(io.BufferedReader(_Pieces(pieces())), encoding=encoding, errors="replace", newline="")
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter)
    number = 0
    while True:
        first_line = lines.count + 1
        lines.of_record.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise csv.Error(_unclosed(first_line)) from None
            raise csv.Error(f"line {first_line}: {error}") from None
        if lines.is_over and _is_open(lines.of_record, delimiter):
            raise csv.Error(_unclosed(first_line))
        number += 1
        if any(cell and not cell.isspace() for cell in cells):
            yield number, cells


def _unclosed(line: int) -> str:
    return f"a quote is opened in the row that begins on line {line} and is never closed"


def _is_open(lines: list[str], delimiter: str) -> bool:
    """Whether the file ends inside quotes. Only the strict mode of the csv module says so, and it refuses more."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


class _Lines:
    """The lines of a stream, counted, with those of the record that is being read."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self.count = 0
        self.of_record: list[str] = []
        self.is_over = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._stream)
        except StopIteration:
            self.is_over = True
            raise
        self.count += 1
        self.of_record.append(line)
        return line


class _Pieces(io.RawIOBase):
    """A readable file of pieces that come one after the other."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a buffer is all it is given
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def _encoding(pieces: Pieces) -> str:
    """UTF-8 or UTF-16, with a mark or without, else what spreadsheets on Windows write."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    cp1252 = codecs.getincrementaldecoder("cp1252")()
    is_utf8 = is_cp1252 = True
    size = since_line = 0
    line = 1
    for piece in pieces():
        if size == 0:
            if piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            start = piece[:512]
            if b"\x00" in start:
                odd, even = start[1::2].count(0), start[0::2].count(0)
                if max(odd, even) > len(start) // 4:
                    return "utf-16-le" if odd > even else "utf-16-be"
        if b"\x00" in piece:
            line += piece[: piece.index(b"\x00")].count(b"\n")
            raise NotShopify(f"Line {line} contains a NUL byte: the file is damaged, or not a text file. Save it as CSV again.")
        line += piece.count(b"\n")
        size += len(piece)
        since_line = since_line + len(piece) if b"\n" not in piece and b"\r" not in piece else 0
        if since_line > MAX_LINE:
            raise NotShopify("It has a line of more than 8 MB: it is not a CSV file.")
        try:
            if is_utf8:
                utf8.decode(piece)
        except UnicodeDecodeError:
            is_utf8 = False
        try:
            if is_cp1252:
                cp1252.decode(piece)
        except UnicodeDecodeError:
            is_cp1252 = False
    if size == 0:
        raise NotShopify("The file is empty.")
    try:
        if is_utf8:
            utf8.decode(b"", final=True)
            return "utf-8-sig"
    except UnicodeDecodeError:
        pass
    return "cp1252" if is_cp1252 else "latin-1"
