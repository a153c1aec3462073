"""A file of any size passes through a few mebibytes."""

import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest

from noirel.backoffice.files import PIECE, FileTooLarge, pieces_of, store
from noirel.backoffice.imports import reading
from noirel.backoffice.models import StoredFile

pytestmark = pytest.mark.django_db
MANY = 24  # mebibytes


def rows() -> Iterator[bytes]:
    yield b"Handle,Title,Variant Price\n"
    for number in range(MANY):
        line = b"product-%03d,%s,1.00\n" % (number, b"x" * 1000)
        yield line * (PIECE // len(line))


def test_keeping_and_reading_a_large_file_takes_little_memory() -> None:
    tracemalloc.start()
    try:
        file = store("large.csv", rows(), most=MANY * PIECE)
        form = reading.inspect(partial(pieces_of, file.pk))
        count = sum(1 for _ in reading.records(partial(pieces_of, file.pk), form.encoding, form.delimiter))
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert file.bytes > (MANY - 1) * PIECE
    assert count == 1 + MANY * (PIECE // len(b"product-000,,1.00\n" + b"x" * 1000))
    assert most < 12 * PIECE
    assert kept < 4 * PIECE


def test_more_than_is_taken_is_not_kept() -> None:
    with pytest.raises(FileTooLarge, match="larger than 3 MB"):
        store("large.csv", rows(), most=3 * PIECE)
    assert not StoredFile.objects.exists()
