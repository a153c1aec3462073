"""If-Match on stock terms, as on every resource that staff edit."""

import pytest

from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db


def test_a_stale_if_match_does_not_overwrite_the_terms(staff: Client) -> None:
    variant = make_variant(price=inr(900_00))
    path = f"admin/inventory/{variant.sku}"
    etag = staff.get(path)["ETag"]
    staff.post(f"{path}/adjust", {"delta": 3, "reason": "received"})  # changes quantities, not the terms
    first = staff.patch(f"{path}/terms", {"policy": "backorder"}, HTTP_IF_MATCH=etag)
    assert first.status_code == 200
    stale = staff.patch(f"{path}/terms", {"policy": "preorder"}, HTTP_IF_MATCH=etag)
    assert (stale.status_code, staff.get(path).json()["policy"]) == (412, "backorder")
    assert staff.patch(f"{path}/terms", {"policy": "preorder"}, HTTP_IF_MATCH=first["ETag"]).status_code == 200
