"""Reconciliation of our records with the gateway and the bank: every difference is reported."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from noirel.backoffice.audit import compare_with_gateway, run_checks
from noirel.backoffice.models import AuditRun, Settlement, SettlementLine
from noirel.backoffice.reconciliation import sweep as sweep_module
from noirel.backoffice.reconciliation.runs import are_webhooks_silent
from noirel.backoffice.reconciliation.settlements import import_settlements
from noirel.core.domain.money import inr
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.jobs import reconcile_payments
from noirel.payments.models import Payment, Refund, UnmatchedPayment
from noirel.payments.services.refund import request_unmatched_refund
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import LocalGateway, Shopper
from tests.stories.test_payment_failures import expire_holds

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 12_500_00


def around_now() -> tuple[datetime, datetime]:
    return timezone.now() - timedelta(hours=1), timezone.now() + timedelta(minutes=5)


def paid(guest: Shopper, gateway: LocalGateway, *, verify: bool = True) -> str:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    if verify:
        assert guest.verify(placed, payment_result).json()["status"] == "paid"
    return str(payment_result["razorpay_payment_id"])


def pay_unknown_order(gateway: LocalGateway, *, amount: int = 777_00) -> str:
    """A payment for an order that was created by hand at the gateway."""
    made = requests.post(
        f"{gateway.url}/v1/orders",
        json={"amount": amount, "currency": "INR", "receipt": "by-hand"},
        auth=(settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET),
        timeout=10,
    ).json()
    return str(gateway.pay(made["id"])["razorpay_payment_id"])


@pytest.fixture(autouse=True)
def quiet(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.without_webhooks()
    monkeypatch.setattr(sweep_module, "VISIBILITY_DELAY", timedelta(seconds=-5))


def test_the_sweep_finds_payments_that_no_webhook_reported(guest: Shopper, gateway: LocalGateway) -> None:
    paid(guest, gateway)
    unreported, unknown = paid(guest, gateway, verify=False), pay_unknown_order(gateway)
    assert sweep_module.sweep() == 2
    assert Payment.objects.get(gateway_payment_id=unreported).order.status == "paid"
    unmatched = UnmatchedPayment.objects.get()
    assert (unmatched.gateway_payment_id, unmatched.kind, unmatched.fate, unmatched.amount) == (
        unknown,
        "unmatched",
        "waiting",
        777_00,
    )
    assert balances()[(Account.UNMATCHED, "INR")] == -777_00
    assert sweep_module.sweep_window(*around_now()) == 0


def test_the_sweep_finds_refunds_made_on_the_gateways_dashboard(guest: Shopper, gateway: LocalGateway) -> None:
    payment = paid(guest, gateway)
    gateway.door(f"payments/{payment}/refund", amount=100_00)
    sweep_module.sweep()
    assert (Refund.objects.get().origin, Payment.objects.get().refunded_amount) == ("external", 100_00)


def test_the_sweep_stops_while_the_gateway_is_unavailable_and_skips_nothing(guest: Shopper, gateway: LocalGateway) -> None:
    unreported = paid(guest, gateway, verify=False)
    gateway.fault("payment.all", "error_500", times=None)
    assert sweep_module.sweep() == 0
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    assert sweep_module.sweep() == 1
    assert Payment.objects.get().gateway_payment_id == unreported


def test_the_sweep_reads_more_than_one_page_of_payments(guest: Shopper, gateway: LocalGateway) -> None:
    ids = {pay_unknown_order(gateway, amount=100 + n) for n in range(103)}
    assert sweep_module.sweep_window(*around_now()) == 103
    assert set(UnmatchedPayment.objects.values_list("gateway_payment_id", flat=True)) == ids


def test_settlements_are_matched_and_booked_once(guest: Shopper, gateway: LocalGateway) -> None:
    first, second = paid(guest, gateway), paid(guest, gateway)
    gateway.door(f"payments/{first}/refund", amount=500_00)
    sweep_module.sweep()
    settlement = gateway.door("settlements")
    for made in (1, 0):
        assert import_settlements(*around_now()) == made
    settlement_row = Settlement.objects.get()
    assert (settlement_row.pk, settlement_row.amount, settlement_row.problem) == (settlement["id"], settlement["amount"], "")
    assert sorted(SettlementLine.objects.values_list("type", "problem")) == [("payment", ""), ("payment", ""), ("refund", "")]
    assert balances()[(Account.BANK, "INR")] == settlement["amount"]
    assert balances()[(Account.GATEWAY, "INR")] == 0
    assert Payment.objects.filter(gateway_payment_id__in=[first, second]).count() == 2


def test_unmatched_settlement_lines_are_reported_until_they_match(guest: Shopper, gateway: LocalGateway, staff: Client) -> None:
    known_payment, unknown = paid(guest, gateway), pay_unknown_order(gateway)
    gateway.door("settlements")
    Payment.objects.filter(gateway_payment_id=known_payment).update(fee_amount=1)
    import_settlements(*around_now())
    problems = dict(SettlementLine.objects.values_list("entity_id", "problem"))
    assert problems[unknown] == "We know of no such payment."
    assert problems[known_payment].startswith("The fee was ₹0.01, ₹")
    listed = staff.get("admin/reconciliation/settlements?unmatched=true").json()["results"][0]
    assert {line["entity_id"] for line in listed["unmatched"]} == {known_payment, unknown}
    sweep_module.sweep()
    Payment.objects.filter(gateway_payment_id=known_payment).update(
        fee_amount=SettlementLine.objects.get(entity_id=known_payment).fee
    )
    import_settlements(*around_now())
    assert set(SettlementLine.objects.values_list("problem", flat=True)) == {""}
    assert staff.get("admin/reconciliation/settlements?unmatched=true").json()["results"] == []


@pytest.mark.unproved
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_payment_not_settled_after_three_working_days_is_reported(
    guest: Shopper, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setattr(settings, "SHOP_TIME_ZONE", zone)
    late = paid(guest, gateway)
    today = timezone.now().astimezone(ZoneInfo(zone)).replace(hour=12, minute=0, second=0, microsecond=0)

    def is_named() -> bool:
        return ("settlements.passed_over", late) in {(found.check, found.subject) for found in run_checks()}

    Payment.objects.update(captured_at=today - timedelta(days=20))
    assert not is_named()  # the gateway has never settled, so no settlement is overdue
    Settlement.objects.create(
        pk="setl_before", amount=0, fees=0, tax=0, currency="INR", utr="", created_at=today - timedelta(days=30)
    )
    for ago in range(10):
        Payment.objects.update(captured_at=today - timedelta(days=ago))
        between = [today - timedelta(days=day) for day in range(1, ago)]
        assert is_named() == (sum(day.isoweekday() < 6 for day in between) >= 3), ago


@pytest.mark.unproved
def test_every_difference_with_the_gateway_is_reported(
    guest: Shopper, gateway: LocalGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    unchanged, refunded, amount_differs, missing = (paid(guest, gateway) for _ in range(4))
    assert compare_with_gateway(*around_now()) == []
    unknown = pay_unknown_order(gateway)
    dashboard_refund = gateway.door(f"payments/{refunded}/refund", amount=100_00)["id"]
    Payment.objects.filter(gateway_payment_id=amount_differs).update(amount=PRICE + 1)
    Payment.objects.filter(gateway_payment_id=missing).update(gateway_payment_id="pay_0000000000000X")
    found = {(finding.check, finding.subject) for finding in compare_with_gateway(*around_now())}
    assert found == {
        ("gateway.unknown", unknown), ("gateway.refunded", refunded), ("gateway.refund", dashboard_refund),
        ("gateway.amount", amount_differs),
        ("gateway.unknown", missing), ("gateway.missing", "pay_0000000000000X"),
    }  # fmt: skip
    assert unchanged not in {subject for _, subject in found}
    gateway.door("clock", advance=120)
    with pytest.raises(SystemExit):
        call_command("audit", "--gateway", "--json")
    assert "orders.attempts" in capsys.readouterr().out


def test_staff_see_the_last_audit_and_can_run_one(staff: Client, staff_as: Any, guest: Shopper, gateway: LocalGateway) -> None:
    assert staff.get("admin/reconciliation").json()["last_run"] is None
    paid(guest, gateway)
    run = staff.post("admin/reconciliation/run", {}).json()
    assert (run["findings"], run["with_gateway"]) == ([], True)
    page = staff.get("admin/reconciliation").json()
    assert page["last_run"] == run
    balances_by_account = {row["account"]: row["balance"]["amount"] for row in page["balances"]}
    assert sum(balances_by_account.values()) == 0
    assert page["days"][0]["captured"] == {"amount": PRICE, "currency": "INR"}
    assert page["days"][0]["gateway"]["amount"] == balances_by_account["gateway"]
    assert staff.user is not None
    assert AuditRun.objects.get().actor in {staff.user.name, staff.user.email}
    assert staff_as("packer").get("admin/reconciliation").status_code == 403


def test_missing_webhooks_are_detected(guest: Shopper, gateway: LocalGateway) -> None:
    assert not are_webhooks_silent()
    paid(guest, gateway)
    assert not are_webhooks_silent()
    Payment.objects.update(captured_at=timezone.now() - timedelta(hours=1))
    assert are_webhooks_silent()


def forget_gateway_order(placed: dict[str, Any]) -> None:
    """Simulate a crash between the gateway's response and storing it."""
    Payment.objects.filter(order__number=placed["order"]["number"]).update(gateway_order_id=None, check_at=timezone.now())
    Order.objects.filter(number=placed["order"]["number"]).update(payments=[])


