"""A file of any size passes through a few mebibytes."""

import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest

from noirel.backoffice.files import PART_BYTES, FileTooLarge, read_parts, store
from noirel.backoffice.imports import reading
from noirel.backoffice.models import StoredFile

pytestmark = pytest.mark.django_db
MANY = 24  # mebibytes


def rows() -> Iterator[bytes]:
    yield b"Handle,Title,Variant Price\n"
    for number in range(MANY):
        line = b"product-%03d,%s,1.00\n" % (number, b"x" * 1000)
        yield line * (PART_BYTES // len(line))


def test_keeping_and_reading_a_large_file_takes_little_memory() -> None:
    tracemalloc.start()
    try:
        file = store("large.csv", rows(), most=MANY * PART_BYTES)
        form = reading.inspect(partial(read_parts, file.pk))
        count = sum(1 for _ in reading.records(partial(read_parts, file.pk), form.encoding, form.delimiter))
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert file.bytes > (MANY - 1) * PART_BYTES
    assert count == 1 + MANY * (PART_BYTES // len(b"product-000,,1.00\n" + b"x" * 1000))
    assert most < 12 * PART_BYTES
    assert kept < 4 * PART_BYTES


def test_more_than_is_taken_is_not_kept() -> None:
    with pytest.raises(FileTooLarge, match="larger than 3 MB"):
        store("large.csv", rows(), most=3 * PART_BYTES)
    assert not StoredFile.objects.exists()
