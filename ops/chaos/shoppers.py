"""People: they try again with the same key, click twice, go away, come back, pay late or in two tabs, cancel."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ops.chaos.http import Answer, NoAnswer, NotReached, ask

ADDRESS = {
    "name": "Ira Sen", "line1": "14 Marine Drive", "line2": "", "city": "Mumbai", "region": "MH", "postcode": "400020",
    "country": "IN", "phone": "+919820012345",
}  # fmt: skip
HABITS = {
    "pays at once": 40,
    "clicks twice": 8,
    "closes the browser after paying": 9,
    "never pays": 6,
    "pays late": 5,
    "pays in two tabs": 6,
    "is declined first": 6,
    "is only authorised": 5,
    "cancels before paying": 4,
    "cancels after paying": 5,
    "leaves, and comes back": 6,
}
PATIENCE = 45.0  # seconds that somebody tries again


class SoldOut(Exception):
    """It is gone, and they were told so."""


class WentAway(Exception):
    """No answer for so long that they gave up."""


@dataclass
class Story:
    """What one shopper did and was told."""

    habit: str
    email: str
    keys: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    token: str = ""
    gateway_order: str = ""
    units: int = 0
    ending: str = "under way"
    times_paid: int = 0
    told_paid: bool = False
    told_cancelled: bool = False
    wrong: list[str] = field(default_factory=list)


class Shoppers:
    """Everybody who came. skus: what is to be had; hold: seconds after which an unpaid order has ended."""

    def __init__(self, *, port: int, gateway_port: int, skus: list[str], hold: float, seed: int) -> None:
        self.port, self.gateway_port, self.skus, self.hold = port, gateway_port, skus, hold
        self._seed = seed
        self.stories: list[Story] = []
        self.statuses: Counter[str] = Counter()
        self.seconds: list[float] = []
        self._later: list[asyncio.Task[None]] = []

    async def come(self, *, at_once: int, until: float) -> None:
        """Let so many at a time in until the monotonic instant; returns when the last one has gone."""
        await asyncio.gather(*(self._queue(number, at_once, until) for number in range(at_once)))
        await asyncio.gather(*self._later)

    async def _queue(self, number: int, at_once: int, until: float) -> None:
        while time.monotonic() < until:
            dice = random.Random(f"{self._seed} {number}")
            number += at_once
            [habit] = dice.choices(list(HABITS), weights=list(HABITS.values()))
            story = Story(habit, f"shopper{len(self.stories)}@example.com")
            self.stories.append(story)
            visit = asyncio.create_task(Visit(self, story, dice).live())
            if habit in ("pays late", "leaves, and comes back"):
                self._later.append(visit)  # the next one needn't wait for them
                await asyncio.sleep(0.2)
            else:
                await visit

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One try at the shop."""
        began = time.monotonic()
        try:
            answer = await ask(self.port, method, f"/api/v1/{path}", body, **headers)
        except NotReached:
            self.statuses["not reached"] += 1
            raise
        except NoAnswer:
            self.statuses["no answer"] += 1
            raise
        self.seconds.append(time.monotonic() - began)
        self.statuses[str(answer.status)] += 1
        return answer


