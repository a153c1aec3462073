"""The test doors under /_test: pay without a window, make things go wrong, look inside. No key; loopback only."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway import wire
from gateway.bank import DAY, Bank
from gateway.errors import JSON, Refusal
from gateway.instruments import DEFAULT_CARD, FAILURES, UPI_FAILED, UPI_FAILURE, UPI_SUCCESS

DISPUTE_PHASES = ("fraud", "retrieval", "chargeback", "pre_arbitration", "arbitration")
DISPUTE_ACTS = ("under_review", "action_required", "won", "lost", "closed")


class Doors:
    def __init__(self, bank: Bank) -> None:
        self._bank, self._store = bank, bank.store

    def routes(self) -> list[Route]:
        return [
            Route("/_test/state", self.state, methods=["GET"]),
            Route("/_test/reset", self.reset, methods=["POST"]),
            Route("/_test/orders/{id}/pay", self.pay, methods=["POST"]),
            Route("/_test/payments/{id}/authorize", self.authorize, methods=["POST"]),
            Route("/_test/payments/{id}/fail", self.fail, methods=["POST"]),
            Route("/_test/payments/{id}/refund", self.refund, methods=["POST"]),
            Route("/_test/refunds/{id}/process", self.process_refund, methods=["POST"]),
            Route("/_test/refunds/{id}/fail", self.fail_refund, methods=["POST"]),
            Route("/_test/payments/{id}/dispute", self.dispute, methods=["POST"]),
            Route("/_test/disputes/{id}/{act}", self.advance_dispute, methods=["POST"]),
            Route("/_test/settlements", self.settle, methods=["POST"]),
            Route("/_test/clock", self.clock, methods=["POST"]),
            Route("/_test/faults", self.faults, methods=["GET"]),
            Route("/_test/faults", self.add_fault, methods=["POST"]),
            Route("/_test/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_test/webhooks", self.webhooks, methods=["GET"]),
            Route("/_test/webhooks/replay", self.replay, methods=["POST"]),
            Route("/_test/webhooks/release", self.release, methods=["POST"]),
            Route("/_test/webhooks/enable", self.enable, methods=["POST"]),
        ]

    async def pay(self, request: Request) -> Response:
        """What the window would do: pay, fail or only authorise; answers what `handler` would get."""
        body = await wire.read_body(request)
        outcome = wire.one_of(body, "outcome", ("success", "failure", "authorize"), default="success")
        method = wire.one_of(body, "method", ("card", "upi", "netbanking", "wallet"), default="card")
        reason = body.get("reason")
        if reason is not None and reason not in FAILURES:
            raise Refusal(f"reason must be one of {', '.join(FAILURES)}", field="reason")
        second = wire.yes_or_no(body, "second") or False
        vpa = UPI_FAILURE if outcome == "failure" else UPI_SUCCESS
        with self._store.transaction():
            order = self._bank.get("order", request.path_params["id"])
            payment = self._bank.begin_payment(
                order,
                method,
                card_number=wire.text(body, "card", at_most=19) or DEFAULT_CARD,
                vpa=wire.text(body, "vpa", at_most=100) or vpa,
                bank="HDFC" if method == "netbanking" else None,
                wallet="mobikwik" if method == "wallet" else None,
                email=wire.text(body, "email", at_most=255),
                contact=wire.text(body, "contact", at_most=20),
                notes=wire.notes_of(body),
                second=second,
            )
            if outcome == "failure":
                default = UPI_FAILED if method == "upi" else FAILURES["payment_failed"]
                self._bank.fail(payment, FAILURES[reason] if reason else default)
                return JSONResponse({"error": self._bank.failure_of(payment)})
            self._bank.authorize(payment, capture=False if outcome == "authorize" else True if second else None)
        return JSONResponse(self._bank.receipt_for_browser(payment))

    async def authorize(self, request: Request) -> Response:
        """The bank says yes after all: a failed or open payment becomes authorised (and captured, if in time).

        `{"capture": false}` leaves it authorised, `true` captures it even on a paid order.
        """
        body = await wire.read_body(request)
        with self._store.transaction():
            payment = self._bank.get("payment", request.path_params["id"])
            self._bank.authorize(payment, capture=wire.yes_or_no(body, "capture"))
        return JSONResponse(payment.doc)

    async def fail(self, request: Request) -> Response:
        reason = (await wire.read_body(request)).get("reason", "payment_failed")
        if reason not in FAILURES:
            raise Refusal(f"reason must be one of {', '.join(FAILURES)}", field="reason")
        with self._store.transaction():
            payment = self._bank.fail(self._bank.get("payment", request.path_params["id"]), FAILURES[reason])
        return JSONResponse(payment.doc)

    async def refund(self, request: Request) -> Response:
        """A refund made by hand in the dashboard: the shop hears of it by webhook alone."""
        body = await wire.read_body(request)
        with self._store.transaction():
            payment = self._bank.get("payment", request.path_params["id"])
            refund = self._bank.refund(payment, amount=wire.whole_number(body, "amount"), notes=wire.notes_of(body))
        return JSONResponse(refund.doc)

    async def process_refund(self, request: Request) -> Response:
        return self._end_refund(request, processed=True)

    async def fail_refund(self, request: Request) -> Response:
        return self._end_refund(request, processed=False)

    def _end_refund(self, request: Request, *, processed: bool) -> Response:
        with self._store.transaction():
            refund = self._bank.get("refund", request.path_params["id"])
            self._bank.end_refund(refund, processed=processed)
        return JSONResponse(refund.doc)

    async def dispute(self, request: Request) -> Response:
        """The buyer complains at their bank: `{"amount"?, "reason"?, "phase"?, "respond_within"?: seconds}`."""
        body = await wire.read_body(request)
        with self._store.transaction():
            within = wire.whole_number(body, "respond_within")
            dispute = self._bank.dispute(
                self._bank.get("payment", request.path_params["id"]),
                amount=wire.whole_number(body, "amount"),
                reason=wire.text(body, "reason", at_most=80) or "goods_or_services_not_received",
                phase=wire.one_of(body, "phase", DISPUTE_PHASES, default="chargeback"),
                respond_within=7 * DAY if within is None else within,
            )
        return JSONResponse(dispute.doc)

    async def advance_dispute(self, request: Request) -> Response:
        act = wire.one_of(request.path_params, "act", DISPUTE_ACTS, default="")
        with self._store.transaction():
            dispute = self._bank.advance_dispute(self._bank.get("dispute", request.path_params["id"]), act)
        return JSONResponse(dispute.doc)

    async def settle(self, request: Request) -> Response:
        """Settle all that is captured now, without waiting for T+2."""
        with self._store.transaction():
            settlement = self._bank.settle(self._store.newest("payment"))
        return JSONResponse(settlement.doc if settlement else {})

    async def clock(self, request: Request) -> Response:
        """`{"advance": seconds}`: what was to happen in that time happens now."""
        seconds = wire.required_number(await wire.read_body(request), "advance")
        if seconds < 0:
            raise Refusal("The clock goes forward only.", field="advance")
        self._store.advance(seconds)
        self._bank.do_due()
        return JSONResponse({"now": int(self._store.now())})

    async def faults(self, request: Request) -> Response:
        return JSONResponse(self._bank.faults.all())

    async def add_fault(self, request: Request) -> Response:
        return JSONResponse(self._bank.faults.add(await wire.read_body(request)))

    async def clear_faults(self, request: Request) -> Response:
        self._bank.faults.clear()
        return JSONResponse([])

    async def webhooks(self, request: Request) -> Response:
        """All events; with `?about=order_...` those that name it, with `?state=waiting` those that wait."""
        asked = request.query_params
        return JSONResponse(self._bank.webhooks.queue(about=asked.get("about", ""), state=asked.get("state", "")))

    async def replay(self, request: Request) -> Response:
        """Send events again: `{"event_ids"?, "event"?, "state"?, "order"?: "created" | "reversed"}`."""
        return JSONResponse({"count": self._bank.webhooks.replay(await wire.read_body(request))})

    async def release(self, request: Request) -> Response:
        """Send what a `hold` fault has held back."""
        wanted = await wire.read_body(request)
        return JSONResponse({"count": self._bank.webhooks.replay(wanted | {"state": "held"})})

    async def enable(self, request: Request) -> Response:
        self._bank.webhooks.enable()
        return JSONResponse({})

    async def state(self, request: Request) -> Response:
        """Everything, newest first."""
        whole: JSON = {
            "now": int(self._store.now()),
            "account_id": self._bank.account.id,
            "key_id": self._bank.account.key_id,
            "faults": self._bank.faults.all(),
            "webhook_disabled": self._store.note("webhook_disabled") == "yes",
            "webhooks": self._bank.webhooks.queue(),
        }
        for kind in ("order", "payment", "refund", "dispute", "settlement"):
            whole[f"{kind}s"] = [entity.doc for entity in self._store.newest(kind)]
        return JSONResponse(whole)

    async def reset(self, request: Request) -> Response:
        """Forget everything but the account, and set the clock right. Answers once no webhook is under way any more."""
        self._store.wipe()
        await self._bank.webhooks.come_to_rest()
        return JSONResponse({})
