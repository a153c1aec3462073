"""Whoever claims, gives back and pays in whatever order: nobody ever has more than a share, and every share adds up."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from noirel.core.domain.money import inr
from noirel.drops.errors import ShareUsed
from noirel.drops.models import Drop, Share, ShareClaim
from noirel.drops.person import PLACE, Person, keys_of
from noirel.drops.rules import Asked
from noirel.drops.services.claim import admit, claim, give_back, reclaim
from tests.make import make_drop, make_variant

pytestmark = pytest.mark.django_db
PER_PERSON, PER_ADDRESS = 2, 3
MAILS = ["ira@gmail.com", "i.r.a+2@gmail.com", "sen@example.com", "mira@example.com"]
PHONES = ["", "+91 98200 12345", "9820012345", "9830054321"]
DOORS = ["14 Marine Drive", "14, marine dr.", "7 Park Street"]


class Shares(RuleBasedStateMachine):
    @initialize()
    def announce(self) -> None:
        self.variant = make_variant(price=inr(9_000_00))
        self.drop: Drop = make_drop(self.variant, per_person=PER_PERSON, per_address=PER_ADDRESS)
        # What an honest shop's own book would say: order -> (units, keys, is it still there).
        self.book: dict[str, tuple[int, list[str], bool]] = {}

    def had(self, key: str) -> int:
        return sum(units for units, keys, there in self.book.values() if there and key in keys)

    def fits(self, keys: list[str], units: int) -> bool:
        return all(self.had(key) + units <= (PER_ADDRESS if key.startswith(PLACE) else PER_PERSON) for key in keys)

    @rule(mail=st.sampled_from(MAILS), phone=st.sampled_from(PHONES), door=st.sampled_from(DOORS), units=st.integers(1, 2))
    def buy(self, mail: str, phone: str, door: str, units: int) -> None:
        person = Person(emails=(mail,), phone=phone, address={"line1": door, "postcode": "400020", "country": "IN"})
        number = f"NE-{self.drop.pk}-{len(self.book)}"
        now = timezone.now()
        admission = admit([Asked(self.variant.sku, self.drop.terms, units)], cart_id=None, at=now)
        try:
            with transaction.atomic():
                claim(admission, reference=number, person=person, cart_id=None, expires_at=now, at=now)
            took = True
        except ShareUsed as error:
            took, refused = False, error.extra
        keys = keys_of(person)
        assert took == self.fits(keys, units)
        assert took or 0 <= refused["left"] < units
        if took:
            self.book[number] = (units, keys, True)

    @rule(at=st.integers(0, 30), was=st.sampled_from(["pending_payment", "paid"]))
    def end(self, at: int, was: str) -> None:
        if not self.book:
            return
        number = list(self.book)[at % len(self.book)]
        give_back({"number": number, "was": was})
        units, keys, there = self.book[number]
        self.book[number] = (units, keys, there and was == "paid")

    @rule(at=st.integers(0, 30))
    def late_money(self, at: int) -> None:
        if not self.book:
            return
        number = list(self.book)[at % len(self.book)]
        units, keys, there = self.book[number]
        can = there or self.fits(keys, units)
        try:
            with transaction.atomic():
                reclaim(number)
            assert can
            self.book[number] = (units, keys, True)
        except ShareUsed:
            assert not can

    @invariant()
    def every_share_is_the_sum_of_its_claims(self) -> None:
        if not hasattr(self, "drop"):
            return
        shares = {share.key: share for share in Share.objects.filter(drop=self.drop)}
        for key, share in shares.items():
            assert share.units == self.had(key) <= share.most
        live = ShareClaim.objects.filter(drop=self.drop, state="claimed")
        assert {row.reference for row in live} == {number for number, (_, _, there) in self.book.items() if there}


@pytest.fixture
def rolled_back(db: None) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_no_order_of_events_gives_anybody_more_than_a_share(rolled_back: Any) -> None:
    run_state_machine_as_test(
        Shares,
        settings=settings(max_examples=25, stateful_step_count=40, suppress_health_check=list(HealthCheck), derandomize=True),
    )
