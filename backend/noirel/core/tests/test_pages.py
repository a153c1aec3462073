"""Keyset pagination returns every row exactly once, for any page size."""

from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis.extra.django import TestCase
from hypothesis.strategies import integers, lists, text
from rest_framework.request import Request

from noirel.core.domain.errors import Invalid
from noirel.core.http.pagination import paginate
from noirel.core.models import OutboxEvent


def _page(**query: Any) -> dict[str, Any]:
    request = Request(RequestFactory().get("/", {name: value for name, value in query.items() if value}))
    return paginate(OutboxEvent.objects.all(), request, order=("-attempts", "id"), out=lambda row: row.pk)


class PagesTest(TestCase):
    @given(lists(integers(0, 4), max_size=25), integers(1, 7))
    def test_pages_contain_every_row_once_and_in_order(self, attempts: list[int], limit: int) -> None:
        OutboxEvent.objects.bulk_create([OutboxEvent(name="x", key="k", payload={}, attempts=number) for number in attempts])
        seen: list[int] = []
        cursor = ""
        while True:
            page = _page(limit=limit, cursor=cursor)
            assert page["total"] == len(attempts)
            seen += page["results"]
            if not page["next"]:
                break
            cursor = page["next"]
        assert seen == list(OutboxEvent.objects.order_by("-attempts", "id").values_list("pk", flat=True))

    @given(text(min_size=1, max_size=40))
    def test_a_foreign_cursor_is_refused(self, cursor: str) -> None:
        with pytest.raises(Invalid):
            _page(cursor=cursor)

    def test_a_limit_is_a_number_from_1_to_100(self) -> None:
        for wrong in ("0", "101", "-1", "ten", "1.5", "٣", "9" * 30, "00000000199999999"):
            with pytest.raises(Invalid):
                _page(limit=wrong)
