"""Rows that all tests of a file start from, written once: in a transaction around theirs, which ends with the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def shared_rows(django_db_blocker: Any) -> Iterator[None]:
    """In it a fixture of a module's scope writes and yields; what a test adds or changes goes back to that.

    `now()` is the same moment for the whole file.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
