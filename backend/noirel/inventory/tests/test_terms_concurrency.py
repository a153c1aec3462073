"""If-Match on the terms of stock, as on every resource that staff edit."""

import pytest

from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db


def test_terms_that_somebody_changed_meanwhile_are_not_overwritten(staff: Client) -> None:
    variant = make_variant(price=inr(900_00))
    path = f"admin/inventory/{variant.sku}"
    seen = staff.get(path)["ETag"]
    staff.post(f"{path}/adjust", {"delta": 3, "reason": "received"})  # units move; the terms are the same
    first = staff.patch(f"{path}/terms", {"policy": "backorder"}, HTTP_IF_MATCH=seen)
    assert first.status_code == 200
    stale = staff.patch(f"{path}/terms", {"policy": "preorder"}, HTTP_IF_MATCH=seen)
    assert (stale.status_code, staff.get(path).json()["policy"]) == (412, "backorder")
    assert staff.patch(f"{path}/terms", {"policy": "preorder"}, HTTP_IF_MATCH=first["ETag"]).status_code == 200
