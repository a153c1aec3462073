"""A machine plays shop: shoppers, staff, thieves, a gateway in a bad mood and a clock, in any order.

After every step all of stock and money is proved from the raw rows, and at the end of every play against the gateway's own
word. `make test` plays 10,000 steps with fixed seeds; `make soak` plays on with new ones: STEPS=50000 or SECONDS=3600, and SEED
to repeat.
"""

import json
import os
import random
import time
from collections import Counter
from typing import Any

import pytest
from django.conf import settings as house
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from noirel.core import events
from noirel.inventory.models import StockItem
from noirel.payments import jobs
from tests.client import Client
from tests.proof.world import Purchase, World
from tests.shopping import LocalGateway, all_lines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]

STEPS_OF_A_PLAY = 80
PARTS, PLAYS_OF_A_PART = 8, 16
STEPS_OF_A_PART = PLAYS_OF_A_PART * STEPS_OF_A_PLAY  # 10,240 in all
CALLS = ("order.create", "order.all", "payment.fetch", "order.payments", "payment.capture", "refund.create", "refund.all")
MOODS = ("cut", "error_500", "error_503", "html_502", "throttle")
WHICH = st.integers(0, 1000)

counted: Counter[str] = Counter()


def machine_for(gateway: LocalGateway, staff: Client) -> type[RuleBasedStateMachine]:
    class Shop(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = World(gateway, staff)
            self.has_waited = False
            self.world.new_bag()

        @initialize(by_hand=st.sampled_from([False, False, True]))
        def opens(self, by_hand: bool) -> None:
            self.did("a shop that captures by hand" if by_hand else "a shop that captures at once")
            house.CAPTURE_MODE = "manual" if by_hand else "automatic"

        def some(self, which: int) -> Purchase:
            return self.world.purchases[which % len(self.world.purchases)]

        def did(self, name: str) -> None:
            counted[name] += 1

        # Shoppers.

        @rule()
        def new_bag(self) -> None:
            self.did("new bag")
            if len(self.world.bags) < 6:
                self.world.new_bag()

        @rule(bag=WHICH, variant=st.integers(0, 2), units=st.integers(1, 4))
        def add_to_cart(self, bag: int, variant: int, units: int) -> None:
            self.did("add to cart")
            chosen = self.world.bags[bag % len(self.world.bags)]
            sku = self.world.variants[variant].sku
            answer = self.world.ask(self.world.guest, "POST", f"carts/{chosen.cart}/lines", {"sku": sku, "quantity": units})
            assert answer.status_code in {201, 409}, answer.content

        @rule(bag=WHICH, line=WHICH, units=st.integers(0, 5))
        def change_line(self, bag: int, line: int, units: int) -> None:
            self.did("change a line")
            cart = self.world.bags[bag % len(self.world.bags)].cart
            lines = self.world.ask(self.world.guest, "GET", f"carts/{cart}").json()["lines"]
            if not lines:
                return
            path = f"carts/{cart}/lines/{lines[line % len(lines)]['id']}"
            if units:
                self.world.ask(self.world.guest, "PATCH", path, {"quantity": units})
            else:
                self.world.ask(self.world.guest, "DELETE", path)

        @rule(bag=WHICH, again=st.booleans(), off_by=st.sampled_from([0, 0, 0, 0, -1, 1_00]), who=st.integers(0, 1))
        def check_out(self, bag: int, again: bool, off_by: int, who: int) -> None:
            self.did("check out")
            self.world.check_out(self.world.bags[bag % len(self.world.bags)], again=again, off_by=off_by, who=who)

        @rule(bag=WHICH, variant=st.integers(0, 2), who=st.integers(0, 1))
        def buy_at_once(self, bag: int, variant: int, who: int) -> None:
            self.did("buy")
            chosen = self.world.bags[bag % len(self.world.bags)]
            sku = self.world.variants[variant].sku
            self.world.ask(self.world.guest, "POST", f"carts/{chosen.cart}/lines", {"sku": sku, "quantity": 1})
            self.world.check_out(chosen, again=False, off_by=0, who=who)

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH, outcome=st.sampled_from(["success", "success", "failure", "authorize"]), second=st.booleans())
        def pay(self, which: int, outcome: str, second: bool) -> None:
            self.did(f"pay: {outcome}")
            self.world.pay(self.some(which), outcome, second=second)

        @precondition(lambda self: any(purchase.told for purchase in self.world.purchases))
        @rule(which=WHICH, told=WHICH, how=st.sampled_from(["right", "right", "right", "forged", "another's"]))
        def verify(self, which: int, told: int, how: str) -> None:
            self.did(f"verify: {how}")
            mine = [purchase for purchase in self.world.purchases if purchase.told]
            purchase = mine[which % len(mine)]
            triple = purchase.told[told % len(purchase.told)]
            if how == "forged":
                triple = triple | {"razorpay_signature": triple["razorpay_signature"][::-1]}
            if how == "another's":
                purchase = self.some(told)
            answer = self.world.verify(purchase, triple)
            belongs = triple["razorpay_order_id"] in {purchase.gateway_order, *purchase.earlier}
            if how == "forged" or not belongs:
                assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH)
        def pay_and_come_back(self, which: int) -> None:
            self.did("pay and come back")
            purchase = self.some(which)
            self.world.pay(purchase, "success", second=False)
            if purchase.told:
                self.world.verify(purchase, purchase.told[-1])

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH)
        def try_again(self, which: int) -> None:
            self.did("payment/retry")
            purchase = self.some(which)
            answer = self.world.ask(self.world.guest, "POST", purchase.path("/payment/retry"), {})
            assert answer.status_code in {200, 409, 502, 503}, answer.content
            if answer.status_code == 200:
                purchase.earlier.add(purchase.gateway_order)
                purchase.gateway_order = answer.json()["payment"]["gateway_order_id"]

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH, by_staff=st.booleans())
        def cancel(self, which: int, by_staff: bool) -> None:
            self.did("cancel")
            purchase = self.some(which)
            if by_staff:
                self.world.cancel(purchase)
            else:
                self.world.ask(self.world.guest, "POST", purchase.path("/cancel"), {})

        # The gateway's news.

        @rule(which=WHICH, twice=st.booleans())
        def webhook(self, which: int, twice: bool) -> None:
            self.did("webhook")
            waiting = self.world.hear()
            if waiting:
                for _ in range(1 + twice):
                    assert self.world.deliver(waiting[which % len(waiting)]) == 200

        @rule(count=st.integers(1, 6), backwards=st.booleans())
        def webhooks_in_a_burst(self, count: int, backwards: bool) -> None:
            self.did("webhooks in a burst")
            latest = self.world.hear()[-count:]
            for event in reversed(latest) if backwards else latest:
                assert self.world.deliver(event) == 200

        @rule(which=WHICH)
        def forged_webhook(self, which: int) -> None:
            self.did("webhook: forged")
            waiting = self.world.hear()
            if waiting:
                assert self.world.deliver(waiting[which % len(waiting)], signed=False) == 400

        @rule(which=WHICH, more=st.sampled_from([-1, 1, 100_00]), currency=st.sampled_from(["INR", "INR", "USD"]))
        def webhook_of_another_sum(self, which: int, more: int, currency: str) -> None:
            """A payment the gateway's books do not hold, but its signature vouches for: quarantine, never paid."""
            self.did("webhook: another sum")
            waiting = [event for event in self.world.hear() if event["event"] == "payment.failed"]
            if not waiting:
                return
            event = waiting[which % len(waiting)]
            told: Any = json.loads(event["body"])
            entity = told["payload"]["payment"]["entity"]
            entity |= {
                "status": "authorized",
                "amount": entity["amount"] + more,
                "currency": currency,
                "id": entity["id"][:-1] + "Z",
            }
            told["event"] = "payment.authorized"
            assert self.world.deliver(event, body=json.dumps(told), event_id=f"evt_other{which}") == 200

        @rule(on=st.sampled_from(CALLS), do=st.sampled_from(MOODS))
        def bad_mood(self, on: str, do: str) -> None:
            self.did("gateway in a bad mood")
            self.world.gateway.fault(on, do)

        # The clock.

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH)
        def hold_ends(self, which: int) -> None:
            self.did("hold ends")
            self.world.hold_ends(self.some(which).number)
            jobs.expire_unpaid_orders()

        @rule()
        def run_jobs(self) -> None:
            self.did("jobs")
            self.world.run_jobs()

        @rule()
        def outbox(self) -> None:
            self.did("outbox")
            events.deliver_due()

        # Staff.

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH, how=st.sampled_from(["all", "sum", "line"]), restock=st.booleans(), share=st.integers(1, 120))
        def refund(self, which: int, how: str, restock: bool, share: int) -> None:
            self.did(f"refund: {how}")
            purchase = self.some(which)
            body: dict[str, Any] = {"reason": "asked", "restock": restock}
            if how == "sum":
                total = sum(line["total"]["amount"] for line in purchase.lines)
                body["amount"] = {"amount": total * share // 100, "currency": "INR"}
            if how == "line":
                body["lines"] = [{"id": purchase.lines[share % len(purchase.lines)]["id"], "quantity": 1 + share % 3}]
            answer = self.world.ask(
                self.world.staff, "POST", f"admin/orders/{purchase.number}/refund", body,
                HTTP_IDEMPOTENCY_KEY=f"refund-{which}-{share}-{counted['refund: ' + how]}",
            )  # fmt: skip
            assert answer.status_code in {201, 400, 409}, answer.content

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH, share=st.integers(1, 100))
        def refund_at_the_gateway(self, which: int, share: int) -> None:
            self.did("refund at the gateway")
            captured = [p for p in self.world.gateway.state()["payments"] if p["status"] == "captured"]
            if captured:
                payment = captured[which % len(captured)]
                amount = max(100, payment["amount"] * share // 100)
                self.world.gateway.http.post(
                    f"{self.world.gateway.url}/_test/payments/{payment['id']}/refund", json={"amount": amount}, timeout=10
                )

        @rule(do=st.sampled_from(["pending", "failed"]))
        def refunds_go_wrong(self, do: str) -> None:
            self.did(f"refunds end {do}")
            self.world.gateway.fault("refund", do, seconds=0.05)

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH)
        def capture(self, which: int) -> None:
            self.did("capture by hand")
            answer = self.world.ask(self.world.staff, "POST", f"admin/orders/{self.some(which).number}/capture", {})
            assert answer.status_code in {200, 409, 502, 503}, answer.content

        @precondition(lambda self: house.CAPTURE_MODE == "manual" and not self.has_waited)
        @rule()
        def the_bank_lets_go(self) -> None:
            self.did("the bank lets go of what is set aside")
            self.has_waited = True
            self.world.gateway.door("clock", advance=6 * 24 * 3600)

        @precondition(lambda self: self.world.purchases)
        @rule(which=WHICH, share=st.sampled_from([100, 100, 30, 1]))
        def dispute(self, which: int, share: int) -> None:
            self.did("dispute")
            self.world.dispute(which, share)

        @rule(which=WHICH, act=st.sampled_from(["under_review", "action_required", "won", "lost", "lost", "closed"]))
        def dispute_goes_on(self, which: int, act: str) -> None:
            self.did(f"dispute: {act}")
            self.world.move_dispute(which, act)

        @rule(variant=st.integers(0, 2), off_by=st.integers(-2, 2), stale=st.booleans())
        def count(self, variant: int, off_by: int, stale: bool) -> None:
            self.did("stock is counted")
            item = StockItem.objects.get(pk=self.world.variants[variant].pk)
            body = {"counted": max(0, item.on_hand + off_by), "seen": item.on_hand + stale}
            answer = self.world.ask(self.world.staff, "POST", f"admin/inventory/{self.world.variants[variant].sku}/count", body)
            assert answer.status_code == 409 if stale else answer.status_code in {200, 409}, answer.content

        @rule(variant=st.integers(0, 2), delta=st.sampled_from([-3, -1, 1, 2]))
        def stock_changes(self, variant: int, delta: int) -> None:
            self.did("stock changes")
            reason = "received" if delta > 0 else "damaged"
            sku = self.world.variants[variant].sku
            answer = self.world.ask(
                self.world.staff, "POST", f"admin/inventory/{sku}/adjust", {"delta": delta, "reason": reason}
            )
            assert answer.status_code in {200, 201, 409}, answer.content

        @precondition(lambda self: self.world.purchases)
        @rule(
            which=WHICH,
            act=st.sampled_from(
                ["all", "one", "one and ship", "all despite a dispute", "ship", "ship one", "deliver", "deliver one"]
            ),
        )
        def pack(self, which: int, act: str) -> None:
            self.did(f"pack: {act}")
            purchase = self.some(which)
            tracking = {"carrier": "Blue Dart", "tracking_number": "BD1"}
            shown = self.world.ask(self.world.staff, "GET", f"admin/orders/{purchase.number}").json()
            if act in {"ship one", "deliver one"}:
                if parcels := shown["shipments"]:
                    path = f"admin/shipments/{parcels[which % len(parcels)]['id']}/{act.removesuffix(' one')}"
                    body = tracking if act == "ship one" else {}
                    assert self.world.ask(self.world.staff, "POST", path, body).status_code in {200, 409}
                return
            one = {"lines": [{"id": purchase.lines[0]["id"], "quantity": 1}]}
            bodies: dict[str, Any] = {
                "all": all_lines(shown), "all despite a dispute": all_lines(shown) | {"force": True}, "one": one,
                "one and ship": one | tracking, "ship": tracking, "deliver": {},
            }  # fmt: skip
            self.world.pack(purchase, act if act in {"ship", "deliver"} else "fulfil", bodies[act])

        @invariant()
        def all_is_well(self) -> None:
            counted["steps"] += 1
            self.world.check()

        def teardown(self) -> None:
            self.world.settle()
            self.world.check_at_rest()

    return Shop


