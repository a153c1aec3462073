"""GET admin/ledger/entries, GET admin/ledger/entries.csv: the ledger across orders, for who keeps the books."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.backoffice.imports.cells import escape_formula, quote
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.domain.money import Money, decimal_string, is_currency
from noirel.core.http import APIView, Out, Request, choice_param, day_param, paginate
from noirel.core.shop_time import shop_day
from noirel.ledger import selectors
from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry
from noirel.orders.models import Order
from noirel.orders.shapes import format_instant
from noirel.payments.api.books import BookedOut, PostingOut, entry_json, posting_json

PERMISSION = "orders.refund"
FILTERS = [
    OpenApiParameter("account", str, enum=Account.values, description="Entries that touch this account."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first of the shop's days."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last of them."),
    OpenApiParameter("order", str, description="An order's number; or the gateway's id of what is booked under no order."),
    OpenApiParameter("currency", str, description="ISO 4217."),
]


class LedgerEntryOut(BookedOut):
    number = serializers.IntegerField(help_text="In the order of booking.")
    day = serializers.DateField(help_text="The shop's day on which it was booked.")
    order = serializers.CharField(allow_null=True, help_text="Null: it is booked under no order.")
    reference = serializers.CharField(help_text="The order's number, or the gateway's id of money without an order.")
    currency = serializers.CharField()
    memo = serializers.CharField()


class LedgerPageOut(Out):
    results = LedgerEntryOut(many=True)
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField()
    sums = PostingOut(many=True, help_text="What all entries of these filters, on every page, change in each account.")


class LedgerEntriesView(APIView):
    """Entries of all orders and settlements, the newest first, and what they come to."""

    permission = PERMISSION

    @extend_schema(
        parameters=[*FILTERS, OpenApiParameter("limit", int), OpenApiParameter("cursor", str)], responses=LedgerPageOut
    )
    def get(self, request: Request) -> Response:
        rows = _filtered(request)
        page = paginate(rows, request, order=("-number",), out=lambda entry: entry)
        numbers = _orders_among(page["results"])
        order_of = list(Account)
        sums = sorted(selectors.sums_of(rows).items(), key=lambda row: (row[0][1], order_of.index(row[0][0])))
        page["results"] = [_entry(entry, numbers) for entry in page["results"]]
        page["sums"] = [posting_json(account, amount, currency) for (account, currency), amount in sums]
        return Response(page)


class LedgerFileView(APIView):
    """The same as CSV, a line for each posting, the oldest first; safe to open in a spreadsheet.

    Debit and Credit are in the currency's major unit, with all of its decimals: 46600.00.
    """

    permission = PERMISSION

    @extend_schema(parameters=FILTERS, responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> StreamingHttpResponse:
        rows = _filtered(request).order_by("number")
        response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="ledger.csv"'
        return response


HEADER = "Entry,Day,Booked at,Kind,Key,Reference,Account,Account name,Currency,Debit,Credit,Memo"


def _lines(rows: QuerySet[Entry]) -> Iterator[str]:
    yield HEADER + "\n"
    for entry in rows.iterator(chunk_size=2000):
        for account in Account:
            if amount := entry.postings.get(account):
                cells = (
                    entry.number, shop_day(entry.at), format_instant(entry.at), entry.kind, entry.key, entry.chain, account,
                    account.label, entry.currency, *_columns(amount, entry.currency), entry.memo,
                )  # fmt: skip
                yield ",".join(quote(escape_formula(str(cell), for_spreadsheets=True)) for cell in cells) + "\n"


def _columns(amount: int, currency: str) -> tuple[str, str]:
    """Debit and credit of a posting; the other one is empty."""
    text = decimal_string(Money(abs(amount), currency))
    return (text, "") if amount > 0 else ("", text)


def _filtered(request: Request) -> QuerySet[Entry]:
    """The entries asked for. Raises Invalid for a filter that can't be read."""
    params = request.query_params
    account, currency = choice_param(request, "account", Account.values), params.get("currency")
    if currency is not None and not is_currency(currency):
        raise Invalid(errors=[FieldError("currency", "invalid", "A currency is a code like INR.")])
    first, last = day_param(request, "from"), day_param(request, "to")
    if first and last and first > last:
        raise Invalid(errors=[FieldError("to", "invalid", "The last day comes before the first.")])
    return selectors.entries(
        account=Account(account) if account else None,
        reference=params.get("order", "").replace("\x00", "").strip(),
        currency=currency or "",
        first=first,
        last=last,
    )


def _orders_among(entries: Iterable[Entry]) -> set[str]:
    """The order numbers among the references of some entries."""
    return set(Order.objects.filter(number__in={entry.chain for entry in entries}).values_list("number", flat=True))


def _entry(entry: Entry, orders: set[str]) -> dict[str, Any]:
    return entry_json(entry) | {
        "number": entry.number,
        "day": shop_day(entry.at),
        "order": entry.chain if entry.chain in orders else None,
        "reference": entry.chain,
        "currency": entry.currency,
        "memo": entry.memo,
    }
