"""What staff do to many products at once: once, each as a whole, and what could not be done is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis.strategies import integers, none, one_of, sampled_from

from noirel.backoffice.audit import run_checks
from noirel.backoffice.bulk import lifecycle, run
from noirel.backoffice.jobs import run_bulk_changes
from noirel.backoffice.models import BulkChange
from noirel.catalog.models import Product, Variant
from noirel.catalog.repricing import Prices, Repricing, repriced
from noirel.catalog.services.bulk import change_many
from noirel.catalog.services.projection import refresh_projections
from noirel.core.domain.money import Money, inr
from noirel.core.models import AuditEntry
from tests.client import Client
from tests.make import make_variant

AT = "admin/bulk-changes"


def _ask(staff: Client, key: str = "once", **asked: Any) -> Any:
    return staff.post(AT, asked, HTTP_IDEMPOTENCY_KEY=key)


@pytest.mark.django_db
def test_many_are_published_archived_and_told_of_one_by_one(staff: Client, client: Client) -> None:
    ready, over, live = (make_variant(price=inr(100)).product for _ in range(3))
    Product.objects.filter(pk__in=[ready.pk, over.pk]).update(status="draft", published_at=None)
    Product.objects.filter(pk=over.pk).update(unpublish_at=timezone.now() - timedelta(days=1))
    refresh_projections([ready.pk, over.pk])
    done = _ask(staff, act="publish", slugs=[ready.slug, over.slug, live.slug])
    assert done.status_code == 201, done.content
    told = done.json()
    assert (told["status"], told["products_total"], told["products_done"], told["products_refused"]) == ("done", 3, 3, 1)
    (finding,) = staff.get(f"{AT}/{told['id']}/findings").json()["results"]
    assert (finding["slug"], finding["problem"]) == (over.slug, "Its last day in the shop is over: give it another.")
    assert client.get(f"products/{ready.slug}").status_code == 200
    assert client.get(f"products/{over.slug}").status_code == 404
    entries = AuditEntry.objects.filter(action="products.bulk")
    assert [(entry.target, entry.before, entry.after) for entry in entries] == [
        (f"product:{ready.slug}", {"status": "draft"}, {"status": "active"})
    ]
    assert _ask(staff, "two", act="archive", where={"status": "active"}, expected=1).json()["code"] == "selection_changed"
    assert _ask(staff, "three", act="archive", where={"status": "active"}, expected=2).json()["products_done"] == 2
    assert set(Product.objects.values_list("slug", "status")) == {
        (ready.slug, "archived"),
        (over.slug, "draft"),
        (live.slug, "archived"),
    }
    assert run_checks() == []


@pytest.mark.django_db
def test_the_same_click_twice_raises_a_price_once(staff: Client, client: Client) -> None:
    dear, fixed = make_variant(price=inr(999_99)), make_variant(price=inr(100_00), compare_at_amount=105_00)
    slugs = [dear.product.slug, fixed.product.slug]
    look = staff.post(f"{AT}/preview", {"act": "reprice", "slugs": slugs, "percent_bps": 1000, "to": 100}).json()
    assert look["total"] == 2
    assert {one["sku"]: (one["new_price"] and one["new_price"]["amount"], one["problem"]) for one in look["examples"]} == {
        dear.sku: (1100_00, ""),
        fixed.sku: (None, "Its former price would not be above its price."),
    }
    for _ in range(2):
        done = _ask(staff, act="reprice", slugs=slugs, percent_bps=1000, to=100)
        assert (done.status_code, done.json()["products_refused"]) == (201, 1)
    assert Variant.objects.get(pk=dear.pk).price_amount == 1100_00
    assert Variant.objects.get(pk=fixed.pk).price_amount == 100_00
    assert client.get(f"products/{dear.product.slug}").json()["price_range"]["min"]["amount"] == 1100_00
    yen = make_variant(price=Money(5000, "JPY"))
    down = _ask(staff, "down", act="reprice", slugs=[slugs[0], yen.product.slug], sum=-50_50, currency="INR").json()
    (finding,) = staff.get(f"{AT}/{down['id']}/findings").json()["results"]
    assert finding["problem"] == f"{yen.sku}: Its price is in JPY."
    assert Variant.objects.get(pk=dear.pk).price_amount == 1100_00 - 50_50
    assert _ask(staff, "up", act="reprice", slugs=slugs[:1], sum=50_50, currency="INR").json()["products_refused"] == 0
    sale = _ask(staff, "sale", act="reprice", slugs=slugs, percent_bps=-2000, compare_at="was")
    assert sale.json()["products_refused"] == 0
    left = Variant.objects.exclude(pk=yen.pk)
    assert [tuple(row) for row in left.order_by("pk").values_list("price_amount", "compare_at_amount")] == [
        (880_00, 1100_00),
        (80_00, 105_00),
    ]
    assert staff.post(AT, {"act": "archive", "slugs": slugs}).json()["code"] == "idempotency_key_required"
    assert run_checks() == []


@pytest.mark.django_db
def test_many_are_put_into_a_category_and_a_collection_and_taken_out(staff: Client, client: Client) -> None:
    products = [make_variant(price=inr(100)).product for _ in range(3)]
    slugs = [product.slug for product in products]
    staff.post("admin/categories", {"slug": "night", "name": "Night"})
    staff.post("admin/collections", {"slug": "few", "name": "Few", "products": [slugs[2]]})
    staff.post("admin/collections", {"slug": "ruled", "name": "Ruled", "rules": [{"field": "tag", "is": "is", "value": "x"}]})
    assert _ask(staff, "a", act="category", slugs=slugs, category="night").status_code == 201
    assert client.get("products?category=night").json()["total"] == 3
    assert _ask(staff, "b", act="collect", slugs=slugs, collection="few").status_code == 201
    assert [one["slug"] for one in staff.get("admin/collections/few").json()["products"]] == [slugs[2], *slugs[:2]]
    assert _ask(staff, "c", act="uncollect", where={"collection": "few"}, collection="few").json()["products_done"] == 3
    assert staff.get("admin/collections/few").json()["products"] == []
    assert _ask(staff, "d", act="category", slugs=slugs, category=None).status_code == 201
    assert client.get("products?category=night").json()["total"] == 0
    refused: list[dict[str, Any]] = [
        {"act": "collect", "slugs": slugs, "collection": "ruled"},
        {"act": "category", "slugs": slugs, "category": "none"},
        {"act": "category", "slugs": slugs},
        {"act": "archive", "slugs": slugs, "category": "night"},
        {"act": "archive", "slugs": ["none"]},
        {"act": "archive"},
        {"act": "archive", "slugs": slugs, "where": {}},
        {"act": "reprice", "slugs": slugs, "percent_bps": 0},
        {"act": "reprice", "slugs": slugs},
        {"act": "reprice", "slugs": slugs, "sum": 100},
        {"act": "reprice", "slugs": slugs, "sum": 100, "currency": "INR", "percent_bps": 100},
        {"act": "explode", "slugs": slugs},
    ]
    for key, wrong in enumerate(refused):
        assert _ask(staff, f"wrong-{key}", **wrong).status_code == 400, wrong
    assert run_checks() == []


@pytest.mark.django_db
def test_more_than_a_request_takes_are_the_workers_who_can_be_killed_and_stopped(
    staff: Client, monkeypatch: pytest.MonkeyPatch, staff_as: Callable[[str], Client]
) -> None:
    monkeypatch.setattr(lifecycle, "SYNCHRONOUS_LIMIT", 1)
    monkeypatch.setattr(run, "BATCH", 2)
    variants = [make_variant(price=inr(100_00)) for _ in range(5)]
    asked = _ask(staff, act="reprice", where={}, percent_bps=1000).json()
    assert (asked["status"], asked["products_done"]) == ("queued", 0)
    job = BulkChange.objects.get()
    seen = []

    def killed(*args: Any, **kwargs: Any) -> Any:
        seen.append(args)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return change_many(*args, **kwargs)

    monkeypatch.setattr(run, "change_many", killed)
    with pytest.raises(KeyboardInterrupt):
        run_bulk_changes()
    job.refresh_from_db()
    assert (job.status, job.products_done) == ("running", 2)
    run_bulk_changes()
    job.refresh_from_db()
    assert (job.status, job.products_done) == ("done", 5)
    assert {Variant.objects.get(pk=variant.pk).price_amount for variant in variants} == {110_00}
    asked = _ask(staff, "again", act="reprice", where={}, percent_bps=1000).json()
    assert staff.post(f"{AT}/{asked['id']}/cancel", {}).json()["is_cancel_asked"]
    run_bulk_changes()
    assert staff.get(f"{AT}/{asked['id']}").json()["status"] == "cancelled"
    assert staff.post(f"{AT}/{asked['id']}/cancel", {}).json()["code"] == "bulk_change_ended"
    assert {Variant.objects.get(pk=variant.pk).price_amount for variant in variants} == {110_00}
    assert _ask(staff_as("packer"), act="archive", where={}).status_code == 403


@pytest.mark.django_db
def test_many_cost_as_many_statements_as_few(staff: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(6):
        make_variant(price=inr(100_00))
    with django_assert_max_num_queries(46):  # the request, the job, one batch
        assert _ask(staff, act="reprice", where={}, percent_bps=500).json()["products_done"] == 6


@given(
    integers(0, 10**9),
    one_of(none(), integers(1, 10**9)),
    one_of(integers(-9_999, 100_000).map(lambda bps: (bps, 0)), integers(-(10**9), 10**9).map(lambda by: (0, by))),
    sampled_from([1, 5, 100, 1000]),
    sampled_from(["keep", "was", "none"]),
)
def test_a_new_price_is_the_nearest_one_and_below_its_former_price(
    price: int, above: int | None, change: tuple[int, int], to: int, compare_at: str
) -> None:
    percent_bps, by = change
    now = Prices(price, None if above is None else price + above)
    news = repriced(now, Repricing(percent_bps, to, compare_at, by, "INR"), "INR")
    if isinstance(news, str):
        return
    exact = price * (10_000 + percent_bps) + by * 10_000
    assert news.price > 0 or price == 0 == news.price
    assert news.price % to == 0
    assert abs(news.price * 10_000 - exact) * 2 <= 10_000 * to
    assert news.compare_at is None or news.compare_at > news.price