def test_an_unmatched_payment_pays_for_its_order_once_the_order_is_known(guest: Shopper, gateway: LocalGateway) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))
    pay = gateway.pay(placed["payment"]["gateway_order_id"])["razorpay_payment_id"]
    forget_gateway_order(placed)
    sweep_module.sweep()
    assert UnmatchedPayment.objects.get().kind == "unmatched"
    reconcile_payments()
    assert guest.order(placed)["status"] == "paid"
    unmatched = UnmatchedPayment.objects.get()
    assert (unmatched.fate, unmatched.accepted_amount, unmatched.remaining_amount) == ("accepted", PRICE, 0)
    assert request_unmatched_refund(unmatched) is None
    assert balances().get((Account.UNMATCHED, "INR"), 0) == 0
    fee = Payment.objects.get(gateway_payment_id=pay).fee_amount or 0
    assert balances()[(Account.GATEWAY, "INR")] == PRICE - fee
    assert run_checks() == []
    assert compare_with_gateway(*around_now()) == []
    sweep_module.sweep()
    assert guest.order(placed)["payment_status"] == "paid"


def test_a_refunded_unmatched_payment_does_not_pay_for_its_order_later(
    guest: Shopper, gateway: LocalGateway, staff: Client
) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"])
    forget_gateway_order(placed)
    sweep_module.sweep()
    (item,) = staff.get("admin/desk").json()["results"]
    assert staff.post(f"admin/desk/{item['id']}/resolve", {"act": "refund"}, **with_key("back")).status_code == 200
    reconcile_payments()
    assert guest.order(placed)["status"] == "pending_payment"
    assert UnmatchedPayment.objects.get().fate == "returned"
    assert [refund["amount"] for refund in gateway.state()["refunds"]] == [PRICE]
    assert balances().get((Account.CUSTOMERS, "INR"), 0) == balances().get((Account.UNMATCHED, "INR"), 0) == 0
    assert run_checks() == []


