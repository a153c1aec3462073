"""Razorpay client, built on the official SDK. The only module that imports the SDK.

It adds what the SDK lacks: every call has a timeout, no POST that may have arrived is sent again, errors carry the HTTP status
and reason, and capture gets a dict of its own (the SDK's default argument is shared by all threads).
"""

import functools
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol, TypeVar, cast

import razorpay
import requests
from django.conf import settings
from razorpay import errors as sdk_errors
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.gateway_slots import gateway_slot
from noirel.payments.lifecycle import (
    CAPTURE_WITHIN,
    DisputeUpdate,
    GatewaySettlement,
    GatewaySettlementLine,
    PaymentUpdate,
    RefundUpdate,
)

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
TIMEOUT = (CONNECT_SECONDS, READ_SECONDS)
# The gateway may close a pooled connection just as it is used. Retrying is safe for GET only: a POST might take effect twice.
RETRY_POLICY = Retry(total=1, read=0, other=1, status=0, redirect=0, allowed_methods={"GET"})


Result = TypeVar("Result")


class Gateway(Protocol):
    """Operations the shop needs from a payment gateway. Every method may raise GatewayUnavailable or GatewayRefused.

    Amounts are in minor units.
    """

    def create_order(self, *, amount: int, currency: str, receipt: str, notes: Mapping[str, str], manual: bool) -> str:
        """Create a gateway order and return its id. Not idempotent: after GatewayUnavailable, call find_order first.

        With `manual`, payments are only authorized until capture() is called.
        """

    def find_order(self, *, receipt: str, amount: int, currency: str) -> str | None:
        """Return the id of an existing gateway order with this receipt, amount and currency, or None."""

    def payment(self, payment_id: str) -> PaymentUpdate:
        """Return the current state of one payment."""

    def payments_for_order(self, order_id: str) -> list[PaymentUpdate]:
        """Return every payment tried for a gateway order."""

    def capture(self, payment_id: str, *, amount: int, currency: str) -> PaymentUpdate:
        """Capture an authorized payment. A payment that is captured already is not an error."""

    def refund(self, payment_id: str, *, amount: int, key: str, notes: Mapping[str, str]) -> RefundUpdate:
        """Refund part or all of a payment. Repeating a call with the same key returns the first refund."""

    def refunds_for_payment(self, payment_id: str) -> list[RefundUpdate]:
        """Return every refund of a payment, including those made on the gateway's dashboard."""

    def payments_between(self, start: datetime, end: datetime) -> list[PaymentUpdate]:
        """Return every payment created in a period, which must have ended."""

    def refunds_between(self, start: datetime, end: datetime) -> list[RefundUpdate]:
        """Return every refund created in a period, which must have ended."""

    def settlements_between(self, start: datetime, end: datetime) -> list[GatewaySettlement]:
        """Return the settlements of a period, which must have ended."""

    def settlement_lines_on(self, day: date) -> list[GatewaySettlementLine]:
        """Return the lines of all settlements of one day, in India's time zone."""


class _Session(requests.Session):
    """Session that reads proxy and certificate settings from the environment once per origin instead of once per call."""

    def __init__(self) -> None:
        super().__init__()
        self._environment_settings: dict[str, Any] = {}

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        origin = "/".join(str(url).split("/", 3)[:3])
        if origin not in self._environment_settings:
            self._environment_settings[origin] = super().merge_environment_settings(url, proxies, stream, verify, cert)
        return dict(self._environment_settings[origin])


class _Client(razorpay.Client):  # type: ignore[misc]  # untyped
    """SDK client that caches its version: the SDK reads it from disk for the User-Agent of every call."""

    _get_version = functools.cache(razorpay.Client._get_version)


