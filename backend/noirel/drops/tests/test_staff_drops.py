"""The desk's half, over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from noirel.drops.models import Drop
from tests.client import Client, with_key
from tests.make import make_drop, make_variant

pytestmark = pytest.mark.django_db


def written(*skus: str, **changes: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "slug": "minuit",
        "name": "Minuit",
        "words": "A hundred flacons, once.",
        "opens_at": (now + timedelta(hours=1)).isoformat(),
        "closes_at": (now + timedelta(hours=2)).isoformat(),
        "variants": list(skus),
    } | changes


def test_a_drop_from_the_first_word_to_the_shelf(staff: Client, client: Client) -> None:
    variant = make_variant(price=inr(12_500_00))
    made = staff.post("admin/drops", written(variant.sku, per_person=2, per_address=2))
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["acts"]) == ("draft", ["edit", "announce"])
    assert client.get("drops/minuit").status_code == 404
    assert client.get("drops").json()["results"] == []

    edited = staff.patch("admin/drops/minuit", {"per_person": 1}, HTTP_IF_MATCH=made["ETag"])
    assert (edited.status_code, edited.json()["per_person"]) == (200, 1)
    stale = staff.patch("admin/drops/minuit", {"per_person": 2}, HTTP_IF_MATCH=made["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")

    announced = staff.post("admin/drops/minuit/announce", {}, HTTP_IF_MATCH=edited["ETag"], **with_key("announce"))
    assert (announced.status_code, announced.json()["status"]) == (200, "announced")
    assert staff.post("admin/drops/minuit/announce", {}, **with_key("again")).json()["code"] == "drop_fixed"
    told = client.get("drops/minuit").json()
    assert (told["name"], told["status"], told["lottery"]) == ("Minuit", "announced", None)
    assert [(item["sku"], item["product"]["slug"]) for item in told["variants"]] == [(variant.sku, variant.product.slug)]
    assert client.get("drops").json()["total"] == 1
    assert client.get("drops/minuit/draw").status_code == 404
    assert client.post("drops/minuit/entries", {"email": "ira@example.com"}).status_code == 404

    assert staff.patch("admin/drops/minuit", {"per_person": 2}).json()["code"] == "drop_fixed"
    assert staff.patch("admin/drops/minuit", {"words": "At midnight."}).json()["words"] == "At midnight."
    assert staff.delete("admin/drops/minuit").json()["code"] == "drop_fixed"
    assert staff.post("admin/drops/minuit/close", {}).json()["acts"] == ["end"]
    assert staff.post("admin/drops/minuit/end", {}).json()["acts"] == []
    assert [entry.action for entry in AuditEntry.objects.order_by("id") if entry.action.startswith("drops.")] == [
        "drops.create", "drops.edit", "drops.announce", "drops.edit", "drops.close", "drops.end",
    ]  # fmt: skip


def test_what_nobody_has_seen_can_be_thrown_away(staff: Client) -> None:
    staff.post("admin/drops", written(make_variant(price=inr(900_00)).sku))
    assert staff.delete("admin/drops/minuit").status_code == 204
    assert not Drop.objects.exists()


def test_wrong_rules_are_named_by_field(staff: Client) -> None:
    variant = make_variant(price=inr(900_00))
    both = written(variant.sku, mode="lottery", units=None, closes_at=None)
    assert {error["field"] for error in staff.post("admin/drops", both).json()["errors"]} == {"units", "closes_at"}
    assert staff.post("admin/drops", written("NOT-THERE")).json()["errors"][0]["field"] == "variants"
    assert staff.post("admin/drops", written(variant.sku, hold_seconds=5)).json()["errors"][0]["field"] == "hold_seconds"
    assert staff.get("admin/drops?status=x").status_code == 400


def test_who_packs_sees_no_drops(staff_as: Callable[[str], Client]) -> None:
    packer = staff_as("packer")
    assert packer.get("admin/drops").status_code == 403
    assert packer.post("admin/drops", {}).status_code == 403


def test_staff_see_who_entered_and_by_place_once_drawn(staff: Client, client: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=3)
    lottery = written(variant.sku, mode="lottery", units=2, opens_at=timezone.now().isoformat())
    assert staff.post("admin/drops", lottery).status_code == 201
    assert staff.post("admin/drops/minuit/announce", {}).json()["lottery"]["winners"] == 2
    client.post("drops/minuit/entries", {"email": "ira@example.com"})
    seen = staff.get("admin/drops/minuit/entries").json()
    assert [(entry["email"], entry["state"]) for entry in seen["results"]] == [("ira@example.com", "unconfirmed")]
    assert staff.get("admin/drops").json()["results"][0]["counts"] == {"units_taken": 0, "unconfirmed": 1}


def test_a_lottery_of_more_units_than_there_are_says_how_many_beside_its_field(staff: Client) -> None:
    drop = make_drop(make_variant(price=inr(900_00), on_hand=3, sku="VEL-50"), mode="lottery", units=5, announced=False)
    refused = staff.post(f"admin/drops/{drop.slug}/announce")
    told = refused.json()
    assert (refused.status_code, told["code"], told["detail"]) == (409, "out_of_stock", "Only 3 units of VEL-50 are available.")
    assert told["lines"] == [{"sku": "VEL-50", "requested": 5, "available": 3}]
    assert told["errors"] == [{"field": "units", "code": "out_of_stock", "message": told["detail"]}]