def unanswered(staff: Client) -> list[str]:
    return [row["order"] for row in staff.get("admin/reconciliation").json()["unsettled"]]


def test_an_abandoned_order_is_not_listed_as_unanswered(guest: Shopper, gateway: LocalGateway, staff: Client) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))
    assert unanswered(staff) == []  # the shopper may still be paying
    expire_holds()
    jobs.expire_unpaid_orders()
    assert guest.order(placed)["status"] == "expired"
    assert Payment.objects.get().check_at is not None  # polled for days, because a bank may authorize late
    assert unanswered(staff) == []


def test_an_attempt_is_listed_as_unanswered_until_the_gateway_answers(
    guest: Shopper, gateway: LocalGateway, staff: Client
) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))
    number = placed["order"]["number"]
    expire_holds()
    gateway.fault("order.payments", "error_500", times=None)
    jobs.expire_unpaid_orders()
    (row,) = staff.get("admin/reconciliation").json()["unsettled"]
    assert (row["order"], row["unanswered_since"] is not None) == (number, True)
    since = Payment.objects.get().unanswered_since
    jobs.expire_unpaid_orders()
    assert Payment.objects.get().unanswered_since == since
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    jobs.expire_unpaid_orders()
    assert (guest.order(placed)["status"], unanswered(staff)) == ("expired", [])


def test_a_payment_that_only_the_browser_reported_is_listed_as_unanswered(
    guest: Shopper, gateway: LocalGateway, staff: Client
) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    gateway.fault("payment.fetch", "error_500", times=None)
    assert guest.verify(placed, payment_result).status_code == 503
    assert unanswered(staff) == [placed["order"]["number"]]
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    jobs.reconcile_payments()
    assert (guest.order(placed)["status"], unanswered(staff)) == ("paid", [])
