"""Reads, and the only doors to a cart."""

from collections import Counter
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.utils import timezone

from noirel.cart.models import Cart, CartLine
from noirel.catalog.selectors import SellableVariant, sellable
from noirel.core.errors import NotFound
from noirel.core.money import Money
from noirel.core.viewer import Viewer
from noirel.drops.rules import Asked, Standing, Terms
from noirel.drops.services.rights import rights_in_bag
from noirel.pricing.quote import Quote, QuotedLine, QuoteLine, build_quote
from noirel.pricing.selectors import OfferedMethod, shipping_methods


@dataclass(frozen=True)
class CartWarning:
    """Something about the cart the shopper should know before paying."""

    code: str
    message: str
    line_id: UUID | None = None
    sku: str | None = None
    available: int | None = None


@dataclass(frozen=True)
class QuotedCart:
    """A cart, what it costs now, and what is wrong with it."""

    cart: Cart
    lines: Sequence[CartLine]
    quote: Quote
    items: Mapping[str, SellableVariant]
    methods: Sequence[OfferedMethod] = ()
    warnings: Sequence[CartWarning] = field(default_factory=list)

    @property
    def in_drops(self) -> list[Asked]:
        """The lines of what is sold in a launch, whether they count yet or not."""
        return [
            Asked(line.sku, Terms.of(item.drop), line.quantity)
            for line in self.lines
            if (item := self.items.get(line.sku)) is not None and item.drop is not None
        ]

    @property
    def quoted_lines(self) -> Mapping[str, QuotedLine]:
        return {line.asked.key: line for line in self.quote.lines}


def cart_for(viewer: Viewer, cart_id: UUID) -> Cart:
    """The one door to a cart by its id. A guest's cart opens to whoever knows the id, a member's to its owner only."""
    cart = Cart.objects.filter(pk=cart_id).first()
    if cart is None or not may_use(viewer, cart):
        raise NotFound("There is no such bag.")
    return cart


def may_use(viewer: Viewer, cart: Cart) -> bool:
    """Whether this cart is the viewer's to see and change."""
    return cart.user_id is None or viewer.user_id == cart.user_id


def lines_of(cart: Cart) -> list[CartLine]:
    """The lines in the order they were put in. One statement."""
    return list(CartLine.objects.filter(cart_id=cart.pk))


def sellable_in(cart: Cart, skus: Some[str]) -> dict[str, SellableVariant]:
    """The variants of these SKUs as this bag may buy them: with a right that was drawn, what is held for it is there to be had.

    One statement; another where something is sold by lot.
    """
    items = sellable(skus)
    by_lot = {sku: Terms.of(item.drop) for sku, item in items.items() if item.drop and item.drop["mode"] == "lottery"}
    rights = rights_in_bag(cart.pk) if by_lot else {}
    for sku, terms in by_lot.items():
        if terms.slug in rights:
            items[sku] = replace(items[sku], available=terms.per_person, drop=terms.with_right(rights[terms.slug]).json())
    return items


def quote_cart(
    cart: Cart,
    lines: Sequence[CartLine] | None = None,
    *,
    items: Mapping[str, SellableVariant] | None = None,
    country: str | None = None,
    postcode: str | None = None,
    shipping_method: str | None = None,
) -> QuotedCart:
    """What the cart costs now, by current prices and stock; at most three statements.

    Lines that can't be sold stay in the cart and are named in warnings, but do not count. While no method of delivery is
    chosen (or it does not deliver there) the estimate takes the first that does.
    """
    lines = lines_of(cart) if lines is None else lines
    if items is None:
        items = sellable_in(cart, {line.sku for line in lines}) if lines else {}
    left = Counter({sku: item.available for sku, item in items.items() if item.available is not None})
    asked: list[QuoteLine] = []
    warnings: list[CartWarning] = []
    shares: Counter[str] = Counter()
    for line in lines:
        item = items.get(line.sku)
        if item is None or not item.product_status_ok or item.price.currency != cart.currency or not item.price:
            warnings.append(_warning("unavailable", "This is no longer for sale.", line))
            continue
        if item.drop is not None:
            terms = Terms.of(item.drop)
            standing = terms.standing(timezone.now())
            if standing is not Standing.OPEN:
                warnings.append(_warning(standing, _STANDING[standing].format(terms.name), line))
                continue
            shares[terms.slug] += line.quantity
            if shares[terms.slug] > terms.per_person:
                text = f"{terms.name}: {terms.per_person} for each person."
                warnings.append(CartWarning("drop_limit", text, line.pk, line.sku, terms.per_person))
        if item.available is not None:
            if left[line.sku] < line.quantity:
                warnings.append(_short(line, max(left[line.sku], 0)))
            left[line.sku] -= line.quantity
        if item.price.amount != line.seen_price_amount:
            warnings.append(_warning("price_changed", f"The price of {item.product_name} has changed.", line))
        asked.append(QuoteLine(item=item, quantity=line.quantity, key=str(line.pk), engraving=line.engraving))
    goods = sum((line.item.price * line.quantity for line in asked), Money(0, cart.currency))
    methods = (
        shipping_methods(cart.country if country is None else country, cart.postcode if postcode is None else postcode, goods)
        if asked
        else []
    )
    wanted = cart.shipping_method if shipping_method is None else shipping_method
    chosen = next((m for m in methods if m.code == wanted), methods[0] if methods else None)
    quote = build_quote(asked, shipping=chosen.option if chosen else None, discount=None, currency=cart.currency)
    return QuotedCart(cart=cart, lines=lines, quote=quote, items=items, methods=methods, warnings=warnings)


def methods_for(cart: Cart, *, country: str, postcode: str) -> list[OfferedMethod]:
    """How this cart can be delivered to a place; without a place, to where the cart is going."""
    return list(quote_cart(cart, country=country or cart.country, postcode=postcode or cart.postcode).methods)


_STANDING = {
    Standing.NOT_OPEN: "{} has not opened yet.",
    Standing.CLOSED: "{} has closed.",
    Standing.BY_LOT: "{} is sold by lot.",
}


def _short(line: CartLine, available: int) -> CartWarning:
    if available == 0:
        return CartWarning("out_of_stock", "Sold out for now.", line.pk, line.sku, 0)
    return CartWarning("quantity_reduced", f"Only {available} left.", line.pk, line.sku, available)


def _warning(code: str, message: str, line: CartLine) -> CartWarning:
    return CartWarning(code, message, line.pk, line.sku)
