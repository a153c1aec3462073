"""Reads Shopify's product CSV, both dialects of its header. Pure: text in, drafts and findings out.

The meaning of the columns is Shopify's (help centre, "Using CSV files to import and export products"); real files
differ in letter case, padding and missing columns, so names are compared trimmed and case-folded.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from noirel.catalog.present import slugged
from noirel.core.money import exponent

csv.field_size_limit(64 * 1024 * 1024)  # one description may exceed the module's 128 KiB

# Our name of a column and what it is called in files, case-folded.
_NAMES = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "body", "body html", "description"),
    "vendor": ("vendor",),
    "taxonomy": ("product category", "standard product type", "standardized product type"),
    "type": ("type", "custom product type"),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "option1 name": ("option1 name",),
    "option1 value": ("option1 value",),
    "option2 name": ("option2 name",),
    "option2 value": ("option2 value",),
    "option3 name": ("option3 name",),
    "option3 value": ("option3 value",),
    "sku": ("variant sku", "sku"),
    "barcode": ("variant barcode", "barcode"),
    "price": ("variant price", "price"),
    "compare_at": ("variant compare at price", "compare-at price", "compare at price"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "quantity": ("variant inventory qty", "variant inventory quantity", "inventory quantity"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "grams": ("variant grams", "weight value (grams)"),
    "image": ("image src", "product image url"),
    "image_position": ("image position",),
    "image_alt": ("image alt text",),
    "variant_image": ("variant image", "variant image url"),
    "seo_title": ("seo title",),
    "seo_description": ("seo description",),
}
_OURS = {theirs: ours for ours, names in _NAMES.items() for theirs in names}
# Understood, and of no use to this shop: not worth a word in the report.
_IGNORED = re.compile(
    r"option[123] linked to|cost per item|(variant taxable|charge tax)|(variant )?tax code|(variant )?fulfillment service"
    r"|(variant )?requires shipping|variant weight unit|weight unit for display|unit price .*|gift card"
    r"|google shopping / .*|included / .*|price / .*|compare[- ]at price / .*"
)
_METAFIELD = re.compile(r"^(?P<label>.*)\(product\.metafields\.(?P<space>[^.]+)\.(?P<key>[^)]+)\)$", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d+))?", re.ASCII)
_YES = {"true", "yes", "1"}


# Column, field, longest.
_TEXTS = (
    ("body", "story", None),
    ("vendor", "vendor", 255),
    ("seo_title", "seo_title", 255),
    ("seo_description", "seo_description", 1000),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell about one record. Fatal ones refuse their product; row counts records, the header is 0."""

    row: int
    column: str
    message: str
    handle: str = ""
    is_fatal: bool = True


@dataclass(frozen=True, slots=True)
class VariantDraft:
    row: int
    options: dict[str, str]
    title: str
    sku: str  # empty where the file has none
    barcode: str
    price_amount: int
    compare_at_amount: int | None
    is_tracked: bool
    quantity: int | None  # None where the file says nothing
    policy: str
    weight_grams: int | None
    image: str


@dataclass(frozen=True, slots=True)
class ImageDraft:
    row: int
    url: str
    alt: str


@dataclass(slots=True)
class ProductDraft:
    row: int
    slug: str
    fields: dict[str, object]  # only what the file has a column for
    categories: list[str] | None  # names from the root down; None: the file does not say
    attributes: dict[str, tuple[str, object]]  # name -> (label, value)
    options: list[dict[str, object]]
    variants: list[VariantDraft] = field(default_factory=list)
    images: list[ImageDraft] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Mapping[str, str]
    metafields: Mapping[str, tuple[str, str]]

    def get(self, name: str) -> str:
        return self.cells.get(name, "").strip()


Refuse = Callable[[_Row, str, str], None]


@dataclass(slots=True)
class ShopifyFile:
    """A whole file, grouped by handle: rows of one product are usually together, but not always."""

    rows_read: int
    columns: frozenset[str]
    findings: list[Finding]
    groups: dict[str, list[_Row]]

    def drafts(self, currency: str) -> Iterator[tuple[str, ProductDraft | None, list[Finding]]]:
        """Per product its handle, the draft (None if refused) and what is to tell about it."""
        slugs: dict[str, str] = {}
        for handle, rows in self.groups.items():
            findings: list[Finding] = []
            slug = slugged(handle)
            if not slug:
                findings.append(Finding(rows[0].number, "Handle", "No letter or digit in it.", handle))
            elif slug in slugs:
                findings.append(Finding(rows[0].number, "Handle", f"Makes the same address as {slugs[slug]!r}.", handle))
            slugs.setdefault(slug, handle)
            draft = _draft(handle, slug, rows, self.columns, currency, findings)
            yield handle, None if any(f.is_fatal for f in findings) else draft, findings


