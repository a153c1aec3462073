"""Cart services: what shoppers do with a cart, and what orders and sign-in do to it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from noirel.cart.errors import CartFull, LineOutOfStock, LineUnavailable, NotSoldSeparately, QuantityLimit
from noirel.cart.models import MAX_QUANTITY, Cart, CartLine
from noirel.cart.selectors import CartContents, QuotedCart, cart_for, check_access, lines_of, quote_cart
from noirel.catalog.purchasable import NOT_SOLD_SEPARATELY
from noirel.catalog.sellable import SellableVariant, samples
from noirel.core.db import prepared
from noirel.core.db.locks import take_transaction_lock
from noirel.core.domain.addresses import COUNTRIES, must_be_postcode
from noirel.core.domain.errors import FieldError, Invalid, NotAuthenticated, NotFound
from noirel.core.viewer import Viewer
from noirel.drops.rules import Asked, Terms, must_be_admitted
from noirel.drops.services.launch import skus_of
from noirel.drops.services.rights import bring_to_bag, follow_bag
from noirel.pricing.selectors import is_shipping_method

MAX_LINES = 50


def open_cart(viewer: Viewer, *, lines: Sequence[Mapping[str, Any]] = ()) -> QuotedCart:
    """Create a cart, with lines if given. A signed-in shopper gets their existing one."""
    if viewer.user_id is None and not lines:
        return quote_cart(CartContents(_create_cart(), [], {}))
    with transaction.atomic():
        cart = member_cart(viewer) if viewer.user_id else _create_cart()
        return quote_cart(
            _add(lock_contents(viewer, cart.pk, also=_skus(lines)), lines) if lines else cart_for(viewer, cart.pk)
        )


def _create_cart() -> Cart:
    cart = Cart(currency=settings.SHOP_CURRENCY)
    prepared.execute(_INSERT_CART, prepared.rows_json(cart))
    cart._state.adding = False
    return cart


_INSERT_CART = prepared.insert_sql(Cart)


def member_cart(viewer: Viewer) -> Cart:
    """Return the signed-in shopper's cart, creating it if there is none. Raises NotAuthenticated."""
    if viewer.user_id is None:
        raise NotAuthenticated("Sign in to have a bag of your own.")
    cart = Cart.objects.filter(user_id=viewer.user_id).first()
    if cart is None:
        with transaction.atomic():
            _lock_cart_of(viewer.user_id)
            cart, _ = Cart.objects.get_or_create(user_id=viewer.user_id, defaults={"currency": settings.SHOP_CURRENCY})
    return cart


def _lock_cart_of(user_id: object) -> None:
    """Take the lock under which an account's cart is created, or replaced at sign-in, as an account has only one."""
    take_transaction_lock(f"cart of {user_id}")


def add_line(viewer: Viewer, cart_id: UUID, *, sku: str, quantity: int, engraving: str = "") -> QuotedCart:
    """Add units of a variant. If a line with the same variant and engraving exists, its quantity is increased.

    Takes one query and one write if nobody changes the cart in between; otherwise the cart is locked. Raises LineOutOfStock,
    LineUnavailable, CartFull, QuantityLimit; Invalid for an unknown SKU.
    """
    requested_lines = [{"sku": sku, "quantity": quantity, "engraving": engraving}]
    contents = cart_for(viewer, cart_id, also=[sku])
    if not _save_if_unchanged(contents.cart, _merge_lines(contents, requested_lines)):
        with transaction.atomic():
            contents = _add(lock_contents(viewer, cart_id, also=[sku]), requested_lines)
    return quote_cart(contents)


@transaction.atomic
def claim_right(viewer: Viewer, cart_id: UUID, *, drop: str, entry: UUID, token: str) -> QuotedCart:
    """Use a right that was won in a lottery in this cart, and add one unit to it. Repeating it changes nothing. Locks the cart.

    Raises NotFound for a wrong token as for an unknown entry; DropByLot if the right was used or has passed on.
    """
    lock_cart(viewer, cart_id)
    right = bring_to_bag(entry, slug=drop, token=token, cart_id=cart_id)
    (sku,) = skus_of(right.drop)
    contents = cart_for(viewer, cart_id, also=[sku])
    if not contents.cart.email and right.email:
        contents.cart.email = right.email
        contents.cart.save(update_fields=["email"])
    if not any(line.sku == sku for line in contents.lines):
        _add(contents, [{"sku": sku, "quantity": 1}])
    return quote_cart(contents)