class RazorpayGateway:
    """The Gateway of Razorpay, at the address in RAZORPAY_API_URL."""

    def __init__(self, *, key_id: str, key_secret: str, base_url: str) -> None:
        self._local = threading.local()
        session = _Session()
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=32, max_retries=RETRY_POLICY)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        session.hooks["response"].append(self._record_response)
        self._client = _Client(auth=(key_id, key_secret), base_url=base_url.rstrip("/"), session=session)
        self._client.set_app_details({"title": "noirel", "version": "1"})

    def create_order(self, *, amount: int, currency: str, receipt: str, notes: Mapping[str, str], manual: bool) -> str:
        minutes = CAPTURE_WITHIN // timedelta(minutes=1)
        body = {
            "amount": amount,
            "currency": currency,
            "receipt": receipt,
            "notes": dict(notes),
            "payment": {"capture": "manual", "capture_options": {"manual_expiry_period": minutes, "refund_speed": "normal"}}
            if manual
            else {"capture": "automatic", "capture_options": {"automatic_expiry_period": 30, "refund_speed": "normal"}},
        }
        return _parse(_id_of, self._call(self._client.order.create, data=body))

    def find_order(self, *, receipt: str, amount: int, currency: str) -> str | None:
        response = self._call(self._client.order.all, data={"receipt": receipt, "count": 100})
        for order in _parse(_items, response):
            # Receipts are not guaranteed to be unique at the gateway, so the amount has to match too.
            if (order.get("receipt"), order.get("amount"), order.get("currency")) == (receipt, amount, currency):
                return str(order["id"])
        return None

    def payment(self, payment_id: str) -> PaymentUpdate:
        return _parse(payment_update_from, self._call(self._client.payment.fetch, payment_id))

    def payments_for_order(self, order_id: str) -> list[PaymentUpdate]:
        return [_parse(payment_update_from, item) for item in _parse(_items, self._call(self._client.order.payments, order_id))]

    def capture(self, payment_id: str, *, amount: int, currency: str) -> PaymentUpdate:
        try:
            return _parse(
                payment_update_from, self._call(self._client.payment.capture, payment_id, amount, {"currency": currency})
            )
        except GatewayRefused:
            # A repeated capture is refused, also when the first answer was lost or somebody else captured it.
            update = self.payment(payment_id)
            if update.status in {"captured", "refunded"}:
                return update
            raise

    def refund(self, payment_id: str, *, amount: int, key: str, notes: Mapping[str, str]) -> RefundUpdate:
        body = {"amount": amount, "notes": dict(notes), "receipt": key}
        response = self._call(
            self._client.payment.refund,
            payment_id,
            body,
            headers={"X-Refund-Idempotency": key, "Content-type": "application/json"},
        )
        return _parse(refund_update_from, response)

    def refunds_for_payment(self, payment_id: str) -> list[RefundUpdate]:
        response = self._call(self._client.payment.fetch_multiple_refund, payment_id, {"count": 100})
        return [_parse(refund_update_from, item) for item in _parse(_items, response)]

    def payments_between(self, start: datetime, end: datetime) -> list[PaymentUpdate]:
        return [_parse(payment_update_from, item) for item in self._window(self._client.payment.all, start, end)]

    def refunds_between(self, start: datetime, end: datetime) -> list[RefundUpdate]:
        return [_parse(refund_update_from, item) for item in self._window(self._client.refund.all, start, end)]

    def settlements_between(self, start: datetime, end: datetime) -> list[GatewaySettlement]:
        return [_parse(_settlement_from, item) for item in self._window(self._client.settlement.all, start, end)]

    def settlement_lines_on(self, day: date) -> list[GatewaySettlementLine]:
        params = {"year": day.year, "month": day.month, "day": day.day}
        return [_parse(_settlement_line_from, item) for item in self._pages(self._client.settlement.report, params, size=1000)]

    def _window(self, method: Callable[..., Any], start: datetime, end: datetime) -> list[dict[str, Any]]:
        return self._pages(method, {"from": int(start.timestamp()), "to": int(end.timestamp())}, size=100)

    def _pages(self, method: Callable[..., Any], params: Mapping[str, int], *, size: int) -> list[dict[str, Any]]:
        """Return all rows of a paginated list.

        There is no cursor, so rows of a period that has not ended would shift between pages.
        """
        rows: list[dict[str, Any]] = []
        while True:
            page = _parse(_items, self._call(method, data={**params, "count": size, "skip": len(rows)}))
            rows += page
            if len(page) < size:
                return rows

    def _record_response(self, response: requests.Response, *_: object, **__: object) -> None:
        self._local.response = response

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._local.response = None
        try:
            with gateway_slot():
                response = method(*args, timeout=TIMEOUT, **kwargs)
        except (sdk_errors.BadRequestError, sdk_errors.GatewayError, sdk_errors.ServerError) as error:
            raise self._translate_error(error) from error
        except (requests.RequestException, ValueError) as error:
            # No response, or one that is not JSON (a proxy's error page): whether the call took effect is unknown.
            raise GatewayUnavailable("The payment service did not answer.") from error
        if not isinstance(response, dict):
            raise GatewayUnavailable("The payment service gave an invalid response.")
        return cast(dict[str, Any], response)

    def _translate_error(self, error: Exception) -> GatewayRefused | GatewayUnavailable:
        response: requests.Response | None = self._local.response
        status = response.status_code if response is not None else 0
        if not 400 <= status < 500 or status == 429:
            return GatewayUnavailable(f"The payment service answered {status}.")
        try:
            details = cast(requests.Response, response).json().get("error", {})
        except (ValueError, AttributeError):
            details = {}
        if not isinstance(details, dict):
            details = {}
        return GatewayRefused(
            str(details.get("description") or error),
            http_status=status,
            reason=str(details.get("reason") or ""),
            field=str(details.get("field") or ""),
        )