class NotShopify(ValueError):
    """The file has no header that we know."""


def decode(content: bytes) -> tuple[str, str]:
    """The text and the encoding it was in: UTF-8 (with or without mark), else what spreadsheets on Windows write."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def read(text: str) -> ShopifyFile:
    """Raises NotShopify without a header that has a title or a handle."""
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    names: list[str | None] = []
    metafields: dict[int, tuple[str, str]] = {}
    findings: list[Finding] = []
    for at, cell in enumerate(header):
        key = " ".join(cell.split()).casefold()
        ours = _OURS.get(key)
        if meta := _METAFIELD.match(cell.strip()):
            metafields[at] = (slugged(f"{meta['space']}-{meta['key']}")[:60], meta["label"].strip() or meta["key"])
        elif ours is None and key and not _IGNORED.fullmatch(key):
            findings.append(Finding(0, cell.strip(), "Not understood; left aside.", is_fatal=False))
        if ours is not None and ours in names:
            findings.append(Finding(0, cell.strip(), "Another column says the same; the first one counts.", is_fatal=False))
            ours = None
        names.append(ours)
    columns = frozenset(name for name in names if name)
    if not columns & {"handle", "title"}:
        raise NotShopify("There is no Handle, URL handle or Title column in its first line.")
    groups: dict[str, list[_Row]] = {}
    count = 0
    for number, cells in enumerate(reader, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        row = _Row(
            number,
            {name: cell.replace("\x00", "") for name, cell in zip(names, cells, strict=False) if name},
            {name: (label, cells[at].strip()) for at, (name, label) in metafields.items() if at < len(cells)},
        )
        handle = row.get("handle") or slugged(row.get("title"))
        if len(cells) > len(header):
            findings.append(Finding(number, "", f"{len(cells)} cells under {len(header)} columns.", handle))
        if not handle:
            findings.append(Finding(number, "Handle", "Neither handle nor title.", ""))
            continue
        groups.setdefault(handle, []).append(row)
    return ShopifyFile(count, columns, findings, groups)


def _draft(
    handle: str, slug: str, rows: list[_Row], columns: frozenset[str], currency: str, findings: list[Finding]
) -> ProductDraft:
    first = rows[0]

    def refuse(row: _Row, column: str, message: str) -> None:
        findings.append(Finding(row.number, column, message, handle))

    fields: dict[str, object] = {}
    if not first.get("title"):
        refuse(first, "Title", "A product needs a title on its first row.")
    fields["name"] = first.get("title")[:255]
    for name, column in (
        ("story", "body"),
        ("vendor", "vendor"),
        ("seo_title", "seo_title"),
        ("seo_description", "seo_description"),
    ):
        if column in columns:
            fields[name] = first.get(column)
    fields["vendor"] = str(fields.get("vendor", ""))[:255]
    for name, longest in (("seo_title", 255), ("seo_description", 1000)):
        if name in fields:
            fields[name] = str(fields[name])[:longest]
    if "tags" in columns:
        unique = {tag.strip().casefold(): tag.strip() for tag in reversed(first.get("tags").split(",")) if tag.strip()}
        fields["tags"] = list(reversed(unique.values()))
    status = first.get("status").casefold() or "active"
    if status not in {"active", "draft", "archived"}:
        refuse(first, "Status", f"{first.get('status')!r} is not active, draft or archived.")
    # Published on no channel of ours: it is there, and nobody sees it.
    is_published = first.get("published").casefold() in {"", *_YES}
    fields["status"] = "draft" if status == "active" and not is_published else status
    names = _option_names(first)
    draft = ProductDraft(
        row=first.number, slug=slug, fields=fields, categories=_categories(first, columns), attributes=_attributes(first),
        options=[],
    )  # fmt: skip
    seen: dict[tuple[str, ...], int] = {}
    images: list[tuple[float, ImageDraft]] = []
    for row in rows:
        if row is first or row.get("option1 value") or row.get("sku") or row.get("price"):
            variant = _variant(row, names, columns, currency, refuse)
            values = tuple(variant.options.values())
            if values in seen:
                refuse(row, "Option1 Value", f"The same options as row {seen[values]}.")
            seen[values] = row.number
            draft.variants.append(variant)
            if variant.quantity is not None and variant.quantity < 0 and variant.policy == "deny" and variant.is_tracked:
                said = f"{variant.quantity} can't be denied; begins at 0."
                findings.append(Finding(row.number, "Variant Inventory Qty", said, handle, is_fatal=False))
        if url := row.get("image"):
            place = row.get("image_position")
            position = float(place) if place.isascii() and place.isdigit() else float("inf")
            images.append((position, ImageDraft(row.number, url, row.get("image_alt"))))
    draft.images = [image for _, image in sorted(images, key=lambda item: item[0])]  # stable: ties in file order
    for name, label in names:
        offered = dict.fromkeys(variant.options[name] for variant in draft.variants if variant.options[name])
        draft.options.append({"name": name, "label": label, "values": list(offered)})
    return draft


def _option_names(first: _Row) -> list[tuple[str, str]]:
    """(key, label) of up to three options; a product with only the default title has none."""
    if first.get("option1 value").casefold() == "default title" and first.get("option1 name").casefold() in {"", "title"}:
        return []
    names: list[tuple[str, str]] = []
    for at in (1, 2, 3):
        label = first.get(f"option{at} name")
        if not label and not first.get(f"option{at} value"):
            continue
        key = slugged(label).replace("-", "_") or f"option{at}"
        if key in {name for name, _ in names}:
            key = f"{key}_{at}"
        names.append((key, label or f"Option {at}"))
    return names


def _categories(first: _Row, columns: frozenset[str]) -> list[str] | None:
    if not columns & {"taxonomy", "type"}:
        return None
    levels = [level.strip()[:120] for level in first.get("taxonomy").split(">") if level.strip()]
    if levels and levels[0].casefold() != "uncategorized":
        return levels
    return [first.get("type")[:120]] if first.get("type") else []


def _attributes(first: _Row) -> dict[str, tuple[str, object]]:
    """Metafields that are words. References, markup and JSON of Shopify's own mean nothing to another shop."""
    found: dict[str, tuple[str, object]] = {}
    for name, (label, text) in first.metafields.items():
        if not text or len(text) > 300 or "gid://" in text or text[0] in "{[<" or "</" in text:
            continue
        items = [item.strip() for item in text.split("; ") if item.strip()]
        found[name] = (label[:120], items if len(items) > 1 else text)
    return found


