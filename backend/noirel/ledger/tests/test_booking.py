"""The ledger accepts balanced entries, once each, and tampering with them is detected."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from noirel.core.history import Broken, broken_links, broken_seals, rows_of, seal
from noirel.ledger.accounts import Account
from noirel.ledger.models import HISTORY, Entry
from noirel.ledger.selectors import balances, entries_of
from noirel.ledger.services import Booking, post

pytestmark = pytest.mark.django_db


def booking(key: str, amount: int = 100, *, reference: str = "NE-1", **postings: int) -> Booking:
    return Booking(key, "test", reference, "INR", {Account.GATEWAY: amount, Account.CUSTOMERS: -amount})


@contextmanager
def triggers_disabled() -> Iterator[Any]:
    """Disable the triggers, as somebody with the database password could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_a_key_is_booked_once() -> None:
    assert post(booking("capture:pay_1"), booking("capture:pay_2", 50)) == {"capture:pay_1", "capture:pay_2"}
    assert post(booking("capture:pay_1", 999), booking("capture:pay_3")) == {"capture:pay_3"}
    assert balances() == {(Account.GATEWAY, "INR"): 250, (Account.CUSTOMERS, "INR"): -250}
    assert [entry.key for entry in entries_of("NE-1")] == ["capture:pay_1", "capture:pay_2", "capture:pay_3"]


@pytest.mark.parametrize(
    "postings",
    [
        {Account.GATEWAY: 100, Account.CUSTOMERS: -99},
        {Account.GATEWAY: 100},
        {Account.GATEWAY: 0, Account.CUSTOMERS: 0},
        {},
    ],
)
def test_the_database_refuses_an_unbalanced_entry(postings: dict[Account, int]) -> None:
    with pytest.raises(IntegrityError, match="entry_balances"), transaction.atomic():
        post(Booking("x", "test", "NE-1", "INR", postings))
    assert not Entry.objects.exists()


def test_the_database_refuses_to_edit_or_delete_an_entry() -> None:
    post(booking("capture:pay_1"))
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Entry.objects.update(memo="better")
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Entry.objects.all().delete()


def test_an_untouched_chain_passes_verification() -> None:
    post(booking("a"), booking("b"), booking("c", reference="NE-2"))
    post(booking("d"))
    assert (entries_of("NE-1")[0].position, entries_of("NE-1")[0].prev_hash) == (1, "")
    assert entries_of("NE-1")[2].prev_hash == entries_of("NE-1")[1].hash
    assert seal(HISTORY) == 4
    assert seal(HISTORY) == 0
    assert not broken_links(HISTORY)
    assert not broken_seals(HISTORY)


@pytest.mark.parametrize(
    "edit",
    [
        """UPDATE ledger_entry SET postings = '{"gateway": 90, "customers": -90}' WHERE key = 'b'""",
        "UPDATE ledger_entry SET at = at - interval '1 day' WHERE key = 'b'",
        "UPDATE ledger_entry SET memo = 'nothing to see' WHERE key = 'b'",
    ],
)
def test_an_edited_entry_is_detected(edit: str) -> None:
    post(booking("a"), booking("b"), booking("c"))
    with triggers_disabled() as cursor:
        cursor.execute(edit)
    (broken,) = broken_links(HISTORY)
    assert (broken.what, broken.chain) == ("edited", "NE-1")
    assert rows_of(HISTORY, [broken.row])[0]["key"] == "b"


def test_a_deleted_entry_is_detected_by_the_next_one() -> None:
    post(booking("a"), booking("b"), booking("c"))
    with triggers_disabled() as cursor:
        cursor.execute("DELETE FROM ledger_entry WHERE key = 'b'")
    after = Entry.objects.get(key="c")
    assert broken_links(HISTORY) == [Broken("ledger", "out of its chain", after.number, "NE-1")]


def test_a_rewritten_chain_breaks_its_seal() -> None:
    post(booking("a"), booking("b"))
    seal(HISTORY)
    post(booking("c"))
    seal(HISTORY)
    with triggers_disabled() as cursor:
        cursor.execute("""UPDATE ledger_entry e SET postings = '{"gateway": 1, "customers": -1}' WHERE key = 'b'""")
        cursor.execute("UPDATE ledger_entry e SET hash = ledger_entry_hash(e) WHERE key = 'b'")
        cursor.execute("UPDATE ledger_entry SET prev_hash = (SELECT hash FROM ledger_entry WHERE key = 'b') WHERE key = 'c'")
        cursor.execute("UPDATE ledger_entry e SET hash = ledger_entry_hash(e) WHERE key = 'c'")
    assert not broken_links(HISTORY)
    assert [broken.row for broken in broken_seals(HISTORY)] == [1, 2]


def test_deleting_a_whole_chain_breaks_its_seal() -> None:
    post(booking("a"), booking("b", reference="NE-2"))
    seal(HISTORY)
    with triggers_disabled() as cursor:
        cursor.execute("DELETE FROM ledger_entry WHERE chain = 'NE-2'")
    assert not broken_links(HISTORY)
    assert [broken.row for broken in broken_seals(HISTORY)] == [1]


def test_a_deleted_seal_is_detected() -> None:
    for key in "abc":
        post(booking(key))
        seal(HISTORY)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_seal WHERE position = 2")
    assert [broken.row for broken in broken_seals(HISTORY)] == [3]


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_extend_one_chain() -> None:
    def write(name: str) -> None:
        for n in range(10):
            with transaction.atomic():
                post(booking(f"{name}{n}"), booking(f"all:{n}"))
        connection.close()

    threads = [Thread(target=write, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Entry.objects.count() == 50
    assert not broken_links(HISTORY)


class BalancesTest(TestCase):
    @settings(max_examples=50)
    @given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 10**12)), max_size=12))
    def test_balances_are_the_sum_of_the_first_booking_of_each_key(self, bookings: list[tuple[str, int]]) -> None:
        first: dict[str, int] = {}
        for key, amount in bookings:
            post(booking(key, amount))
            first.setdefault(key, amount)
        totals = balances()
        assert totals.get((Account.GATEWAY, "INR"), 0) == sum(first.values())
        assert sum(totals.values()) == 0
