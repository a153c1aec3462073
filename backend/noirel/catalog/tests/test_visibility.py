"""Staff and shoppers are told the same about whether a product is in the shop, whatever dates it is given or loses."""

from datetime import datetime, timedelta
from itertools import product as every
from typing import Any

import pytest
from django.utils import timezone

from noirel.catalog.models import Product
from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
HOURS = (None, -2, -1, 1, 2)


def shown(client: Client, slug: str) -> bool:
    found = client.get(f"products/{slug}").status_code == 200
    assert client.get("products").json()["total"] == int(found)
    return found


def told(staff: Client, slug: str) -> str:
    visibility = staff.get(f"admin/products/{slug}").json()["visibility"]
    (card,) = staff.get("admin/products").json()["results"]
    assert card["visibility"] == visibility
    return str(visibility)


@pytest.mark.parametrize("status", ["draft", "active", "archived"])
def test_what_staff_read_of_a_product_is_what_shoppers_see(staff: Client, client: Client, status: str) -> None:
    product = make_variant(price=inr(100)).product
    now = timezone.now()
    for begins, ends in every(HOURS, HOURS):
        dates = [hours if hours is None else now + timedelta(hours=hours) for hours in (begins, ends)]
        if None not in (begins, ends) and ends <= begins:  # type: ignore[operator]
            continue
        Product.objects.filter(pk=product.pk).update(status=status, published_at=dates[0], unpublish_at=dates[1])
        assert (told(staff, product.slug) == "live") == shown(client, product.slug), (begins, ends)


@pytest.mark.parametrize(
    ("before", "change", "visibility"),
    [
        ({"status": "active", "published_at": -48}, {"published_at": None}, "live"),
        ({"status": "active", "published_at": 48}, {"published_at": None}, "live"),
        ({"status": "draft", "published_at": None}, {"status": "active"}, "live"),
        ({"status": "draft", "published_at": -48}, {"status": "active", "published_at": None}, "live"),
        ({"status": "archived", "published_at": 48}, {"status": "active", "published_at": None}, "live"),
        ({"status": "active", "published_at": None}, {"name": "Another name"}, "live"),
        ({"status": "active", "published_at": -48}, {"status": "draft", "published_at": None}, "draft"),
        ({"status": "active", "published_at": -48}, {"published_at": 48}, "scheduled"),
        ({"status": "active", "published_at": -48, "unpublish_at": -1}, {"unpublish_at": None}, "live"),
        ({"status": "active", "published_at": -48}, {"unpublish_at": None}, "live"),
    ],
)
def test_an_active_product_whose_dates_are_cleared_is_in_the_shop(
    staff: Client, client: Client, before: dict[str, Any], change: dict[str, Any], visibility: str
) -> None:
    now = timezone.now()

    def dated(fields: dict[str, Any]) -> dict[str, Any]:
        return {name: now + timedelta(hours=value) if isinstance(value, int) else value for name, value in fields.items()}

    product = make_variant(price=inr(100)).product
    Product.objects.filter(pk=product.pk).update(**dated(before))
    body = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in dated(change).items()}
    assert staff.patch(f"admin/products/{product.slug}", body).status_code == 200
    assert (told(staff, product.slug), shown(client, product.slug)) == (visibility, visibility == "live")


def test_clearing_the_start_of_a_live_product_keeps_the_day_it_began(staff: Client) -> None:
    product = make_variant(price=inr(100)).product
    began = timezone.now() - timedelta(days=300)
    Product.objects.filter(pk=product.pk).update(published_at=began)
    answer = staff.patch(f"admin/products/{product.slug}", {"published_at": None})
    assert answer.json()["published_at"] is not None
    assert Product.objects.get(pk=product.pk).published_at == began
