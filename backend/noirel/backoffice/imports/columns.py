"""The columns of Shopify's product CSV: both dialects of their names, and what each means here. Pure.

The meaning is Shopify's (help centre, "Using CSV files to import and export products"); real files differ in letter case,
padding and missing columns, so names are compared trimmed and case-folded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from noirel.core.slugs import slugify

MAX_OPTIONS = 9  # Shopify's own files have 3; ours go on counting

# Our name of a column: the classic header, which exports write and reports use, then what else files call it.
HEADERS: dict[str, tuple[str, ...]] = {
    "handle": ("Handle", "url handle"),
    "title": ("Title",),
    "body": ("Body (HTML)", "body", "body html", "description"),
    "vendor": ("Vendor",),
    "taxonomy": ("Product Category", "standard product type", "standardized product type"),
    "type": ("Type", "custom product type", "product type"),
    "tags": ("Tags",),
    "published": ("Published", "published on online store"),
    **{f"option{n} name": (f"Option{n} Name",) for n in range(1, MAX_OPTIONS + 1)},
    **{f"option{n} value": (f"Option{n} Value",) for n in range(1, MAX_OPTIONS + 1)},
    "sku": ("Variant SKU", "sku"),
    "grams": ("Variant Grams", "weight value (grams)"),
    "tracker": ("Variant Inventory Tracker", "inventory tracker"),
    "quantity": ("Variant Inventory Qty", "variant inventory quantity", "inventory quantity"),
    "policy": ("Variant Inventory Policy", "continue selling when out of stock"),
    "price": ("Variant Price", "price"),
    "compare_at": ("Variant Compare At Price", "compare-at price", "compare at price"),
    "taxable": ("Variant Taxable", "charge tax"),
    "tax_code": ("Variant Tax Code", "tax code"),
    "barcode": ("Variant Barcode", "barcode"),
    "image": ("Image Src", "product image url"),
    "image_position": ("Image Position",),
    "image_alt": ("Image Alt Text",),
    "seo_title": ("SEO Title",),
    "seo_description": ("SEO Description",),
    "variant_image": ("Variant Image", "variant image url"),
    "status": ("Status",),
}
CLASSIC_HEADERS = {ours: names[0] for ours, names in HEADERS.items()}
_BY_HEADER = {name.casefold(): ours for ours, names in HEADERS.items() for name in names}

# Of no use to this shop, and not ours to lose: they go out again with an export, under these names.
_STORED_HEADERS = {
    name.casefold(): kept
    for kept, *others in (
        ("Cost per item",),
        ("Variant Fulfillment Service", "fulfillment service"),
        ("Variant Requires Shipping", "requires shipping"),
        ("Variant Weight Unit", "weight unit for display"),
        ("Unit Price Total Measure",),
        ("Unit Price Total Measure Unit",),
        ("Unit Price Base Measure",),
        ("Unit Price Base Measure Unit",),
        ("Gift Card",),
        ("Option1 Linked To",),
        ("Option2 Linked To",),
        ("Option3 Linked To",),
    )
    for name in (kept, *others)
}
_STORED_HEADER_GROUPS = re.compile(r"google shopping / .+|included / .+|price / .+|compare[- ]at price / .+")
_METAFIELD = re.compile(r"(?P<label>.*)\(product\.metafields\.(?P<space>[^.()]+)\.(?P<key>[^()]+)\)", re.IGNORECASE | re.DOTALL)

# Our own metafields carry the type of their attribute in their namespace: `noirel_list.family`. The rest of a product that
# Shopify has no column for: `noirel.subtitle`.
METAFIELD_NAMESPACE = "noirel"
OWN_FIELDS = {
    "subtitle": "Subtitle",
    "listed": "Listed",
    "published_at": "Published at",
    "unpublish_at": "Unpublish at",
    "canonical": "Canonical address",
}
ATTRIBUTE_TYPES = ("text", "number", "list", "colour", "json")

Meaning = Literal["known", "kept", "attribute", "own", "unknown", "repeated", "blank"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file. name: ours, the kept header, the attribute's or the own field's, as `meaning` says."""

    header: str
    meaning: Meaning
    name: str = ""
    label: str = ""
    type: str = ""  # of an attribute of ours; empty: the cell's form decides


@dataclass(frozen=True, slots=True)
class Header:
    columns: tuple[Column, ...]
    known: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_shopify(self) -> bool:
        """Whether rows under it can be told apart at all."""
        return bool(self.known & {"handle", "title"})


def read_header(cells: Sequence[str]) -> Header:
    """What each column means; of two that say the same the first one counts."""
    columns: list[Column] = []
    taken: set[tuple[str, str]] = set()
    for cell in cells:
        column = _column(" ".join(cell.replace("\x00", "").split()))
        if column.meaning not in {"unknown", "blank"}:
            if (column.meaning, column.name) in taken:
                column = Column(column.header, "repeated")
            taken.add((column.meaning, column.name))
        columns.append(column)
    return Header(tuple(columns), frozenset(column.name for column in columns if column.meaning == "known"))


def _column(header: str) -> Column:
    key = header.casefold()
    if not key:
        return Column("", "blank")
    if ours := _BY_HEADER.get(key):
        return Column(header, "known", ours)
    if kept := _STORED_HEADERS.get(key):
        return Column(header, "kept", kept)
    if _STORED_HEADER_GROUPS.fullmatch(key):
        return Column(header, "kept", header)
    if found := _METAFIELD.fullmatch(header):
        return _metafield(header, found["label"].strip(), found["space"], found["key"])
    return Column(header, "unknown")


def _metafield(header: str, label: str, space: str, key: str) -> Column:
    if space == METAFIELD_NAMESPACE and key in OWN_FIELDS:
        return Column(header, "own", key)
    owner, _, kind = space.partition("_")
    if owner == METAFIELD_NAMESPACE and kind in ATTRIBUTE_TYPES:
        return Column(header, "attribute", key[:60], (label or key)[:120], kind)
    name = slugify(f"{space}-{key}", max_length=60)
    return Column(header, "attribute", name, (label or key)[:120]) if name else Column(header, "unknown")