def _parse(parser: Callable[[Any], Result], response: Any) -> Result:
    """Parse a response. Raises GatewayUnavailable for an unexpected structure: the result of the call is unknown."""
    try:
        return parser(response)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise GatewayUnavailable("The payment service gave an invalid response.") from error


def _id_of(entity: Mapping[str, Any]) -> str:
    if not isinstance(entity["id"], str) or not entity["id"]:
        raise ValueError("it has no id")
    return entity["id"]


def _items(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = response["items"]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("items is not a list of objects")
    return items


def payment_update_from(entity: Mapping[str, Any]) -> PaymentUpdate:
    """Convert a payment entity, from a response or a webhook. Raises ValueError if it is not one."""
    try:
        amount = entity["amount"]
        if type(amount) is not int:
            raise ValueError("amount is not an integer")
        return PaymentUpdate(
            payment_id=str(entity["id"]),
            order_id=str(entity.get("order_id") or ""),
            status=str(entity["status"]),
            amount=amount,
            currency=str(entity["currency"]),
            method=str(entity.get("method") or ""),
            fee=entity.get("fee"),
            tax=entity.get("tax"),
            refunded=int(entity.get("amount_refunded") or 0),
            error={name: str(entity.get(f"error_{name}") or "") for name in ("code", "description", "reason", "step", "source")}
            if entity.get("error_code")
            else {},
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a payment: {error}") from error


def refund_update_from(entity: Mapping[str, Any]) -> RefundUpdate:
    """Convert a refund entity, from a response or a webhook. Raises ValueError if it is not one."""
    try:
        amount = entity["amount"]
        if type(amount) is not int:
            raise ValueError("amount is not an integer")
        return RefundUpdate(
            refund_id=str(entity["id"]),
            payment_id=str(entity["payment_id"]),
            amount=amount,
            currency=str(entity["currency"]),
            status=str(entity.get("status") or ""),
            key=str(entity.get("receipt") or ""),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a refund: {error}") from error


def dispute_update_from(entity: Mapping[str, Any], *, at: int) -> DisputeUpdate:
    """Convert a dispute entity from a webhook. Raises ValueError if it is not one.

    `at` is the time of the event in Unix seconds.
    """
    try:
        amount, deducted, respond_by = entity["amount"], entity.get("amount_deducted") or 0, entity.get("respond_by")
        if type(amount) is not int or type(deducted) is not int or not isinstance(respond_by, int | None):
            raise ValueError("amount, amount_deducted or respond_by is not an integer")
        return DisputeUpdate(
            dispute_id=str(entity["id"]),
            payment_id=str(entity["payment_id"]),
            amount=amount,
            currency=str(entity["currency"]),
            status=str(entity.get("status") or ""),
            phase=str(entity.get("phase") or ""),
            reason_code=str(entity.get("reason_code") or ""),
            respond_by=respond_by,
            amount_deducted=deducted,
            at=at,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a dispute: {error}") from error


def _settlement_from(entity: Mapping[str, Any]) -> GatewaySettlement:
    return GatewaySettlement(
        settlement_id=str(entity["id"]),
        amount=int(entity["amount"]),
        fees=int(entity.get("fees") or 0),
        tax=int(entity.get("tax") or 0),
        status=str(entity.get("status") or ""),
        utr=str(entity.get("utr") or ""),
        created_at=datetime.fromtimestamp(int(entity["created_at"]), UTC),
    )


def _settlement_line_from(row: Mapping[str, Any]) -> GatewaySettlementLine:
    return GatewaySettlementLine(
        settlement_id=str(row["settlement_id"]),
        entity_id=str(row["entity_id"]),
        type=str(row["type"]),
        amount=int(row["amount"]),
        credit=int(row.get("credit") or 0),
        debit=int(row.get("debit") or 0),
        fee=int(row.get("fee") or 0),
        tax=int(row.get("tax") or 0),
        currency=str(row["currency"]),
        payment_id=str(row.get("payment_id") or ""),
        order_receipt=str(row.get("order_receipt") or ""),
        dispute_id=str(row.get("dispute_id") or ""),
    )


@functools.cache
def gateway() -> Gateway:
    """Return this process's client, created on first use."""
    return RazorpayGateway(
        key_id=settings.RAZORPAY_KEY_ID, key_secret=settings.RAZORPAY_KEY_SECRET, base_url=settings.RAZORPAY_API_URL
    )