@transaction.atomic
def change_line(viewer: Viewer, cart_id: UUID, line_id: UUID, **changes: Any) -> QuotedCart:
    """Change a line's quantity or engraving; lines that become the same are merged. Locks the cart.

    Raises LineOutOfStock, QuantityLimit, LineUnavailable, NotSoldSeparately, NotFound.
    """
    contents = lock_contents(viewer, cart_id)
    lines, items = contents.lines, contents.items
    line = _line(lines, line_id)
    line.quantity = changes.get("quantity", line.quantity)
    line.engraving = changes.get("engraving", line.engraving) or ""
    item = items.get(line.sku)
    if item is None or not item.product_status_ok:
        raise LineUnavailable("This is no longer for sale.", lines=[{"sku": line.sku}])
    if not item.is_sold_separately:
        raise NotSoldSeparately(NOT_SOLD_SEPARATELY, lines=[{"sku": line.sku}])
    same_line = next(
        (other for other in lines if other is not line and other.sku == line.sku and other.engraving == line.engraving), None
    )
    if same_line is not None:
        line.quantity += same_line.quantity
        lines.remove(same_line)
        same_line.delete()
    _check_quantity_limit([line])
    _check_stock(lines, items, only={line.sku})
    line.seen_price_amount = item.price.amount
    line.save(update_fields=["sku", "quantity", "engraving", "seen_price_amount"])
    return quote_cart(contents)


@transaction.atomic
def remove_line(viewer: Viewer, cart_id: UUID, line_id: UUID) -> QuotedCart:
    """Remove a line. Locks the cart. Raises NotFound."""
    contents = lock_contents(viewer, cart_id)
    line = _line(contents.lines, line_id)
    contents.lines.remove(line)
    line.delete()
    return quote_cart(contents)


@transaction.atomic
def change_cart(viewer: Viewer, cart_id: UUID, **changes: Any) -> QuotedCart:
    """Change the cart's e-mail, note, gift options, samples, destination or shipping method. Locks the cart. Raises Invalid."""
    contents = lock_contents(viewer, cart_id)
    gift = changes.pop("gift", None)
    if gift is not None:
        changes |= {f"gift_{name}": value for name, value in gift.items()}
    if unknown := set(changes.get("samples", ())) - set(samples() if changes.get("samples") else ()):
        raise Invalid(errors=[FieldError("samples", "invalid_choice", f"Not a sample: {', '.join(sorted(unknown))}.")])
    if changes.get("country") and changes["country"] not in COUNTRIES:
        raise Invalid(errors=[FieldError("country", "not_served", "We don't deliver to this country.")])
    if changes.get("shipping_method") and not is_shipping_method(changes["shipping_method"], contents.cart.currency):
        raise Invalid(errors=[FieldError("shipping_method", "invalid_choice", "There is no such delivery method.")])
    if changes.get("country", contents.cart.country) != contents.cart.country:
        # The postcode and shipping method were chosen for the previous country.
        changes = {"postcode": "", "shipping_method": ""} | changes
    if changes.get("postcode"):
        country = COUNTRIES.get(changes.get("country", contents.cart.country) or settings.SHOP_COUNTRY)
        if country is not None:
            changes["postcode"] = must_be_postcode(country, changes["postcode"])
    for name, value in changes.items():
        setattr(contents.cart, name, "" if value is None else value)
    if changes:
        contents.cart.save(update_fields=[*changes])
    return quote_cart(contents)


# Every change of a cart's lines increases updated_at, which `_save_if_unchanged` compares.
_SET_UPDATED_AT = "updated_at = greatest(%s, updated_at + interval '1 microsecond')"
_LOCK = f"UPDATE cart_cart SET {_SET_UPDATED_AT} WHERE id = %s RETURNING {prepared.columns(Cart)}"
_SAVE_IF_UNCHANGED = f"""
WITH cart AS (UPDATE cart_cart SET {_SET_UPDATED_AT} WHERE id = %s AND updated_at = %s RETURNING updated_at), saved AS (
    {prepared.insert_sql(CartLine)}, cart
    ON CONFLICT (id) DO UPDATE
    SET sku = excluded.sku, quantity = excluded.quantity, seen_price_amount = excluded.seen_price_amount
)
SELECT updated_at FROM cart
"""