@pytest.fixture
def shop_machine(gateway: LocalGateway, staff: Client, monkeypatch: pytest.MonkeyPatch) -> type[RuleBasedStateMachine]:
    monkeypatch.setattr("noirel.payments.razorpay.TIMEOUT", (1.0, 1.0))
    monkeypatch.setattr(house, "CAPTURE_MODE", house.CAPTURE_MODE)
    counted.clear()
    return machine_for(gateway, staff)


def play(machine: type[RuleBasedStateMachine], *, plays: int, with_seed: int) -> None:
    rules = settings(
        max_examples=plays,
        stateful_step_count=STEPS_OF_A_PLAY,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(seed(with_seed)(machine), settings=rules)


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_stock_and_money_add_up(shop_machine: type[RuleBasedStateMachine], part: int) -> None:
    began = time.monotonic()
    play(shop_machine, plays=PLAYS_OF_A_PART, with_seed=2112 + part)
    more = 0
    while counted["steps"] < STEPS_OF_A_PART:  # a play may end before its last step
        more += 1
        play(shop_machine, plays=1, with_seed=2112 + PARTS * more + part)
    print(f"part {part}: {counted['steps']} steps in {time.monotonic() - began:.0f} s")


@pytest.mark.skipif("SECONDS" not in os.environ and "STEPS" not in os.environ, reason="make soak")
def test_soak(shop_machine: type[RuleBasedStateMachine]) -> None:
    first = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
    ends = time.monotonic() + float(os.environ.get("SECONDS") or 10**9)
    wanted = int(os.environ.get("STEPS") or 10**12)
    part = 0
    while time.monotonic() < ends and counted["steps"] < wanted:
        play(shop_machine, plays=10, with_seed=first + part)
        part += 1
        print(f"seed {first + part - 1}: {counted['steps']} steps so far", flush=True)
    for name, times in counted.most_common():
        print(f"{times:8} {name}")
