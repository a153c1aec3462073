"""A rightly signed webhook is stored whatever is in it, and nothing that staff open breaks over it."""

import json
from typing import Any

import pytest
from django.conf import settings

from noirel.core.domain.money import inr
from noirel.payments.models import GatewayEvent, UnverifiedEvent
from noirel.payments.signatures import webhook_signature
from tests.client import Client
from tests.make import make_variant
from tests.shopping import Shopper, order_path

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/webhooks/razorpay"


def event(**payment: Any) -> bytes:
    told = {"entity": "event", "event": "payment.captured", "account_id": "acc_1", "payload": {"payment": {"entity": payment}}}
    return json.dumps(told).encode()


BODIES = {
    "deep": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep enough for a parser": b'{"event":"x","payload":' + b"[" * 500 + b"]" * 500 + b"}",
    "over Django's limit": event(notes="x" * 3_000_000),
    "nul": b'{"event":"pay\\u0000ment","account_id":"acc\\u0000","payload":{"payment":{"entity":{"id":"\\u0000"}}}}',
    "raw nul": b'{"event":"\x00"}',
    "no UTF-8": b'{"event":"\xff\xfe"}',
    "half a character": b'{"event":"\\ud800","account_id":"\\udfff","payload":{}}',
    "large number": event(id="pay_1", order_id="order_1", amount=10**400, currency="INR", status="captured"),
    "infinite": b'{"event":"payment.captured","account_id":"acc_1","payload":{"payment":{"entity":{"amount":NaN}}}}',
    "other types": event(id=["pay_1"], order_id={"a": 1}, amount="1", currency=3, status=["captured"]),
    "payload a list": b'{"event":"payment.captured","account_id":"acc_1","payload":[1,2]}',
    "entity null": b'{"event":"payment.captured","account_id":"acc_1","payload":{"payment":null}}',
    "a list": b"[1]",
    "a number": b"7",
    "nothing": b"",
    "long name": b'{"event":"%b","account_id":"%b"}' % (b"e" * 5000, b"a" * 5000),
}


def post(client: Client, body: bytes, *, signature: str | None = None, **headers: Any) -> Any:
    signature = webhook_signature(body, webhook_secret=settings.RAZORPAY_WEBHOOK_SECRET) if signature is None else signature
    return client.generic("POST", URL, body, content_type="application/json", HTTP_X_RAZORPAY_SIGNATURE=signature, **headers)


@pytest.mark.parametrize("what", BODIES)
def test_it_is_stored_byte_for_byte_and_staff_can_look_at_it(client: Client, staff: Client, what: str) -> None:
    answer = post(client, BODIES[what], HTTP_X_RAZORPAY_EVENT_ID="evt\x00_1")
    assert answer.status_code == 200, answer.content
    row = GatewayEvent.objects.get()
    assert bytes(row.body) == BODIES[what]
    assert post(client, BODIES[what]).status_code == 200, "and it comes again"
    assert GatewayEvent.objects.count() == 1
    GatewayEvent.objects.update(applied_at=None, tries=12, retry_at=None, problem="parked")
    for path in ("admin/webhook-events", f"admin/webhook-events/{row.pk}", "admin/desk"):
        shown = staff.get(path)
        assert shown.status_code == 200, (path, shown.content)


def test_wrong_signatures_are_limited_and_right_ones_never(client: Client, settings: Any) -> None:
    settings.THROTTLE_SCALE = 0.05  # three a minute
    answers = [post(client, event(id=f"pay_{n}"), signature="0" * 64) for n in range(5)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert UnverifiedEvent.objects.count() == 3
    assert {post(client, event(id=f"pay_{n}")).status_code for n in range(20)} == {200}


def test_a_body_beyond_what_a_webhook_can_be_is_413(client: Client) -> None:
    answer = post(client, b'"' + b"x" * (16 * 1024 * 1024) + b'"')
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("&".join(f"a{n}=1" for n in range(5000)), 400),
        ("razorpay_signature=" + "x" * 3_000_000, 413),
        ("razorpay_signature=%00&razorpay_order_id=%00&razorpay_payment_id=%00", 400),
        ("%ff=%ff", 400),
        ("", 400),
    ],
)
def test_a_callback_that_cannot_be_read_is_a_4xx_problem(guest: Shopper, body: str, status: int) -> None:
    placed = guest.buy((make_variant(price=inr(14_500_00), on_hand=3).sku, 1))
    answer = guest.http.post(
        f"{guest.api}/{order_path(placed, '/payment/callback')}",
        data=body,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=20,
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