class Visit:
    """One shopper's way through the shop."""

    def __init__(self, all_: Shoppers, story: Story, dice: random.Random) -> None:
        self._all, self._story, self._dice = all_, story, dice

    async def live(self) -> None:
        try:
            await self._shop()
        except SoldOut:
            self._story.ending = "sold out"
        except WentAway as error:
            self._story.ending = f"went away at {error}"

    async def _shop(self) -> None:
        story, dice = self._story, self._dice
        cart = await self._fill()
        placed = await self._check_out(cart)
        if placed is None:
            return
        match story.habit:
            case "never pays":
                story.ending = "never paid"
                return
            case "cancels before paying":
                await self._cancel()
                return
            case "pays late":
                await asyncio.sleep(self._all.hold + dice.uniform(5, 20))
            case "is declined first":
                await self._pay("failure")
            case "is only authorised":
                await self._end(await self._pay("authorize"))
                return
            case "pays in two tabs":
                first, second = await self._pay("success"), await self._pay("success", second=True)
                await self._end(second)
                await self._end(first)
                return
        told = await self._pay("success")
        if story.habit == "closes the browser after paying":
            story.ending = "paid and left"
            return
        await self._end(told)
        if story.habit == "cancels after paying" and story.told_paid:
            await self._cancel()

    async def _fill(self) -> dict[str, Any]:
        dice = self._dice
        answer = await self._insist("a bag", "POST", "carts", {})
        cart: dict[str, Any] = answer.body
        wanted = dice.sample(self._all.skus, k=2 if dice.random() < 0.4 else 1)
        for sku in wanted:
            answer = await self._insist(
                "a line", "POST", f"carts/{cart['id']}/lines", {"sku": sku, "quantity": dice.randint(1, 2)}
            )
        return (await self._insist("the bag", "GET", f"carts/{cart['id']}")).body  # type: ignore[no-any-return]

    async def _check_out(self, cart: dict[str, Any]) -> Answer | None:
        """With one key for as long as it is the same wish; a new total is a new wish."""
        story = self._story
        for _ in range(4):
            if not cart["lines"]:
                raise SoldOut
            key = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
            story.keys.append(key)
            body = {
                "cart": cart["id"], "email": story.email, "shipping_address": ADDRESS, "shipping_method": "standard",
                "expected_total": cart["totals"]["total"],
            }  # fmt: skip
            answer = await self._press(body, key)
            if answer.status == 201:
                placed = answer.body
                number = placed["order"]["number"]
                if number not in story.numbers:
                    story.numbers.append(number)
                story.token = placed["order_token"]
                story.gateway_order = placed["payment"]["gateway_order_id"]
                story.units = sum(line["quantity"] for line in placed["order"]["lines"])
                return answer
            if answer.code == "out_of_stock":
                raise SoldOut
            if answer.code not in ("total_changed", "cart_empty"):
                story.wrong.append(f"checkout answered {answer.status} {answer.code}")
                return None
            cart = (await self._insist("the bag", "GET", f"carts/{cart['id']}")).body
        raise WentAway("checkout")

    async def _press(self, body: dict[str, Any], key: str) -> Answer:
        if self._story.habit == "leaves, and comes back":
            with contextlib.suppress(NoAnswer):
                await self._all.ask("POST", "checkout", body, Idempotency_Key=key)
            await asyncio.sleep(self._dice.uniform(1, self._all.hold * 0.6))
        if self._story.habit != "clicks twice":
            return await self._insist("checkout", "POST", "checkout", body, Idempotency_Key=key)
        both = await asyncio.gather(
            *(self._insist("checkout", "POST", "checkout", body, Idempotency_Key=key) for _ in range(2)),
            return_exceptions=True,
        )
        answers = [answer for answer in both if isinstance(answer, Answer)]
        if not answers:
            raise WentAway("checkout")
        placed = {answer.body["order"]["number"] for answer in answers if answer.status == 201}
        if len(placed) > 1:
            self._story.wrong.append(f"one key, two orders: {placed}")
        return next((answer for answer in answers if answer.status == 201), answers[0])

    async def _pay(self, outcome: str, *, second: bool = False) -> dict[str, str] | None:
        """In the gateway's window. None: the window broke, or the order took no more money."""
        path = f"/_test/orders/{self._story.gateway_order}/pay"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = await ask(self._all.gateway_port, "POST", path, {"outcome": outcome, "second": second})
            except NotReached:
                await asyncio.sleep(self._dice.uniform(0.2, 0.8))
                continue
            except NoAnswer:
                return None
            if answer.status != 200:
                return None
            if outcome == "failure":
                return None
            self._story.times_paid += 1
            return answer.body  # type: ignore[no-any-return]
        return None

    async def _end(self, told: dict[str, str] | None) -> None:
        """Back from the window: say so to the shop, or look at the order's page."""
        story = self._story
        path = f"orders/{story.numbers[-1]}"
        if told is None:
            answer = await self._insist("its page", "GET", f"{path}?token={story.token}")
        else:
            answer = await self._insist("verify", "POST", f"{path}/payment/verify?token={story.token}", told)
        if answer.status != 200:
            story.wrong.append(f"{'verify' if told else 'its page'} answered {answer.status} {answer.code}")
            return
        story.ending = f"was told {answer.body['status']}"
        story.told_paid = story.told_paid or (answer.body["status"], answer.body["payment_status"]) == ("paid", "paid")

    async def _cancel(self) -> None:
        story = self._story
        key = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        path = f"orders/{story.numbers[-1]}/cancel?token={story.token}"
        answer = await self._insist("cancel", "POST", path, {"reason": "changed my mind"}, Idempotency_Key=key)
        story.told_cancelled = answer.status == 200 and answer.body["status"] == "cancelled"
        story.ending = "cancelled" if story.told_cancelled else f"could not cancel: {answer.code}"

    async def _insist(self, what: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Try again, the same, until there is an answer that is one. Raises WentAway when patience is over."""
        deadline, pause = time.monotonic() + PATIENCE, 0.2
        while time.monotonic() < deadline:
            try:
                answer = await self._all.ask(method, path, body, **headers)
                if answer.status < 500 and answer.code != "idempotency_in_progress":
                    return answer
            except NoAnswer:
                pass
            await asyncio.sleep(self._dice.uniform(0.5, 1.5) * pause)
            pause = min(pause * 2, 3.0)
        raise WentAway(what)
