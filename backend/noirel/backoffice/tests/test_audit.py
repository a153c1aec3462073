"""The list of who changed what."""

from collections.abc import Callable
from typing import Any

import pytest

from noirel.core import audit_log
from noirel.core.viewer import SYSTEM
from tests.client import Client

pytestmark = pytest.mark.django_db


def test_changes_are_listed_newest_first(staff: Client, django_assert_num_queries: Any) -> None:
    audit_log.record(actor=SYSTEM, action="orders.ship", target="order:NE-1", after={"carrier": "Blue Dart"})
    audit_log.record(
        actor=SYSTEM, action="products.edit", target="product:encre", before={"name": "Enc"}, after={"name": "Encre"}
    )
    with django_assert_num_queries(3):  # who asks, how many, which
        page = staff.get("admin/audit?limit=1").json()
    assert page["total"] == 2
    assert page["results"][0] | {"id": "", "at": "", "request_id": ""} == {
        "id": "", "at": "", "actor": "system", "action": "products.edit", "target": "product:encre",
        "before": {"name": "Enc"}, "after": {"name": "Encre"}, "request_id": "",
    }  # fmt: skip
    rest = staff.get(f"admin/audit?limit=1&cursor={page['next']}").json()
    assert [entry["action"] for entry in rest["results"]] == ["orders.ship"]
    assert rest["next"] is None
    assert staff.get("admin/audit?target=order:NE-1").json()["total"] == 1


def test_a_packer_does_not_read_it(staff_as: Callable[[str], Client], client: Client, shopper: Client) -> None:
    assert staff_as("packer").get("admin/audit").status_code == 403
    assert shopper.get("admin/audit").status_code == 403
    assert client.get("admin/audit").status_code == 401
