"""Writes: one function per thing a shopper does with a bag."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from noirel.cart.errors import CartFull, LineOutOfStock, LineUnavailable, NotSoldSeparately, QuantityLimit
from noirel.cart.models import MAX_QUANTITY, Cart, CartLine
from noirel.cart.selectors import Bag, QuotedCart, cart_for, lines_of, must_be_theirs, quote_cart
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

MAX_LINES = 50


def open_cart(viewer: Viewer, *, lines: Sequence[Mapping[str, Any]] = ()) -> QuotedCart:
    """Make a cart, with lines in it if asked. A signed-in shopper has one, and gets that."""
    if viewer.user_id is None and not lines:
        return quote_cart(Bag(_new_cart(), [], {}))
    with transaction.atomic():
        cart = member_cart(viewer) if viewer.user_id else _new_cart()
        return quote_cart(_add(locked_cart(viewer, cart.pk, also=_skus(lines)), lines) if lines else cart_for(viewer, cart.pk))


def _new_cart() -> Cart:
    cart = Cart(currency=settings.SHOP_CURRENCY)
    prepared.execute(_NEW, prepared.rows_json(cart))
    cart._state.adding = False
    return cart


_NEW = prepared.insert_sql(Cart)


def member_cart(viewer: Viewer) -> Cart:
    """The signed-in shopper's own cart, made when there is none."""
    if viewer.user_id is None:
        raise NotAuthenticated("Sign in to have a bag of your own.")
    cart = Cart.objects.filter(user_id=viewer.user_id).first()
    if cart is None:
        with transaction.atomic():
            _lock_cart_of(viewer.user_id)
            cart, _ = Cart.objects.get_or_create(user_id=viewer.user_id, defaults={"currency": settings.SHOP_CURRENCY})
    return cart


def _lock_cart_of(user_id: object) -> None:
    """An account has room for one cart: whoever makes one, or brings one along at sign-in, waits for the other here."""
    take_transaction_lock(f"cart of {user_id}")


def add_line(viewer: Viewer, cart_id: UUID, *, sku: str, quantity: int, engraving: str = "") -> QuotedCart:
    """Put something in; more of the same, engraved the same, joins its line.

    One statement reads and one writes, if nobody has changed the bag in between; only then is it locked. Raises LineOutOfStock,
    LineUnavailable, CartFull, QuantityLimit; Invalid for a SKU that does not exist.
    """
    wanted = [{"sku": sku, "quantity": quantity, "engraving": engraving}]
    bag = cart_for(viewer, cart_id, also=[sku])
    if not _keep(bag.cart, _put_in(bag, wanted)):
        with transaction.atomic():
            bag = _add(locked_cart(viewer, cart_id, also=[sku]), wanted)
    return quote_cart(bag)


@transaction.atomic
def claim_right(viewer: Viewer, cart_id: UUID, *, drop: str, entry: UUID, token: str) -> QuotedCart:
    """Bring a right that was drawn to this bag, with a first flacon in it. A second time changes nothing. Locks the cart.

    Raises NotFound for a wrong token as for no entry; DropByLot when the right is used or has passed on.
    """
    lock_cart(viewer, cart_id)
    right = bring_to_bag(entry, slug=drop, token=token, cart_id=cart_id)
    (sku,) = skus_of(right.drop)
    bag = cart_for(viewer, cart_id, also=[sku])
    if not bag.cart.email and right.email:
        bag.cart.email = right.email
        bag.cart.save(update_fields=["email"])
    if not any(line.sku == sku for line in bag.lines):
        _add(bag, [{"sku": sku, "quantity": 1}])
    return quote_cart(bag)


@transaction.atomic
def change_line(viewer: Viewer, cart_id: UUID, line_id: UUID, **changes: Any) -> QuotedCart:
    """Change a line's quantity or engraving. Raises LineOutOfStock for more than can be had, QuantityLimit. Locks the cart."""
    bag = locked_cart(viewer, cart_id)
    lines, items = bag.lines, bag.items
    line = _line(lines, line_id)
    line.quantity = changes.get("quantity", line.quantity)
    line.engraving = changes.get("engraving", line.engraving) or ""
    item = items.get(line.sku)
    if item is None or not item.product_status_ok:
        raise LineUnavailable("This is no longer for sale.", lines=[{"sku": line.sku}])
    if not item.is_sold_separately:
        raise NotSoldSeparately(NOT_SOLD_SEPARATELY, lines=[{"sku": line.sku}])
    twin = next((o for o in lines if o is not line and o.sku == line.sku and o.engraving == line.engraving), None)
    if twin is not None:
        line.quantity += twin.quantity
        lines.remove(twin)
        twin.delete()
    _must_fit([line])
    _must_be_there(lines, items, only={line.sku})
    line.seen_price_amount = item.price.amount
    line.save(update_fields=["sku", "quantity", "engraving", "seen_price_amount"])
    return quote_cart(bag)