def lock_cart(viewer: Viewer, cart_id: UUID) -> Cart:
    """Return the cart, locked until the transaction ends and marked as changed, in one statement.

    Raises NotFound for a cart that the viewer may not see, as for one that does not exist.
    """
    cart = _lock(cart_id)
    if cart is None:
        raise NotFound("There is no such bag.")
    check_access(viewer, cart)
    return cart


def _lock(cart_id: UUID) -> Cart | None:
    return next(iter(prepared.hydrate(Cart, prepared.execute(_LOCK, timezone.now(), cart_id))), None)


def lock_contents(viewer: Viewer, cart_id: UUID, *, also: Collection[str] = ()) -> CartContents:
    """Lock a cart and return it with its lines and variants.

    Two statements: a single one could read lines from before it waited for the lock. Raises NotFound.
    """
    lock_cart(viewer, cart_id)
    return cart_for(viewer, cart_id, also=also)


def _save_if_unchanged(cart: Cart, changed_lines: Sequence[CartLine]) -> bool:
    """Save these lines unless the cart has changed since it was read, and return whether they were saved. One statement."""
    rows = prepared.execute(_SAVE_IF_UNCHANGED, timezone.now(), cart.pk, cart.updated_at, prepared.rows_json(*changed_lines))
    for (at,) in rows:
        cart.updated_at = at
    return bool(rows)


def removal_statements(cart: Cart) -> list[prepared.Statement]:
    """Return the statements that empty a cart whose content was ordered. The cart itself stays for the next purchase."""
    statements = [prepared.Statement("DELETE FROM cart_cartline WHERE cart_id = %s", (cart.pk,))]
    if cart.note or cart.gift_wrap or cart.gift_message or cart.gift_hide_prices or cart.samples:
        statements.append(prepared.Statement(_CLEAR_OPTIONS, (cart.pk,)))
    return statements


_CLEAR_OPTIONS = (
    "UPDATE cart_cart SET note = '', gift_wrap = false, gift_message = '', gift_hide_prices = false, samples = '[]'"
    " WHERE id = %s"
)


