"""Queries of carts, including access checks and current prices."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
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
    """Something the shopper should know about the cart before paying."""

    code: str
    message: str
    line_id: UUID | None = None
    sku: str | None = None
    available: int | None = None


@dataclass(frozen=True)
class QuotedCart:
    """A cart with its current costs and warnings."""

    cart: Cart
    lines: Sequence[CartLine]
    quote: Quote
    items: Mapping[str, SellableVariant]
    methods: Sequence[OfferedMethod] = ()
    warnings: Sequence[CartWarning] = field(default_factory=list)

    @property
    def in_drops(self) -> list[Asked]:
        """The lines that are sold in a drop, whether they count in the quote or not."""
        return [
            Asked(line.sku, Terms.of(item.drop), line.quantity)
            for line in self.lines
            if (item := self.items.get(line.sku)) is not None and item.drop is not None
        ]

    @property
    def shipping_method(self) -> str | None:
        """The code of the chosen shipping method, or None if it does not deliver to the cart's destination."""
        chosen = self.cart.shipping_method
        if self.quote.lines and all(method.code != chosen for method in self.methods):
            return None
        return chosen or None

    @property
    def quoted_lines(self) -> Mapping[str, QuotedLine]:
        return {line.requested.key: line for line in self.quote.lines}


@dataclass
class CartContents:
    """A cart with its lines, oldest first, and their variants by SKU, as far as those exist."""

    cart: Cart
    lines: list[CartLine]
    items: dict[str, SellableVariant]


# One row per line and per SKU in `also`; one with nulls for an empty cart. Lines are joined by variant, because its SKU may
# have changed since it was added.
_CONTENTS = f"""
WITH line AS MATERIALIZED (SELECT * FROM cart_cartline WHERE cart_id = %s),
variants (variant_id) AS (
    SELECT variant_id FROM line UNION SELECT id FROM catalog_variant WHERE sku = ANY(%s::text[])
)
SELECT {prepared.columns(Cart, "c")}, {prepared.columns(CartLine, "l")}, {ITEM}
FROM cart_cart c
LEFT JOIN variants ON true
LEFT JOIN line l ON l.variant_id = variants.variant_id
LEFT JOIN catalog_variant v ON v.id = variants.variant_id
LEFT JOIN catalog_product p ON p.id = v.product_id
WHERE c.id = %s ORDER BY l.created_at, l.id
"""
_CART_COLUMNS, _LINE_COLUMNS = len(Cart._meta.concrete_fields), len(CartLine._meta.concrete_fields)


def cart_for(viewer: Viewer, cart_id: UUID, *, also: Collection[str] = ()) -> CartContents:
    """Return a cart by id with its lines and variants, and the variants of the SKUs in `also`.

    A guest's cart is accessible to anybody who knows its id, a member's to its owner only. Raises NotFound for a cart that the
    viewer may not see, as for one that does not exist. One query, and another for variants sold in a lottery.
    """
    rows = prepared.execute(_CONTENTS, cart_id, list(also), cart_id)
    if not rows:
        raise NotFound("There is no such bag.")
    (cart,) = prepared.hydrate(Cart, rows[:1])
    check_access(viewer, cart)
    now = timezone.now()
    items: dict[str, SellableVariant] = {}
    for row in rows:
        item = row[_CART_COLUMNS + _LINE_COLUMNS :]
        if item[0] is not None and item[1] not in items:
            items[item[1]] = sellable_from(item, at=now)
    lines = prepared.hydrate(CartLine, (row[_CART_COLUMNS:] for row in rows if row[_CART_COLUMNS] is not None))
    current = {item.variant_id: sku for sku, item in items.items()}
    for line in lines:
        line.sku = current.get(line.variant_id, line.sku)
    return CartContents(cart, lines, _with_rights(cart, items))


def check_access(viewer: Viewer, cart: Cart) -> None:
    """Raise NotFound if the viewer may not see and change this cart."""
    if cart.user_id is not None and viewer.user_id != cart.user_id:
        raise NotFound("There is no such bag.")