@transaction.atomic
def remove_line(viewer: Viewer, cart_id: UUID, line_id: UUID) -> QuotedCart:
    """Take a line out. Locks the cart."""
    bag = locked_cart(viewer, cart_id)
    line = _line(bag.lines, line_id)
    bag.lines.remove(line)
    line.delete()
    return quote_cart(bag)


@transaction.atomic
def change_cart(viewer: Viewer, cart_id: UUID, **changes: Any) -> QuotedCart:
    """Keep what the shopper says about the whole bag: e-mail, note, gift, samples, where to and how. Locks the cart."""
    bag = locked_cart(viewer, cart_id)
    gift = changes.pop("gift", None)
    if gift is not None:
        changes |= {f"gift_{name}": value for name, value in gift.items()}
    if strange := set(changes.get("samples", ())) - set(samples() if changes.get("samples") else ()):
        raise Invalid(errors=[FieldError("samples", "invalid_choice", f"Not a sample: {', '.join(sorted(strange))}.")])
    if changes.get("country", bag.cart.country) != bag.cart.country:
        # A postcode and a delivery method belong to the country they were chosen for.
        changes = {"postcode": "", "shipping_method": ""} | changes
    if changes.get("postcode"):
        country = COUNTRIES.get(changes.get("country", bag.cart.country) or settings.SHOP_COUNTRY)
        if country is not None:
            changes["postcode"] = must_be_postcode(country, changes["postcode"])
    for name, value in changes.items():
        setattr(bag.cart, name, "" if value is None else value)
    if changes:
        bag.cart.save(update_fields=[*changes])
    return quote_cart(bag)


# Whoever changes what is in a bag changes this as well: it is what `_keep` goes by.
_TOUCHED = "updated_at = greatest(%s, updated_at + interval '1 microsecond')"
_LOCK = f"UPDATE cart_cart SET {_TOUCHED} WHERE id = %s RETURNING {prepared.columns(Cart)}"
_KEEP = f"""
WITH bag AS (UPDATE cart_cart SET {_TOUCHED} WHERE id = %s AND updated_at = %s RETURNING updated_at), kept AS (
    {prepared.insert_sql(CartLine)}, bag
    ON CONFLICT (id) DO UPDATE
    SET sku = excluded.sku, quantity = excluded.quantity, seen_price_amount = excluded.seen_price_amount
)
SELECT updated_at FROM bag
"""


def lock_cart(viewer: Viewer, cart_id: UUID) -> Cart:
    """The cart, held until the transaction ends, and noted as changed: one statement.

    Raises NotFound for a stranger's cart as for none.
    """
    cart = _locked(cart_id)
    if cart is None:
        raise NotFound("There is no such bag.")
    must_be_theirs(viewer, cart)
    return cart


def _locked(cart_id: UUID) -> Cart | None:
    return next(iter(prepared.hydrate(Cart, prepared.execute(_LOCK, timezone.now(), cart_id))), None)


def locked_cart(viewer: Viewer, cart_id: UUID, *, also: Collection[str] = ()) -> Bag:
    """A bag as it is once we have its lock. Two statements: read in one, its lines could be from before we waited."""
    lock_cart(viewer, cart_id)
    return cart_for(viewer, cart_id, also=also)


def _keep(cart: Cart, touched: Sequence[CartLine]) -> bool:
    """Write these lines down if the bag is as it was when it was read; whether it is. One statement."""
    rows = prepared.execute(_KEEP, timezone.now(), cart.pk, cart.updated_at, prepared.rows_json(*touched))
    for (at,) in rows:
        cart.updated_at = at
    return bool(rows)


