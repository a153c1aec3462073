"""The ledger across orders and the table by day: what moved can be added up, in every currency."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from noirel.backoffice.reconciliation import selectors
from noirel.core.shop_time import shop_day
from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry
from noirel.ledger.selectors import balances, sums_of
from noirel.ledger.selectors import entries as entries_for
from noirel.ledger.services import Booking, post
from noirel.orders.models import Order
from noirel.payments import books
from noirel.payments.lifecycle import PaymentUpdate
from tests.client import Client

START = datetime(2026, 11, 3, 12, tzinfo=UTC)
ENTRIES = "admin/ledger/entries"
KINDS = ["sale", "stray", "refund", "failed refund", "lost dispute", "won dispute", "settlement", "adjustment"]


def fact(number: int, amount: int, currency: str) -> PaymentUpdate:
    return PaymentUpdate(f"pay_{number}", f"order_{number}", "captured", amount, currency, fee=amount // 40, tax=amount // 400)


def order_of(number: int, amount: int, currency: str) -> Order:
    return Order(
        number=f"NOIR-{number}", currency=currency, total_amount=amount, subtotal_amount=amount, discount_amount=0,
        shipping_amount=0, shipping_tax_amount=0, tax_amount=amount // 6,
    )  # fmt: skip


def bookings(kind: str, number: int, amount: int, currency: str) -> Iterator[Booking]:
    """What the payments app books for one fact."""
    order, name = order_of(number, amount, currency), f"{kind}-{number}"
    promise = books.refund_promised(order, refund=name, amount=amount, refunded_before=0, tax_back=amount // 6)
    if kind == "sale":
        paid = fact(number, amount, currency)
        yield books.captured(order.number, paid)
        yield from books.gateway_fee(order.number, paid)
        yield books.order_paid(order)
    if kind == "stray":
        yield books.unmatched_captured(name, payment_id=name, amount=amount, currency=currency, was_booked=False)
    if kind == "refund":
        yield promise
        yield books.refund_processed(order.number, refund=name, amount=amount, currency=currency)
    if kind == "failed refund":
        yield promise
        yield books.refund_failed(promise)
    if kind == "lost dispute":
        yield books.dispute_lost(order.number, dispute=name, amount=amount, owed=amount // 3, currency=currency)
    if kind == "settlement":
        yield books.settled(name, amount=amount, currency=currency)
    if kind == "adjustment":  # booked by hand: no kind that a column of its own knows
        postings = {Account.GATEWAY: -amount, Account.BANK: amount // 2, Account.FEES: amount - amount // 2}
        yield Booking(name, "adjustment", name, currency, postings)


SCHEDULES = st.lists(
    st.tuples(
        st.integers(0, 20 * 24 * 60),  # minutes after START: more days than the table shows
        st.sampled_from(KINDS),
        st.integers(1000, 10**9),
        st.sampled_from(["INR", "USD", "JPY", "KWD"]),
    ),
    max_size=25,
)


class AnySchedule(TestCase):
    @settings(max_examples=60)
    @given(schedule=SCHEDULES)
    def test_every_day_adds_up_in_every_currency(self, schedule: list[tuple[int, str, int, str]]) -> None:
        for number, (minutes, kind, amount, currency) in enumerate(sorted(schedule)):
            with time_machine.travel(START + timedelta(minutes=minutes), tick=False), transaction.atomic():
                post(*bookings(kind, number, amount, currency))
        moved: Counter[tuple[Any, str, Account]] = Counter()
        for entry in Entry.objects.all():
            for account, amount in entry.postings.items():
                moved[shop_day(entry.at), entry.currency, Account(account)] += amount
        days = sorted({day for day, _, _ in moved}, reverse=True)[: selectors.DAYS]
        rows = selectors.days()
        assert {(row.on, row.currency) for row in rows} == {(day, currency) for day, currency, _ in moved if day in days}
        assert [row.on for row in rows] == sorted((row.on for row in rows), reverse=True)
        holds: dict[str, int] = {}
        for row in rows:  # the newest first
            flows = row.captured - row.fees - row.refunded - row.disputes_lost - row.settled + row.adjustments
            assert row.opening + flows == row.gateway
            changes = {account: row.books.change(account) for account in Account}
            assert sum(changes.values()) == 0
            assert changes == {account: moved[row.on, row.currency, account] for account in Account}
            of_the_day = {(account, row.currency): amount for account, amount in changes.items() if amount}
            assert sums_of(entries_for(first=row.on, last=row.on, currency=row.currency)) == of_the_day
            assert row.gateway == holds.get(row.currency, row.gateway)
            holds[row.currency] = row.opening
            for account in changes:
                closing = balances(until=row.on).get((account, row.currency), 0)
                assert row.books.closing(account) == closing or account not in {moved for moved, _ in row.books.moved}
        newest = {row.currency: row.gateway for row in reversed(rows)}
        assert newest == {currency: balances().get((Account.GATEWAY, currency), 0) for currency in newest}


@pytest.fixture
def booked(db: None) -> None:
    """Two orders and a settlement over two days of India, in two currencies; the second order is of the database."""
    with time_machine.travel(datetime(2026, 11, 3, 18, 20, tzinfo=UTC), tick=False), transaction.atomic():  # 23:50 in India
        post(*bookings("sale", 1, 1_000_00, "INR"))
        post(*bookings("sale", 2, 500, "JPY"))
    with (
        time_machine.travel(datetime(2026, 11, 3, 18, 40, tzinfo=UTC), tick=False),
        transaction.atomic(),
    ):  # 00:10
        post(*bookings("lost dispute", 1, 300_00, "INR"))
        post(*bookings("settlement", 3, 200_00, "INR"))


def text_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def listed(staff: Client, **query: Any) -> list[str]:
    answer = staff.get(ENTRIES, query)
    assert answer.status_code == 200, answer.content
    return [entry["kind"] for entry in answer.json()["results"]]


@pytest.mark.usefixtures("booked")
def test_entries_are_found_by_account_day_order_and_currency(staff: Client) -> None:
    assert listed(staff) == ["settlement", "dispute_lost", "sale", "fee", "capture", "sale", "fee", "capture"]
    assert listed(staff, account="disputes") == ["dispute_lost"]
    assert listed(staff, **{"from": "2026-11-04"}) == ["settlement", "dispute_lost"]
    assert listed(staff, to="2026-11-03", currency="JPY") == ["sale", "fee", "capture"]
    assert listed(staff, order="NOIR-1", account="gateway") == ["dispute_lost", "fee", "capture"]
    assert listed(staff, order="NOIR-404") == []
    for query in (
        {"account": "nobody"},
        {"from": "yesterday"},
        {"currency": "inr"},
        {"from": "2026-11-04", "to": "2026-11-03"},
    ):
        assert staff.get(ENTRIES, query).status_code == 400


@pytest.mark.usefixtures("booked")
def test_entries_are_read_page_by_page_and_summed_over_all_of_them(staff: Client) -> None:
    first = staff.get(ENTRIES, {"currency": "INR", "limit": "2"}).json()
    assert (first["total"], [entry["kind"] for entry in first["results"]]) == (5, ["settlement", "dispute_lost"])
    rest = staff.get(ENTRIES, {"currency": "INR", "limit": "100", "cursor": first["next"]}).json()
    assert ([entry["kind"] for entry in rest["results"]], rest["next"]) == (["sale", "fee", "capture"], None)
    sums = {row["account"]: row["amount"] for row in first["sums"]}
    assert sums == {row["account"]: row["amount"] for row in rest["sums"]}
    assert sums["bank"] == {"amount": 200_00, "currency": "INR"}
    assert sums["gateway"]["amount"] == balances()[(Account.GATEWAY, "INR")]
    assert sum(row["amount"] for row in sums.values()) == 0
    assert first["results"][1] | {"hash": "", "number": 0} == {
        "number": 0, "key": "dispute-lost:lost dispute-1", "kind": "dispute_lost", "at": "2026-11-03T18:40:00.000Z",
        "day": "2026-11-04", "order": None, "reference": "NOIR-1", "currency": "INR", "memo": "", "hash": "",
        "postings": [
            {"account": "gateway", "name": "Gateway balance", "amount": {"amount": -300_00, "currency": "INR"}},
            {"account": "desk", "name": "Unmatched payments", "amount": {"amount": 100_00, "currency": "INR"}},
            {"account": "disputes", "name": "Lost disputes", "amount": {"amount": 200_00, "currency": "INR"}},
        ],
    }  # fmt: skip


def test_the_table_by_day_has_a_row_for_each_currency_and_a_column_for_lost_disputes(staff: Client, booked: None) -> None:
    rows = staff.get("admin/reconciliation").json()["days"]
    assert [(row["on"], row["currency"]) for row in rows] == [
        ("2026-11-04", "INR"), ("2026-11-03", "JPY"), ("2026-11-03", "INR"),
    ]  # fmt: skip
    second = {
        name: rows[0][name]["amount"] for name in ("opening", "captured", "disputes_lost", "settled", "adjustments", "gateway")
    }
    assert second == {
        "opening": 975_00, "captured": 0, "disputes_lost": 300_00, "settled": 200_00, "adjustments": 0, "gateway": 475_00,
    }  # fmt: skip
    for row in rows:
        assert sum(account["change"]["amount"] for account in row["accounts"]) == 0
        assert {account["change"]["currency"] for account in row["accounts"]} == {row["currency"]}
        (gateway,) = [account for account in row["accounts"] if account["account"] == "gateway"]
        assert (gateway["opening"], gateway["closing"]) == (row["opening"], row["gateway"])


def test_the_file_has_a_line_for_each_posting_and_no_formula(staff: Client, booked: None) -> None:
    with transaction.atomic():
        evil = {Account.GATEWAY: 5, Account.UNMATCHED: -5}
        post(Booking("=HYPERLINK(1)", "@kind", "+91", "INR", evil, memo='-2+3,"x"'))
    answer = staff.get(f"{ENTRIES}.csv")
    assert (answer.status_code, answer["Content-Type"], answer.streaming) == (200, "text/csv; charset=utf-8", True)
    text = text_of(answer)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == sum(len(entry.postings) for entry in Entry.objects.all())
    for currency in ("INR", "JPY"):
        mine = [row for row in rows if row["Currency"] == currency]
        assert sum(Decimal(row["Debit"] or 0) for row in mine) == sum(Decimal(row["Credit"] or 0) for row in mine)
    amounts = {row["Debit"] or row["Credit"] for row in rows}
    assert {"0.05", "200.00"} <= amounts  # in rupees, not in paise
    assert not any("." in (row["Debit"] or row["Credit"]) for row in rows if row["Currency"] == "JPY")
    assert [(row["Key"], row["Kind"], row["Reference"], row["Memo"]) for row in rows[-2:]] == [
        ("'=HYPERLINK(1)", "'@kind", "'+91", '\'-2+3,"x"')
    ] * 2
    only = text_of(staff.get(f"{ENTRIES}.csv", {"account": "disputes"}))
    assert len(only.splitlines()) == 4


@pytest.mark.usefixtures("booked")
def test_the_ledger_is_for_who_answers_for_the_money(staff_as: Callable[[str], Client], client: Client) -> None:
    for path in (ENTRIES, f"{ENTRIES}.csv"):
        assert (staff_as("packer").get(path).status_code, client.get(path).status_code) == (403, 401)


def test_the_list_costs_the_same_however_many_entries(
    staff: Client, booked: None, django_assert_num_queries: Callable[..., Any]
) -> None:
    # who asks and what they may, how many, the entries, which of them are orders', the sums
    for limit in ("1", "8"):
        with django_assert_num_queries(5):
            staff.get(ENTRIES, {"limit": limit})
    with django_assert_num_queries(1):
        selectors.days()
