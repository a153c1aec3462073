"""Writes: one function per thing a shopper does with a bag."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from noirel.cart.errors import CartFull, LineOutOfStock, LineUnavailable
from noirel.cart.models import Cart, CartLine
from noirel.cart.selectors import QuotedCart, lines_of, may_use, quote_cart, sellable_in
from noirel.catalog.selectors import SellableVariant, samples
from noirel.core.errors import FieldError, Invalid, NotAuthenticated, NotFound
from noirel.core.viewer import Viewer
from noirel.drops.rules import Asked, Terms, must_be_admitted
from noirel.drops.services.launch import skus_of
from noirel.drops.services.rights import bring_to_bag, follow_bag

MAX_LINES = 50


def open_cart(viewer: Viewer, *, lines: Sequence[Mapping[str, Any]] = ()) -> QuotedCart:
    """Make a cart, with lines in it if asked. A signed-in shopper has one, and gets that."""
    cart = member_cart(viewer) if viewer.user_id else Cart.objects.create(currency=settings.SHOP_CURRENCY)
    if lines:
        with transaction.atomic():
            return _add(lock_cart(viewer, cart.pk), lines)
    return quote_cart(cart, None if viewer.user_id else [])


def member_cart(viewer: Viewer) -> Cart:
    """The signed-in shopper's own cart, made when there is none."""
    if viewer.user_id is None:
        raise NotAuthenticated("Sign in to have a bag of your own.")
    cart = Cart.objects.filter(user_id=viewer.user_id).first()
    if cart is None:
        cart, _ = Cart.objects.get_or_create(user_id=viewer.user_id, defaults={"currency": settings.SHOP_CURRENCY})
    return cart


@transaction.atomic
def add_line(viewer: Viewer, cart_id: UUID, *, sku: str, quantity: int, engraving: str = "") -> QuotedCart:
    """Put something in; more of the same, engraved the same, joins its line.

    Raises LineOutOfStock, LineUnavailable, CartFull; Invalid for a SKU that does not exist. Locks the cart.
    """
    cart = lock_cart(viewer, cart_id)
    return _add(cart, [{"sku": sku, "quantity": quantity, "engraving": engraving}])


@transaction.atomic
def claim_right(viewer: Viewer, cart_id: UUID, *, drop: str, entry: UUID, token: str) -> QuotedCart:
    """Bring a right that was drawn to this bag, with a first flacon in it. A second time changes nothing. Locks the cart.

    Raises NotFound for a wrong token as for no entry; DropByLot when the right is used or has passed on.
    """
    cart = lock_cart(viewer, cart_id)
    right = bring_to_bag(entry, slug=drop, token=token, cart_id=cart.pk)
    if not cart.email and right.email:
        cart.email = right.email
        cart.save(update_fields=["email"])
    (sku,) = skus_of(right.drop)
    if any(line.sku == sku for line in lines_of(cart)):
        return quote_cart(cart)
    return _add(cart, [{"sku": sku, "quantity": 1}])


@transaction.atomic
def change_line(viewer: Viewer, cart_id: UUID, line_id: UUID, **changes: Any) -> QuotedCart:
    """Change a line's quantity or engraving. Raises LineOutOfStock for more than can be had. Locks the cart."""
    cart = lock_cart(viewer, cart_id)
    lines = lines_of(cart)
    line = _line(lines, line_id)
    items = sellable_in(cart, {other.sku for other in lines})
    line.quantity = changes.get("quantity", line.quantity)
    line.engraving = changes.get("engraving", line.engraving) or ""
    item = items.get(line.sku)
    if item is None or not item.product_status_ok:
        raise LineUnavailable("This is no longer for sale.", lines=[{"sku": line.sku}])
    twin = next((o for o in lines if o is not line and o.sku == line.sku and o.engraving == line.engraving), None)
    if twin is not None:
        line.quantity += twin.quantity
        lines.remove(twin)
        twin.delete()
    _must_be_there(lines, items, only={line.sku})
    line.seen_price_amount = item.price.amount
    line.save(update_fields=["quantity", "engraving", "seen_price_amount"])
    return quote_cart(cart, lines, items=items)


