"""Reads, and the only door to a bag."""

from collections import Counter
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.utils import timezone

from noirel.cart.models import Cart, CartLine
from noirel.catalog.purchasable import NOT_SOLD_SEPARATELY
from noirel.catalog.sellable import COLUMNS as ITEM
from noirel.catalog.sellable import SellableVariant, sellable_from
from noirel.core.db import prepared
from noirel.core.domain.errors import NotFound
from noirel.core.domain.money import Money
from noirel.core.viewer import Viewer
from noirel.drops.rules import Asked, Standing, Terms
from noirel.drops.services.rights import rights_in_bag
from noirel.pricing.quote import Ahead, Quote, QuotedLine, QuoteLine, build_quote
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
    def shipping_method(self) -> str | None:
        """The code of the delivery method that was chosen, unless it does not deliver to where the cart is going now."""
        chosen = self.cart.shipping_method
        if self.quote.lines and all(method.code != chosen for method in self.methods):
            return None
        return chosen or None

    @property
    def quoted_lines(self) -> Mapping[str, QuotedLine]:
        return {line.asked.key: line for line in self.quote.lines}


@dataclass
class Bag:
    """A cart with its lines, in the order they were put in, and the variants of them that there are, by SKU."""

    cart: Cart
    lines: list[CartLine]
    items: dict[str, SellableVariant]


# One row for each line and each SKU in `also`; one with nulls for an empty cart. Lines follow their variant, not the SKU it had
# when it was put in: a variant may be given another SKU while it lies in carts.
_BAG = f"""
WITH line AS MATERIALIZED (SELECT * FROM cart_cartline WHERE cart_id = %s),
wanted (variant_id) AS (
    SELECT variant_id FROM line UNION SELECT id FROM catalog_variant WHERE sku = ANY(%s::text[])
)
SELECT {prepared.columns(Cart, "c")}, {prepared.columns(CartLine, "l")}, {ITEM}
FROM cart_cart c
LEFT JOIN wanted ON true
LEFT JOIN line l ON l.variant_id = wanted.variant_id
LEFT JOIN catalog_variant v ON v.id = wanted.variant_id
LEFT JOIN catalog_product p ON p.id = v.product_id
WHERE c.id = %s ORDER BY l.created_at, l.id
"""
_OF_CART, _OF_LINE = len(Cart._meta.concrete_fields), len(CartLine._meta.concrete_fields)


def cart_for(viewer: Viewer, cart_id: UUID, *, also: Some[str] = ()) -> Bag:
    """The one door to a bag by its id, with the variants of these SKUs as well. One statement; another for what is sold by lot.

    A guest's bag opens to whoever knows the id, a member's to its owner only. Raises NotFound for a stranger's as for none.
    """
    rows = prepared.execute(_BAG, cart_id, list(also), cart_id)
    if not rows:
        raise NotFound("There is no such bag.")
    (cart,) = prepared.hydrate(Cart, rows[:1])
    must_be_theirs(viewer, cart)
    now = timezone.now()
    items: dict[str, SellableVariant] = {}
    for row in rows:
        item = row[_OF_CART + _OF_LINE :]
        if item[0] is not None and item[1] not in items:
            items[item[1]] = sellable_from(item, at=now)
    lines = prepared.hydrate(CartLine, (row[_OF_CART:] for row in rows if row[_OF_CART] is not None))
    current = {item.variant_id: sku for sku, item in items.items()}
    for line in lines:
        line.sku = current.get(line.variant_id, line.sku)
    return Bag(cart, lines, _with_rights(cart, items))


def must_be_theirs(viewer: Viewer, cart: Cart) -> None:
    """Raises NotFound when this cart is not the viewer's to see and change."""
    if cart.user_id is not None and viewer.user_id != cart.user_id:
        raise NotFound("There is no such bag.")


def lines_of(cart: Cart) -> list[CartLine]:
    """The lines in the order they were put in. One statement."""
    return list(CartLine.objects.filter(cart_id=cart.pk))


def _with_rights(cart: Cart, items: dict[str, SellableVariant]) -> dict[str, SellableVariant]:
    """The variants as this bag may buy them: with a right that was drawn, what is held for it is there to be had."""
    by_lot = {sku: Terms.of(item.drop) for sku, item in items.items() if item.drop and item.drop["mode"] == "lottery"}
    rights = rights_in_bag(cart.pk) if by_lot else {}
    for sku, terms in by_lot.items():
        if terms.slug in rights:
            drop = terms.with_right(rights[terms.slug]).json()
            items[sku] = replace(items[sku], available=terms.per_person, left=terms.per_person, drop=drop)
    return items


def quote_cart(
    bag: Bag, *, country: str | None = None, postcode: str | None = None, shipping_method: str | None = None
) -> QuotedCart:
    """What the bag costs now, by current prices and stock. At most one statement, for the methods of delivery.

    Lines that can't be sold stay in the cart and are named in warnings, but do not count. While no method of delivery is
    chosen (or it does not deliver there) the estimate takes the first that does.
    """
    cart, lines, items = bag.cart, bag.lines, bag.items
    left = Counter({sku: item.left for sku, item in items.items() if item.left is not None})
    asked: list[QuoteLine] = []
    warnings: list[CartWarning] = []
    shares: Counter[str] = Counter()
    for line in lines:
        item = items.get(line.sku)
        if item is None or not item.product_status_ok or item.price.currency != cart.currency:
            warnings.append(_warning("unavailable", "This is no longer for sale.", line))
            continue
        if not item.is_sold_separately:
            warnings.append(_warning("unavailable", NOT_SOLD_SEPARATELY, line))
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
        ahead = None
        if line.sku in left:
            there = max(left[line.sku], 0)
            if there < line.quantity and item.policy == "deny":
                warnings.append(_short(line, there))
            elif there < line.quantity:
                ahead = Ahead(item.policy, line.quantity - there, item.expected_on)
            left[line.sku] -= line.quantity
        if item.price.amount != line.seen_price_amount:
            warnings.append(_warning("price_changed", f"The price of {item.product_name} has changed.", line))
        asked.append(QuoteLine(item=item, quantity=line.quantity, key=str(line.pk), engraving=line.engraving, ahead=ahead))
    goods = sum((line.item.price * line.quantity for line in asked), Money(0, cart.currency))
    methods = (
        shipping_methods(
            cart.country if country is None else country,
            cart.postcode if postcode is None else postcode,
            goods,
            ahead=[line.ahead for line in asked if line.ahead],
        )
        if asked
        else []
    )
    wanted = cart.shipping_method if shipping_method is None else shipping_method
    chosen = next((m for m in methods if m.code == wanted), methods[0] if methods else None)
    quote = build_quote(asked, shipping=chosen.option if chosen else None, discount=None, currency=cart.currency)
    return QuotedCart(cart=cart, lines=lines, quote=quote, items=items, methods=methods, warnings=warnings)


def methods_for(bag: Bag, *, country: str, postcode: str) -> list[OfferedMethod]:
    """How this bag can be delivered to a place; without a place, to where it is going."""
    return list(quote_cart(bag, country=country or bag.cart.country, postcode=postcode or bag.cart.postcode).methods)


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
