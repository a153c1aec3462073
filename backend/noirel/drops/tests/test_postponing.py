"""An announced drop is moved to a later time: who hears of it, and what does not change."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from noirel.core.domain.errors import Invalid
from noirel.core.domain.money import inr
from noirel.core.events import deliver_due
from noirel.core.models import AuditEntry
from noirel.core.viewer import ANONYMOUS, SYSTEM
from noirel.drops.errors import DropFixed
from noirel.drops.models import Drop, Entry
from noirel.drops.services.entries import confirm, enter
from noirel.drops.services.launch import postpone
from noirel.drops.tokens import token_for
from tests.client import Client, with_key
from tests.make import make_drop, make_variant

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def z(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def soon() -> datetime:
    return timezone.now().replace(microsecond=0) + HOUR


def postponed(staff: Client, drop: Drop, **to: Any) -> Any:
    return staff.post(f"admin/drops/{drop.slug}/postpone", to)


def test_a_launch_that_is_postponed_opens_at_its_new_time(staff: Client, client: Client) -> None:
    variant = make_variant(price=inr(12_500_00))
    opens = soon()
    drop = make_drop(variant, opens_at=opens, closes_at=opens + HOUR)
    answer = postponed(staff, drop, opens_at=z(opens + 24 * HOUR), reason="The glass is late.")
    assert answer.status_code == 200
    told = client.get(f"drops/{drop.slug}").json()
    assert (told["opens_at"], told["closes_at"]) == (z(opens + 24 * HOUR), z(opens + 25 * HOUR))
    assert told["postponed"]["announced_opens_at"] == z(opens)
    assert told["postponed"]["announced_closes_at"] == z(opens + HOUR)
    assert told["postponed"]["reason"] == "The glass is late."
    shown = client.get(f"products/{variant.product.slug}").json()["variants"][0]["drop"]
    assert shown["opens_at"] == z(opens + 24 * HOUR)
    with time_machine.travel(opens + timedelta(minutes=1)):
        refused = client.post("carts", {"lines": [{"sku": variant.sku, "quantity": 1}]})
        assert refused.json()["code"] == "drop_not_open"
    entry = AuditEntry.objects.get(action="drops.postpone")
    assert entry.before
    assert entry.after
    assert datetime.fromisoformat(entry.before["opens_at"]) == opens
    assert entry.after["reason"] == "The glass is late."


def test_a_second_time_the_page_still_says_what_was_announced_first(staff: Client, client: Client) -> None:
    opens = soon()
    drop = make_drop(make_variant(price=inr(100)), opens_at=opens, closes_at=None)
    postponed(staff, drop, opens_at=z(opens + HOUR))
    postponed(staff, drop, opens_at=z(opens + 2 * HOUR))
    told = client.get(f"drops/{drop.slug}").json()
    assert (told["opens_at"], told["postponed"]["announced_opens_at"]) == (z(opens + 2 * HOUR), z(opens))


def test_whoever_has_entered_is_told_once_and_stays_in(
    staff: Client, mailoutbox: list[mail.EmailMessage], settings: Any
) -> None:
    settings.SHOP_TIME_ZONE = "Asia/Kolkata"
    closes = soon()
    drop = make_drop(make_variant(price=inr(100)), mode="lottery", units=2, closes_at=closes)
    for address in ("in@example.com", "asked@example.com"):
        enter(ANONYMOUS, drop.slug, email=address)
    entry = Entry.objects.get(email="in@example.com")
    confirm(drop.slug, entry.pk, token=token_for(entry.pk))
    deliver_due()
    mailoutbox.clear()
    answer = staff.post(
        f"admin/drops/{drop.slug}/postpone", {"closes_at": z(closes + HOUR), "reason": "More time."}, **with_key("later")
    )
    assert answer.status_code == 200
    again = staff.post(
        f"admin/drops/{drop.slug}/postpone", {"closes_at": z(closes + HOUR), "reason": "More time."}, **with_key("later")
    )
    assert again.json() == answer.json()
    deliver_due()
    told = {message.to[0]: message for message in mailoutbox}
    assert len(mailoutbox) == 2
    assert set(told) == {"in@example.com", "asked@example.com"}
    for message in mailoutbox:
        assert message.subject == f"Postponed: {drop.name}"
        assert " IST" in str(message.body)
        assert "More time." in message.body
    assert "Your entry stays as it is." in told["in@example.com"].body
    assert "Your entry is not confirmed yet." in told["asked@example.com"].body
    entry.refresh_from_db()
    assert entry.state == Entry.State.ENTERED


def test_nothing_moves_forward_and_nothing_that_is_over_moves(staff: Client) -> None:
    opens = soon()
    drop = make_drop(make_variant(price=inr(100)), opens_at=opens, closes_at=opens + HOUR)
    for wrong, field in (
        ({}, "opens_at"),
        ({"opens_at": z(opens - timedelta(minutes=1))}, "opens_at"),
        ({"closes_at": z(opens + timedelta(minutes=30))}, "closes_at"),
        ({"opens_at": z(opens + 3 * HOUR), "closes_at": z(opens + 2 * HOUR)}, "closes_at"),
    ):
        refused = postponed(staff, drop, **wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    with time_machine.travel(opens + timedelta(minutes=1)):
        with pytest.raises(Invalid, check=lambda refused: [error.field for error in refused.errors] == ["opens_at"]):
            postpone(drop.slug, actor=SYSTEM, opens_at=opens + HOUR, closes_at=opens + 3 * HOUR)
        postpone(drop.slug, actor=SYSTEM, closes_at=opens + 2 * HOUR)
    with time_machine.travel(opens + 3 * HOUR), pytest.raises(DropFixed):
        postpone(drop.slug, actor=SYSTEM, closes_at=opens + 9 * HOUR)
    drop.refresh_from_db()
    assert (drop.opens_at, drop.closes_at) == (opens, opens + 2 * HOUR)


def test_a_draft_a_sale_without_an_end_and_a_named_beacon_are_not_postponed(staff: Client) -> None:
    draft = make_drop(make_variant(price=inr(100)), announced=False)
    running = make_drop(make_variant(price=inr(100)), closes_at=None)
    with_beacon = make_drop(
        make_variant(price=inr(100)), mode="lottery", units=1, opens_at=soon(), closes_at=soon() + HOUR, beacon_source="drand 1"
    )
    for drop in (draft, running, with_beacon):
        assert postponed(staff, drop, closes_at=z(soon() + 9 * HOUR)).json()["code"] == "drop_fixed"
        assert "postpone" not in staff.get(f"admin/drops/{drop.slug}").json()["acts"]
    assert not AuditEntry.objects.filter(action="drops.postpone").exists()


def test_who_may_not_edit_drops_postpones_none(staff_as: Callable[[str], Client], client: Client) -> None:
    drop = make_drop(make_variant(price=inr(100)), opens_at=soon(), closes_at=None)
    assert postponed(staff_as("packer"), drop, opens_at=z(soon() + HOUR)).status_code == 403
    assert postponed(client, drop, opens_at=z(soon() + HOUR)).status_code == 401


def test_a_stale_page_postpones_nothing(staff: Client) -> None:
    drop = make_drop(make_variant(price=inr(100)), opens_at=soon(), closes_at=None)
    seen = staff.get(f"admin/drops/{drop.slug}")["ETag"]
    staff.patch(f"admin/drops/{drop.slug}", {"words": "At midnight."})
    stale = staff.post(f"admin/drops/{drop.slug}/postpone", {"opens_at": z(soon() + HOUR)}, HTTP_IF_MATCH=seen)
    assert stale.status_code == 412