@transaction.atomic
def remove_line(viewer: Viewer, cart_id: UUID, line_id: UUID) -> QuotedCart:
    """Take a line out. Locks the cart."""
    cart = lock_cart(viewer, cart_id)
    lines = lines_of(cart)
    line = _line(lines, line_id)
    lines.remove(line)
    line.delete()
    return quote_cart(cart, lines)


@transaction.atomic
def change_cart(viewer: Viewer, cart_id: UUID, **changes: Any) -> QuotedCart:
    """Keep what the shopper says about the whole bag: e-mail, note, gift, samples, where to and how. Locks the cart."""
    cart = lock_cart(viewer, cart_id)
    gift = changes.pop("gift", None)
    if gift is not None:
        changes |= {f"gift_{name}": value for name, value in gift.items()}
    if strange := set(changes.get("samples", ())) - set(samples() if changes.get("samples") else ()):
        raise Invalid(errors=[FieldError("samples", "invalid_choice", f"Not a sample: {', '.join(sorted(strange))}.")])
    for name, value in changes.items():
        setattr(cart, name, "" if value is None else value)
    if changes:
        cart.save(update_fields=[*changes, "updated_at"])
    return quote_cart(cart)


def lock_cart(viewer: Viewer, cart_id: UUID) -> Cart:
    """The cart, held until the transaction ends, and noted as changed: one statement.

    Raises NotFound for a stranger's cart as for none.
    """
    carts = Cart.objects.raw("UPDATE cart_cart SET updated_at = %s WHERE id = %s RETURNING *", [timezone.now(), cart_id])
    cart = next(iter(carts), None)
    if cart is None or not may_use(viewer, cart):
        raise NotFound("There is no such bag.")
    return cart


def empty_cart(cart: Cart) -> None:
    """Take out what has just become an order. The bag itself stays, ready for the next purchase."""
    CartLine.objects.filter(cart_id=cart.pk).delete()
    leftovers = {"note": "", "gift_wrap": False, "gift_message": "", "gift_hide_prices": False, "samples": []}
    if any(getattr(cart, name) for name in leftovers):
        Cart.objects.filter(pk=cart.pk).update(**leftovers)


def put_back(payload: Mapping[str, Any]) -> None:
    """Return what an order held to the bag it came from, if it was never paid.

    Runs in the transaction that ends the order, so once. What has been put in since stays, and joins.
    """
    cart_id = payload.get("cart_id")
    cart = Cart.objects.select_for_update().filter(pk=cart_id).first() if cart_id else None
    if cart is None:
        return
    held = {(line.variant_id, line.engraving): line for line in lines_of(cart)}
    for back in payload["lines"]:
        line = held.get((back["variant_id"], back["engraving"]))
        if line is not None:
            line.quantity += back["quantity"]
            line.save(update_fields=["quantity"])
        else:
            CartLine.objects.create(
                cart=cart,
                variant_id=back["variant_id"],
                sku=back["sku"],
                quantity=back["quantity"],
                engraving=back["engraving"],
                seen_price_amount=back["unit_price_amount"],
            )
    if not cart.gift_message and not cart.note:
        gift = payload["gift"]
        Cart.objects.filter(pk=cart.pk).update(
            note=payload["note"],
            gift_wrap=gift["wrap"],
            gift_message=gift["message"],
            gift_hide_prices=gift["hide_prices"],
            samples=[sample["sku"] for sample in payload["samples"]],
        )


