"""Files in the database, a piece at a time: neither writing nor reading one holds more than a mebibyte of it."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import transaction

from noirel.backoffice.models import FilePart, StoredFile
from noirel.core.db import prepared

PART_BYTES = 1024 * 1024
_INSERT_PART = "INSERT INTO backoffice_filepart (file_id, number, content) VALUES (%s::uuid, %s, %s)"


class FileTooLarge(ValueError):
    """More bytes than are taken."""


@transaction.atomic
def store(name: str, pieces: Iterable[bytes], *, most: int) -> StoredFile:
    """Keep a file. Raises FileTooLarge beyond `most` bytes."""
    file = StoredFile.objects.create(name=name[-255:])
    writer = Writer(file)
    for piece in pieces:
        writer.write(piece)
        if writer.size > most:
            raise FileTooLarge(f"It is larger than {most // PART_BYTES} MB.")
    writer.close()
    return file


class Writer:
    """Collects what is written into parts of PIECE bytes."""

    def __init__(self, file: StoredFile) -> None:
        self.file = file
        self.size = 0
        self._number = 0
        self._waiting = bytearray()

    def write(self, piece: bytes) -> None:
        self._waiting += piece
        self.size += len(piece)
        while len(self._waiting) >= PART_BYTES:
            self._keep(bytes(self._waiting[:PART_BYTES]))
            del self._waiting[:PART_BYTES]

    def close(self) -> None:
        if self._waiting:
            self._keep(bytes(self._waiting))
            self._waiting.clear()
        self.file.bytes = self.size
        self.file.save(update_fields=["bytes"])

    def _keep(self, content: bytes) -> None:
        # Bound, not written into the statement: psycopg remembers the text of the last hundred.
        prepared.execute(_INSERT_PART, str(self.file.pk), self._number, content)
        self._number += 1


def read_parts(file_id: UUID) -> Iterator[bytes]:
    """The file from its beginning; one statement a piece, so that none is held longer than it is read."""
    number = 0
    while True:
        content = FilePart.objects.filter(file_id=file_id, number=number).values_list("content", flat=True).first()
        if content is None:
            return
        yield bytes(content)
        number += 1