def lines_of(cart: Cart) -> list[CartLine]:
    """Return the lines of a cart, oldest first. One query."""
    return list(CartLine.objects.filter(cart_id=cart.pk))


def _with_rights(cart: Cart, items: dict[str, SellableVariant]) -> dict[str, SellableVariant]:
    """Return the variants as this cart may buy them: a right from a lottery makes the units reserved for it available."""
    by_lot = {sku: Terms.of(item.drop) for sku, item in items.items() if item.drop and item.drop["mode"] == "lottery"}
    rights = rights_in_bag(cart.pk) if by_lot else {}
    for sku, terms in by_lot.items():
        if terms.slug in rights:
            drop = terms.with_right(rights[terms.slug]).json()
            items[sku] = replace(items[sku], available=terms.per_person, left=terms.per_person, drop=drop)
    return items


def quote_cart(
    contents: CartContents, *, country: str | None = None, postcode: str | None = None, shipping_method: str | None = None
) -> QuotedCart:
    """Return what the cart costs at current prices and stock. At most one query, for the shipping methods.

    Lines that can't be sold stay in the cart and are named in warnings, but are not quoted. If no shipping method is chosen, or
    the chosen one does not deliver there, the first one that does is used as an estimate.
    """
    cart, lines, items = contents.cart, contents.lines, contents.items
    left = Counter({sku: item.left for sku, item in items.items() if item.left is not None})
    quote_lines: list[QuoteLine] = []
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
                warnings.append(_warning(standing, _STANDING_TEXT[standing].format(terms.name), line))
                continue
            shares[terms.slug] += line.quantity
            if shares[terms.slug] > terms.per_person:
                text = f"{terms.name}: {terms.per_person} for each person."
                warnings.append(CartWarning("drop_limit", text, line.pk, line.sku, terms.per_person))
        ahead = None
        if line.sku in left:
            in_stock = max(left[line.sku], 0)
            if in_stock < line.quantity and item.policy == "deny":
                warnings.append(_stock_warning(line, in_stock))
            elif in_stock < line.quantity:
                ahead = Ahead(item.policy, line.quantity - in_stock, item.expected_on)
            left[line.sku] -= line.quantity
        if item.price.amount != line.seen_price_amount:
            warnings.append(_warning("price_changed", f"The price of {item.product_name} has changed.", line))
        quote_lines.append(
            QuoteLine(item=item, quantity=line.quantity, key=str(line.pk), engraving=line.engraving, ahead=ahead)
        )
    goods = sum((line.item.price * line.quantity for line in quote_lines), Money(0, cart.currency))
    methods = (
        shipping_methods(
            cart.country if country is None else country,
            cart.postcode if postcode is None else postcode,
            goods,
            ahead=[line.ahead for line in quote_lines if line.ahead],
        )
        if quote_lines
        else []
    )
    requested_code = cart.shipping_method if shipping_method is None else shipping_method
    chosen = next((m for m in methods if m.code == requested_code), methods[0] if methods else None)
    quote = build_quote(quote_lines, shipping=chosen.option if chosen else None, discount=None, currency=cart.currency)
    return QuotedCart(cart=cart, lines=lines, quote=quote, items=items, methods=methods, warnings=warnings)


def methods_for(contents: CartContents, *, country: str, postcode: str) -> list[OfferedMethod]:
    """Return the shipping methods for this cart to a destination, by default that of the cart."""
    return list(
        quote_cart(contents, country=country or contents.cart.country, postcode=postcode or contents.cart.postcode).methods
    )


_STANDING_TEXT = {
    Standing.NOT_OPEN: "{} has not opened yet.",
    Standing.CLOSED: "{} has closed.",
    Standing.BY_LOT: "{} is sold by lot.",
}


def _stock_warning(line: CartLine, available: int) -> CartWarning:
    if available == 0:
        return CartWarning("out_of_stock", "Sold out for now.", line.pk, line.sku, 0)
    return CartWarning("quantity_reduced", f"Only {available} left.", line.pk, line.sku, available)


def _warning(code: str, message: str, line: CartLine) -> CartWarning:
    return CartWarning(code, message, line.pk, line.sku)