def removal_statements(cart: Cart) -> list[prepared.Statement]:
    """The writes that take out what has just become an order. The bag itself stays, ready for the next purchase."""
    emptied = [prepared.Statement("DELETE FROM cart_cartline WHERE cart_id = %s", (cart.pk,))]
    if cart.note or cart.gift_wrap or cart.gift_message or cart.gift_hide_prices or cart.samples:
        emptied.append(prepared.Statement(_NOTHING_SAID, (cart.pk,)))
    return emptied


_NOTHING_SAID = (
    "UPDATE cart_cart SET note = '', gift_wrap = false, gift_message = '', gift_hide_prices = false, samples = '[]'"
    " WHERE id = %s"
)


def restore_lines(payload: Mapping[str, Any]) -> None:
    """Return what an order held to the bag it came from, if it was never paid.

    Runs in the transaction that ends the order, so once. What has been put in since stays, and joins.
    """
    cart_id = payload.get("cart_id")
    cart = _locked(UUID(cart_id)) if cart_id else None
    if cart is None:
        return
    held = {(line.variant_id, line.engraving): line for line in lines_of(cart)}
    for back in payload["lines"]:
        line = held.get((back["variant_id"], back["engraving"]))
        if line is not None:
            line.quantity = min(line.quantity + back["quantity"], MAX_QUANTITY)
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
    _locked(own.pk)
    held = {(line.variant_id, line.engraving): line for line in lines_of(own)}
    for line in lines_of(guest):
        twin = held.get((line.variant_id, line.engraving))
        if twin is None:
            CartLine.objects.filter(pk=line.pk).update(cart=own)
        else:
            twin.quantity = max(twin.quantity, line.quantity)
            twin.save(update_fields=["quantity"])
    guest.delete()


@transaction.atomic
def forget_member_cart(payload: Mapping[str, Any]) -> None:
    """An account was erased: its cart goes with it, with the note, gift message and place in it. Runs in that transaction."""
    _lock_cart_of(payload["user_id"])
    Cart.objects.filter(user_id=payload["user_id"]).delete()


def _skus(wanted: Iterable[Mapping[str, Any]]) -> set[str]:
    return {want["sku"] for want in wanted}


def _add(bag: Bag, wanted: Sequence[Mapping[str, Any]]) -> Bag:
    """Put these into a bag whose lock we have; it was read with their SKUs."""
    touched = _put_in(bag, wanted)
    if not _keep(bag.cart, touched):
        raise RuntimeError(f"The bag {bag.cart.pk} has changed under its lock.")
    return bag


def _put_in(bag: Bag, wanted: Sequence[Mapping[str, Any]]) -> list[CartLine]:
    """The lines that are new or have grown, not written down yet."""
    touched: list[CartLine] = []
    for want in wanted:
        item = bag.items.get(want["sku"])
        if item is None:
            raise Invalid(errors=[FieldError("sku", "does_not_exist", "There is no such SKU.")])
        if item.product_status_ok and not item.is_sold_separately:
            raise NotSoldSeparately(NOT_SOLD_SEPARATELY, lines=[{"sku": item.sku}])
        if not item.product_status_ok or item.price.currency != bag.cart.currency:
            raise LineUnavailable("This is not for sale at the moment.", lines=[{"sku": item.sku}])
        engraving = want.get("engraving") or ""
        line = next((o for o in bag.lines if o.variant_id == item.variant_id and o.engraving == engraving), None)
        if line is None:
            line = CartLine(cart=bag.cart, variant_id=item.variant_id, sku=item.sku, quantity=0, engraving=engraving)
            bag.lines.append(line)
        if line not in touched:
            touched.append(line)
        line.quantity += want["quantity"]
        line.seen_price_amount = item.price.amount
    if len(bag.lines) > MAX_LINES:
        raise CartFull(f"A bag holds {MAX_LINES} different things.")
    _must_fit(touched)
    _must_be_there(bag.lines, bag.items, only=_skus(wanted))
    return touched


def _must_fit(lines: Iterable[CartLine]) -> None:
    """Raises QuantityLimit for a line that holds more than MAX_QUANTITY."""
    if full := [line.sku for line in lines if line.quantity > MAX_QUANTITY]:
        raise QuantityLimit(f"A bag holds {MAX_QUANTITY} of one thing.", lines=[{"sku": sku} for sku in full])


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