@transaction.atomic
def adopt_guest_cart(payload: Mapping[str, Any]) -> None:
    """Give a guest's cart to who has just signed in; when they have one already, the guest's lines join it.

    Quiet when the cart is not there or somebody else's: signing in must not fail over a bag.
    """
    cart_id = payload.get("cart_id")
    if not cart_id:
        return
    guest = Cart.objects.select_for_update().filter(pk=cart_id, user__isnull=True).first()
    if guest is None:
        return
    own = Cart.objects.select_for_update().filter(user_id=payload["user_id"]).first()
    if own is None:
        guest.user_id = payload["user_id"]
        guest.save(update_fields=["user", "updated_at"])
        return
    follow_bag(from_cart=guest.pk, to_cart=own.pk)
    held = {(line.variant_id, line.engraving): line for line in lines_of(own)}
    for line in lines_of(guest):
        twin = held.get((line.variant_id, line.engraving))
        if twin is None:
            CartLine.objects.filter(pk=line.pk).update(cart=own)
        else:
            twin.quantity = max(twin.quantity, line.quantity)
            twin.save(update_fields=["quantity"])
    guest.delete()


def _add(cart: Cart, wanted: Sequence[Mapping[str, Any]]) -> QuotedCart:
    lines = lines_of(cart)
    items = sellable_in(cart, {line.sku for line in lines} | {want["sku"] for want in wanted})
    fresh: list[CartLine] = []
    grown: list[CartLine] = []
    for want in wanted:
        item = items.get(want["sku"])
        if item is None:
            raise Invalid(errors=[FieldError("sku", "does_not_exist", "There is no such SKU.")])
        # What costs nothing is a sample; samples go with an order, and are not bought by the dozen.
        if not item.product_status_ok or item.price.currency != cart.currency or not item.price:
            raise LineUnavailable("This is not for sale at the moment.", lines=[{"sku": item.sku}])
        engraving = want.get("engraving") or ""
        line = next((o for o in lines if o.variant_id == item.variant_id and o.engraving == engraving), None)
        if line is None:
            line = CartLine(
                cart=cart,
                variant_id=item.variant_id,
                sku=item.sku,
                quantity=0,
                engraving=engraving,
            )
            lines.append(line)
            fresh.append(line)
        elif line not in fresh and line not in grown:
            grown.append(line)
        line.quantity += want["quantity"]
        line.seen_price_amount = item.price.amount
    if len(lines) > MAX_LINES:
        raise CartFull(f"A bag holds {MAX_LINES} different things.")
    _must_be_there(lines, items, only={want["sku"] for want in wanted})
    if fresh:
        CartLine.objects.bulk_create(fresh)
    for line in grown:
        line.save(update_fields=["quantity", "seen_price_amount"])
    return quote_cart(cart, lines, items=items)


def _must_be_there(lines: Iterable[CartLine], items: Mapping[str, SellableVariant], *, only: set[str]) -> None:
    """Raises LineOutOfStock; what a drop says of its own (DropNotOpen, DropClosed, DropByLot, ShareUsed)."""
    changed = {slug for sku in only if (slug := _drop_of(items[sku]))}
    in_drops = [(line, item) for line in lines if (item := items.get(line.sku)) is not None and _drop_of(item) in changed]
    asked = [Asked(line.sku, Terms.of(item.drop), line.quantity) for line, item in in_drops if item.drop]
    must_be_admitted(asked, at=timezone.now())
    short = []
    for sku in sorted(only):
        requested = sum(line.quantity for line in lines if line.sku == sku)
        available = items[sku].available
        if available is not None and requested > available:
            short.append({"sku": sku, "requested": requested, "available": available})
    if short:
        raise LineOutOfStock("There is not enough of it left.", lines=short)


def _drop_of(item: SellableVariant) -> str:
    return str(item.drop["slug"]) if item.drop else ""


def _line(lines: Iterable[CartLine], line_id: UUID) -> CartLine:
    line = next((line for line in lines if line.pk == line_id), None)
    if line is None:
        raise NotFound("There is no such line in this bag.")
    return line
