"""Staff look at what was told: webhooks as they came, our own events, and either told once more."""

import hashlib
import json
from typing import Any

import pytest
from django.utils import timezone

from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry, OutboxEvent
from noirel.ledger.models import Entry
from noirel.payments.models import GatewayEvent
from tests.client import Client
from tests.make import make_variant
from tests.shopping import LocalGateway, Shopper, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def kept(name: str, **fields: Any) -> GatewayEvent:
    """A webhook in the store that is about nobody's payment."""
    body = json.dumps({"event": name, "payload": {"payment": {"entity": {"id": f"pay_{name}"}}}}).encode()
    digest = hashlib.sha256(body).hexdigest()
    return GatewayEvent.objects.create(event_id=f"evt_{name}", content_hash=digest, name=name, body=body, **fields)


def told(name: str, **fields: Any) -> OutboxEvent:
    return OutboxEvent.objects.create(name=name, key="NE-1", payload={"number": "NE-1"}, **fields)


def test_a_webhook_is_shown_as_it_came_and_applied_again_it_changes_nothing(
    staff: Client, guest: Shopper, gateway: LocalGateway, django_assert_num_queries: Any
) -> None:
    placed = guest.buy((make_variant(price=inr(900_00), on_hand=2).sku, 1))
    paid = gateway.pay(placed["payment"]["gateway_order_id"])
    wait_until(lambda: GatewayEvent.objects.filter(name="order.paid").exists())
    wait_until(lambda: not GatewayEvent.objects.filter(applied_at=None).exists())
    entries = Entry.objects.count()
    with django_assert_num_queries(5):  # who asks, the newest, how many, which, whose
        page = staff.get(f"admin/webhook-events?q={paid['razorpay_payment_id']}").json()
    assert {row["name"] for row in page["results"]} >= {"payment.captured", "order.paid"}
    assert {(row["order"], row["state"]) for row in page["results"]} == {(placed["order"]["number"], "applied")}
    captured = next(row for row in page["results"] if row["name"] == "payment.captured")
    assert captured["about"] == paid["razorpay_payment_id"]
    shown = staff.get(f"admin/webhook-events/{captured['id']}").json()
    assert hashlib.sha256(shown["body"].encode()).hexdigest() == shown["content_hash"]

    again = staff.post(f"admin/webhook-events/{captured['id']}/replay", {})
    assert (again.status_code, again.json()["state"]) == (200, "applied")
    assert (guest.order(placed)["status"], Entry.objects.count()) == ("paid", entries)
    assert AuditEntry.objects.get(action="webhooks.replay").target == f"webhook:{captured['event_id']}"


def test_webhooks_are_listed_by_what_became_of_them(staff: Client) -> None:
    now = timezone.now()
    kept("waits", retry_at=now)
    kept("parked", tries=12, problem="no attempt has the gateway order")
    kept("others", mark="other_account")
    kept("aside", applied_at=now, problem="Set aside by Mira: a test")
    kept("done", applied_at=now)
    for state, name in {
        "waiting": "waits", "parked": "parked", "left_alone": "others", "set_aside": "aside", "applied": "done",
    }.items():  # fmt: skip
        rows = staff.get(f"admin/webhook-events?state={state}").json()["results"]
        assert [(row["name"], row["state"]) for row in rows] == [(name, state)]
    assert staff.get("admin/webhook-events?q=evt_done").json()["total"] == 1
    assert staff.get("admin/webhook-events?state=lost").status_code == 400
    assert staff.get("admin/webhook-events/999999").status_code == 404


def test_a_parked_webhook_that_still_fits_nothing_says_why_after_a_replay(staff: Client) -> None:
    event = kept("payment.captured", tries=12, problem="before")
    again = staff.post(f"admin/webhook-events/{event.pk}/replay", {}).json()
    assert (again["state"], again["tries"]) == ("waiting", 1)
    assert again["problem"] not in {"", "before"}


def test_a_parked_event_is_told_again_and_a_told_one_is_not(staff: Client) -> None:
    now = timezone.now()
    parked = told("order.paid", attempts=12, parked_at=now, last_error="order_mails.send_receipt: OSError()", told=["a.b"])
    done = told("order.placed", attempts=1, done_at=now)
    assert [row["state"] for row in staff.get("admin/outbox-events?q=NE-1").json()["results"]] == ["told", "parked"]
    assert staff.get("admin/outbox-events?state=parked").json()["results"][0]["order"] == "NE-1"
    again = staff.post(f"admin/outbox-events/{parked.pk}/retry", {})
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (200, "waiting", 0)
    assert again.json()["told"] == ["a.b"]
    refused = staff.post(f"admin/outbox-events/{done.pk}/retry", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_told")
    assert staff.get(f"admin/outbox-events/{done.pk}").json()["payload"] == {"number": "NE-1"}
    assert AuditEntry.objects.filter(action="events.retry").count() == 1
