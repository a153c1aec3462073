"""Sums in the details of findings are money, never minor units."""

import re

import pytest

from noirel.backoffice.audit.check import Check
from noirel.backoffice.audit.checks import CHECKS
from noirel.backoffice.audit.sums import sum_of, with_sums
from noirel.core.db import prepared

_SUMS = re.compile(r"coalesce\('‹'.*?'›', [^)]*\)", re.DOTALL)
_AMOUNTS = re.compile(r"\w*amount\b|\.(?:fee|credit|debit)\b|postings|_price\b")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("655000", "'INR'", "₹6,550"),
        ("-12345678", "'INR'", "−₹1,23,456.78"),
        ("1250", "'KWD'", "KWD 1.250"),
        ("6550", "'JPY'", "¥6,550"),
        ("(SELECT sum(x) FROM (VALUES (5::bigint), (7)) AS t(x))", "'USD'", "$0.12"),
        ("0", "'XX'", "0 XX"),  # the gateway named a currency that there isn't
        ("NULL::bigint", "'INR'", "nothing"),
        ("5", "NULL::text", "nothing"),
    ],
)
def test_a_sum_is_written_as_money_in_its_own_currency(amount: str, currency: str, text: str) -> None:
    ((detail,),) = prepared.execute(f"SELECT format('%s is left', {sum_of(amount, currency)})")
    assert with_sums(detail) == f"{text} is left"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_no_detail_names_an_amount_without_its_currency(check: Check) -> None:
    shown = check.sql.split("FROM", maxsplit=1)[0]
    assert _AMOUNTS.findall(_SUMS.sub("", shown)) == []