def _variant(row: _Row, names: list[tuple[str, str]], columns: frozenset[str], currency: str, refuse: Refuse) -> VariantDraft:
    options: dict[str, str] = {}
    for at, (name, label) in enumerate(names, start=1):
        value = row.get(f"option{at} value")
        if not value:
            refuse(row, f"Option{at} Value", f"No value for {label}.")
        options[name] = value[:255]
    price = _amount(row, "price", "Variant Price", currency, refuse)
    if not row.get("price"):
        refuse(row, "Variant Price", "No price.")
    compare_at = _amount(row, "compare_at", "Variant Compare At Price", currency, refuse)
    grams = row.get("grams")
    weight: int | None = None
    if grams:
        if re.fullmatch(r"\d{1,8}(\.\d*)?", grams, re.ASCII):
            weight = int(Decimal(grams).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        else:
            refuse(row, "Variant Grams", f"{grams!r} is not a weight.")
    quantity: int | None = None
    if "quantity" in columns and (text := row.get("quantity")):
        if re.fullmatch(r"-?\d{1,9}(\.0+)?", text, re.ASCII):
            quantity = int(Decimal(text))
        else:
            refuse(row, "Variant Inventory Qty", f"{text!r} is not a whole number.")
    policy = row.get("policy").casefold()
    if policy not in {"", "deny", "continue", "true", "false"}:
        refuse(row, "Variant Inventory Policy", f"{row.get('policy')!r} is not deny or continue.")
    return VariantDraft(
        row=row.number,
        options=options,
        title=" / ".join(options.values())[:255],
        sku=row.get("sku").removeprefix("'").strip(),
        barcode=row.get("barcode").removeprefix("'").strip()[:64],
        price_amount=price or 0,
        compare_at_amount=compare_at if compare_at and compare_at > (price or 0) else None,
        is_tracked=bool(row.get("tracker")),
        quantity=quantity,
        policy="backorder" if policy in {"continue", "true"} else "deny",
        weight_grams=weight,
        image=row.get("variant_image"),
    )


def _amount(row: _Row, name: str, column: str, currency: str, refuse: Refuse) -> int | None:
    """Minor units. Words, signs, and more decimals than the currency has are refused, not guessed at."""
    text = row.get(name).removeprefix("'")
    if not text:
        return None
    found = _AMOUNT.fullmatch(text)
    if found is None:
        refuse(row, column, f"{text!r} is not a price.")
        return None
    decimals = exponent(currency)
    whole, fraction = found[1], found[2] or ""
    if len(fraction) > decimals:
        refuse(row, column, f"{text!r} has more decimals than {currency}.")
        return None
    return int(whole + fraction.ljust(decimals, "0"))
