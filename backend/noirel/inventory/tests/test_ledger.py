"""State machine test: after any sequence of operations, stock equals the sum of its ledger."""

from collections import Counter
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from noirel.catalog.models import Variant
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.inventory import services
from noirel.inventory.errors import OutOfStock, StockBelowReserved
from noirel.inventory.models import Reservation, StockItem, StockMovement
from tests.make import make_variant

ORDERS = st.sampled_from([f"NE-{number}" for number in range(6)])
UNITS = st.integers(1, 4)


class StockMachine(RuleBasedStateMachine):
    """Two variants and six orders. `held`, `sold` and `gone` (released) are the expected state of each order."""

    def __init__(self) -> None:
        super().__init__()
        self.sid = transaction.savepoint()
        self.variants = [make_variant(price=inr(100), on_hand=5) for _ in range(2)]
        self.on_hand = Counter({variant.pk: 5 for variant in self.variants})
        self.held: dict[str, dict[int, int]] = {}
        self.gone: dict[str, dict[int, int]] = {}
        self.sold: dict[str, dict[int, int]] = {}  # units of paid orders that have not shipped

    def left(self, pk: int) -> int:
        return self.on_hand[pk] - sum(units.get(pk, 0) for units in (*self.held.values(), *self.sold.values()))

    @rule(reference=ORDERS, first=st.integers(0, 4), second=st.integers(0, 4))
    def reserve(self, reference: str, first: int, second: int) -> None:
        if reference in self.held or reference in self.gone or reference in self.sold:
            return
        requested = {v.pk: units for v, units in zip(self.variants, (first, second), strict=True) if units}
        is_possible = all(self.left(pk) >= units for pk, units in requested.items())
        try:
            with transaction.atomic():
                services.reserve(requested, reference=reference, expires_at=None)
        except OutOfStock:
            assert not is_possible
        else:
            assert is_possible
            if requested:
                self.held[reference] = requested

    @rule(reference=ORDERS)
    def release(self, reference: str) -> None:
        services.release(reference)
        if reference in self.held:
            self.gone[reference] = self.held.pop(reference)

    @rule(reference=ORDERS)
    def commit_sale(self, reference: str) -> None:
        services.commit_sale(reference)
        if reference in self.held:
            self.sold[reference] = self.held.pop(reference)

    @rule(
        reference=ORDERS,
        first=st.integers(0, 4),
        second=st.integers(0, 4),
        action=st.sampled_from(["ship", "release", "write_off"]),
    )
    def settle(self, reference: str, first: int, second: int, action: str) -> None:
        """Ship, release or write off units of a paid order; a quantity above what is committed is reduced to it."""
        units = {variant.pk: count for variant, count in zip(self.variants, (first, second), strict=True)}
        expected = {pk: min(count, self.sold.get(reference, {}).get(pk, 0)) for pk, count in units.items()}
        if action == "ship":
            services.dispatch(reference, units, shipment=uuid4())
        elif action == "write_off":
            services.write_off_committed(reference, units)
        else:
            assert services.release_committed(reference, units) == {pk: count for pk, count in expected.items() if count}
        for pk, count in expected.items():
            if count:
                self.sold[reference][pk] -= count
                self.on_hand[pk] -= 0 if action == "release" else count

    @rule(reference=ORDERS)
    def rehold(self, reference: str) -> None:
        requested = self.gone.get(reference, {})
        is_possible = all(self.left(pk) >= units for pk, units in requested.items())
        try:
            with transaction.atomic():
                services.rehold(reference)
        except OutOfStock:
            assert not is_possible
        else:
            assert is_possible
            if requested:
                self.held[reference] = self.gone.pop(reference)

    @rule(at=st.integers(0, 1), delta=st.integers(-4, 4).filter(bool))
    def adjust(self, at: int, delta: int) -> None:
        variant = self.variants[at]
        is_possible = self.left(variant.pk) + delta >= 0
        try:
            with transaction.atomic():
                services.adjust(variant.sku, delta=delta, reason="counted", actor=SYSTEM)
        except StockBelowReserved:
            assert not is_possible
        else:
            assert is_possible
            self.on_hand[variant.pk] += delta

    @invariant()
    def the_columns_are_the_sums_of_the_ledger(self) -> None:
        for variant in self.variants:
            item = StockItem.objects.get(pk=variant.pk)
            movements = StockMovement.objects.filter(item=item).aggregate(n=Sum("delta"))["n"]
            held = Reservation.objects.filter(item=item, state="held").aggregate(n=Sum("units"))["n"] or 0
            assert item.on_hand == movements == self.on_hand[variant.pk]
            assert item.reserved == held
            assert item.committed == sum(units.get(variant.pk, 0) for units in self.sold.values())
            committed = Reservation.objects.filter(item=item).aggregate(n=Sum("committed"))["n"] or 0
            assert item.committed == committed
            assert item.available == self.left(variant.pk) >= 0
            variant_copy = Variant.objects.select_related("product").get(pk=variant.pk)
            assert (variant_copy.available, variant_copy.on_hand, variant_copy.committed) == (
                item.available,
                item.on_hand,
                item.committed,
            )
            assert variant_copy.in_stock == variant_copy.product.in_stock == (item.available > 0)

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.sid)


@pytest.mark.django_db
def test_stock_equals_the_sum_of_its_ledger_after_any_operations() -> None:
    run_state_machine_as_test(
        StockMachine,
        settings=settings(max_examples=25, stateful_step_count=20, suppress_health_check=list(HealthCheck), database=None),
    )
