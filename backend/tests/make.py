"""Plain functions that make what a test needs: `make_user(email="a@b.example")`. Each owner of a table adds their own."""

from datetime import timedelta
from itertools import count
from typing import Any

import time_machine
from django.utils import timezone

from noirel.accounts.models import Role, User
from noirel.accounts.permissions import ROLES
from noirel.catalog.models import Product, Variant
from noirel.catalog.services.projection import refresh_projection
from noirel.core.domain.money import Money
from noirel.core.viewer import ANONYMOUS, SYSTEM
from noirel.drops.jobs import close_lotteries
from noirel.drops.models import Drop, Entry
from noirel.drops.services.entries import confirm, enter
from noirel.drops.services.launch import announce, create_drop
from noirel.drops.tokens import token_for
from noirel.inventory import services as inventory

# A picture as an order keeps it.
PICTURE = {
    "id": "0190a6b0-0000-7000-8000-000000000001", "alt": "A square flacon.", "view": "front", "width": 1280, "height": 1600,
    "ground": "#101418", "focal": None,
    "renditions": [
        {"format": "avif", "width": 640, "height": 800, "url": "/media/e.avif"},
        {"format": "jpeg", "width": 960, "height": 1200, "url": "/media/e.jpg"},
    ],
}  # fmt: skip
GIFT = {"wrap": False, "message": "", "hide_prices": False}  # as an order keeps it
PASSWORD = "a night in Grasse, 21:12"
_numbers = count(1)


def make_user(*, email: str = "", password: str | None = PASSWORD, **fields: Any) -> User:
    return User.objects.create_user(email=email or f"buyer{next(_numbers)}@example.com", password=password, **fields)


def make_staff(*, role: str = "owner", **fields: Any) -> User:
    user = make_user(**{"email": f"{role}{next(_numbers)}@noirel.example", "is_staff": True, **fields})
    title, permissions = ROLES[role]
    user.roles.add(Role.objects.get_or_create(name=role, defaults={"title": title, "permissions": sorted(permissions)})[0])
    return user


def make_variant(*, price: Money, on_hand: int | None = 10, sku: str = "", name: str = "", **fields: Any) -> Variant:
    """A product for sale with one variant; on_hand None: not tracked."""
    number = next(_numbers)
    product = Product.objects.create(
        slug=f"product-{number}",
        name=name or f"Encre {number}",
        status="active",
        published_at=timezone.now() - timedelta(days=1),
    )
    variant = Variant.objects.create(
        product=product,
        sku=sku or f"SKU-{number}",
        title="50 ml",
        price_amount=price.amount,
        currency=price.currency,
        **fields,
    )
    inventory.set_terms(variant.pk, is_tracked=on_hand is not None)
    if on_hand:
        inventory.adjust(variant.sku, delta=on_hand, reason="received", actor=SYSTEM)
    refresh_projection(product.pk)
    return variant


def make_drop(*variants: Variant, announced: bool = True, **fields: Any) -> Drop:
    """A launch that opened a minute ago, of one unit a person."""
    number = next(_numbers)
    now = timezone.now()
    rules = {
        "slug": f"drop-{number}",
        "name": f"Minuit {number}",
        "opens_at": now - timedelta(minutes=1),
        "closes_at": now + timedelta(hours=1),
    } | fields
    drop = create_drop(actor=SYSTEM, variants=[variant.sku for variant in variants], **rules)
    return announce(drop.slug, actor=SYSTEM) if announced else drop


def drawn_lottery(variant: Variant, *, units: int, entries: int) -> tuple[Drop, list[Entry]]:
    """A lottery that took its entries a minute ago, closed since, and is drawn now; who entered, by place."""
    with time_machine.travel(timezone.now() - timedelta(minutes=1)):
        drop = make_drop(variant, mode="lottery", units=units, closes_at=timezone.now() + timedelta(seconds=30))
        for number in range(entries):
            enter(ANONYMOUS, drop.slug, email=f"buyer{number}@example.com")
            entry = Entry.objects.get(drop=drop, email=f"buyer{number}@example.com")
            confirm(drop.slug, entry.pk, token=token_for(entry.pk))
    close_lotteries()
    drop.refresh_from_db()
    return drop, list(Entry.objects.filter(drop=drop).select_related("drop").order_by("place"))