def restore_lines(payload: Mapping[str, Any]) -> None:
    """Return the lines of an order that was never paid to the cart it came from.

    Runs once, in the transaction that ends the order. Lines added since are kept and merged. Locks the cart.
    """
    cart_id = payload.get("cart_id")
    cart = _lock(UUID(cart_id)) if cart_id else None
    if cart is None:
        return
    existing = {(line.variant_id, line.engraving): line for line in lines_of(cart)}
    for restored in payload["lines"]:
        line = existing.get((restored["variant_id"], restored["engraving"]))
        if line is not None:
            line.quantity = min(line.quantity + restored["quantity"], MAX_QUANTITY)
            line.save(update_fields=["quantity"])
        else:
            CartLine.objects.create(
                cart=cart,
                variant_id=restored["variant_id"],
                sku=restored["sku"],
                quantity=restored["quantity"],
                engraving=restored["engraving"],
                seen_price_amount=restored["unit_price_amount"],
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
    """Give a guest's cart to the user who has signed in; if they have a cart, the guest's lines are merged into it.

    Does nothing if the cart does not exist or belongs to somebody else, because sign-in must not fail because of a cart.
    """
    cart_id = payload.get("cart_id")
    if not cart_id:
        return
    _lock_cart_of(payload["user_id"])
    guest = Cart.objects.select_for_update().filter(pk=cart_id, user__isnull=True).first()
    if guest is None:
        return
    own = Cart.objects.select_for_update().filter(user_id=payload["user_id"]).first()
    if own is None:
        guest.user_id = payload["user_id"]
        guest.save(update_fields=["user", "updated_at"])
        return
    follow_bag(from_cart=guest.pk, to_cart=own.pk)
    _lock(own.pk)
    existing = {(line.variant_id, line.engraving): line for line in lines_of(own)}
    for line in lines_of(guest):
        same_line = existing.get((line.variant_id, line.engraving))
        if same_line is None:
            CartLine.objects.filter(pk=line.pk).update(cart=own)
        else:
            same_line.quantity = max(same_line.quantity, line.quantity)
            same_line.save(update_fields=["quantity"])
    guest.delete()


@transaction.atomic
def delete_member_cart(payload: Mapping[str, Any]) -> None:
    """Handle `accounts.erased` in its transaction: delete the account's cart with its note, gift message and destination."""
    _lock_cart_of(payload["user_id"])
    Cart.objects.filter(user_id=payload["user_id"]).delete()


def _skus(requested_lines: Iterable[Mapping[str, Any]]) -> set[str]:
    return {requested["sku"] for requested in requested_lines}


def _add(contents: CartContents, requested_lines: Sequence[Mapping[str, Any]]) -> CartContents:
    """Add lines to a locked cart that was read with their SKUs."""
    changed_lines = _merge_lines(contents, requested_lines)
    if not _save_if_unchanged(contents.cart, changed_lines):
        raise RuntimeError(f"Cart {contents.cart.pk} has changed although it is locked.")
    return contents


def _merge_lines(contents: CartContents, requested_lines: Sequence[Mapping[str, Any]]) -> list[CartLine]:
    """Merge the requested quantities into the cart's lines and return those that changed, without saving them."""
    changed_lines: list[CartLine] = []
    for requested in requested_lines:
        item = contents.items.get(requested["sku"])
        if item is None:
            raise Invalid(errors=[FieldError("sku", "does_not_exist", "There is no such SKU.")])
        if item.product_status_ok and not item.is_sold_separately:
            raise NotSoldSeparately(NOT_SOLD_SEPARATELY, lines=[{"sku": item.sku}])
        if not item.product_status_ok or item.price.currency != contents.cart.currency:
            raise LineUnavailable("This is not for sale at the moment.", lines=[{"sku": item.sku}])
        engraving = requested.get("engraving") or ""
        line = next(
            (other for other in contents.lines if other.variant_id == item.variant_id and other.engraving == engraving), None
        )
        if line is None:
            line = CartLine(cart=contents.cart, variant_id=item.variant_id, sku=item.sku, quantity=0, engraving=engraving)
            contents.lines.append(line)
        if line not in changed_lines:
            changed_lines.append(line)
        line.quantity += requested["quantity"]
        line.seen_price_amount = item.price.amount
    if len(contents.lines) > MAX_LINES:
        raise CartFull(f"A bag holds {MAX_LINES} different things.")
    _check_quantity_limit(changed_lines)
    _check_stock(contents.lines, contents.items, only=_skus(requested_lines))
    return changed_lines


def _check_quantity_limit(lines: Iterable[CartLine]) -> None:
    """Raise QuantityLimit if a line exceeds MAX_QUANTITY."""
    if skus := [line.sku for line in lines if line.quantity > MAX_QUANTITY]:
        raise QuantityLimit(f"A bag holds {MAX_QUANTITY} of one thing.", lines=[{"sku": sku} for sku in skus])


def _check_stock(lines: Iterable[CartLine], items: Mapping[str, SellableVariant], *, only: set[str]) -> None:
    """Raise LineOutOfStock, or an error of the drop (DropNotOpen, DropClosed, DropByLot, ShareUsed)."""
    changed = {slug for sku in only if (slug := _drop_of(items[sku]))}
    in_drops = [(line, item) for line in lines if (item := items.get(line.sku)) is not None and _drop_of(item) in changed]
    drop_lines = [Asked(line.sku, Terms.of(item.drop), line.quantity) for line, item in in_drops if item.drop]
    must_be_admitted(drop_lines, at=timezone.now())
    shortages = []
    for sku in sorted(only):
        requested = sum(line.quantity for line in lines if line.sku == sku)
        available = items[sku].available
        if available is not None and requested > available:
            shortages.append({"sku": sku, "requested": requested, "available": available})
    if shortages:
        raise LineOutOfStock("There is not enough of it left.", lines=shortages)


def _drop_of(item: SellableVariant) -> str:
    return str(item.drop["slug"]) if item.drop else ""


def _line(lines: Iterable[CartLine], line_id: UUID) -> CartLine:
    line = next((line for line in lines if line.pk == line_id), None)
    if line is None:
        raise NotFound("There is no such line in this bag.")
    return line
