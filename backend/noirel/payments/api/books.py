"""GET admin/orders/{number}/books: the ledger entries of one order."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.core.domain.money import Money
from noirel.core.http import APIView, MoneyField, Out, Request
from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry
from noirel.ledger.selectors import balances, entries_of
from noirel.orders.selectors import order_for
from noirel.orders.shapes import format_instant


class PostingOut(Out):
    account = serializers.ChoiceField([str(account) for account in Account])
    name = serializers.CharField()
    amount = MoneyField(help_text="Debits (assets and expenses) are positive, credits (liabilities and income) negative.")


class BookedOut(Out):
    key = serializers.CharField(help_text="Unique key of the booked fact: a fact is booked once.")
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    postings = PostingOut(many=True)
    hash = serializers.CharField(help_text="SHA-256 over this entry and the hash of the previous one.")


class OrderBooksOut(Out):
    entries = BookedOut(many=True)
    balances = PostingOut(many=True)


def posting_json(account: Account, amount: int, currency: str) -> dict[str, Any]:
    return {"account": account, "name": account.label, "amount": Money(amount, currency).json()}


def entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "kind": entry.kind,
        "at": format_instant(entry.at),
        "postings": [
            posting_json(account, amount, entry.currency) for account in Account if (amount := entry.postings.get(account))
        ],
        "hash": entry.hash,
    }


class OrderBooksView(APIView):
    """Every ledger entry of an order, oldest first, and the balance of each account.

    A non-zero balance of a transit account shows money that was neither earned nor returned.
    """

    permission = "orders.refund"

    @extend_schema(responses=OrderBooksOut)
    def get(self, request: Request, number: str) -> Response:
        order = order_for(request.viewer, number)
        remaining = balances(reference=order.number)
        accounts = list(Account)
        return Response(
            {
                "entries": [entry_json(entry) for entry in entries_of(order.number)],
                "balances": [
                    posting_json(account, amount, currency)
                    for (account, currency), amount in sorted(remaining.items(), key=lambda row: accounts.index(row[0][0]))
                    if amount
                ],
            }
        )
