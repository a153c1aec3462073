"""The rows of one handle to a draft of a product, and what is wrong with them. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson
from django.utils.dateparse import parse_datetime

from noirel.backoffice.imports.cells import code_unmarked, unmarked
from noirel.backoffice.imports.columns import CLASSIC, MAX_OPTIONS, Header
from noirel.catalog.present import slugged
from noirel.core.money import exponent

MAX_BODY = 500_000  # characters
MAX_ATTRIBUTE = 2000
MAX_URL = 1000
_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d+))?", re.ASCII)
_ROUNDED = re.compile(r"\d(\.\d+)?e\+?\d+", re.ASCII | re.IGNORECASE)
_TAX_CODE = re.compile(r"bps:(\d{1,5})", re.ASCII)
_SLUG = re.compile(r"[\w-]*\w[\w-]*")
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0"}


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
    """fields holds only what the file has a column for; None elsewhere: the file doesn't say."""

    row: int
    values: tuple[str, ...]  # of the options, in their order
    fields: dict[str, Any]  # barcode, price_amount, compare_at_amount, weight_grams
    sku: str  # empty where the file has none
    is_tracked: bool | None = None
    quantity: int | None = None
    policy: str | None = None
    tax_rate_bps: int | None = None  # None: the file doesn't say; -1: whatever the import was told
    image: str | None = None
    kept: dict[str, str] = field(default_factory=dict)  # header -> cell, blank ones too


@dataclass(frozen=True, slots=True)
class ImageDraft:
    row: int
    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class AttributeDraft:
    """value None: the cell is blank."""

    label: str
    type: str
    value: Any
    header: str


@dataclass(slots=True)
class ProductDraft:
    row: int
    handle: str
    slug: str
    fields: dict[str, Any] = field(default_factory=dict)  # only what the file has a column for
    categories: list[str] | None = None  # names from the root down; None: the file doesn't say
    attributes: dict[str, AttributeDraft] = field(default_factory=dict)
    options: list[str] | None = None  # their labels; None: the file has no column for them
    variants: list[VariantDraft] = field(default_factory=list)
    images: list[ImageDraft] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)  # what is to tell about it, if it can be brought in


Refuse = Callable[..., None]


class Row:
    """One record under its header; `row["title"]` is trimmed, and blank where there is no such column."""

    __slots__ = ("cells", "header", "number")

    def __init__(self, number: int, cells: Sequence[str], header: Header) -> None:
        self.number = number
        self.header = header
        self.cells: dict[tuple[str, str], str] = {
            (column.meaning, column.name): cell.strip()
            for column, cell in zip(header.columns, cells, strict=False)
            if column.name and cell and not cell.isspace()
        }

    def raw(self, name: str) -> str:
        return self.cells.get(("known", name), "")

    def __getitem__(self, name: str) -> str:
        return unmarked(self.raw(name))

    def of(self, meaning: str, name: str) -> str:
        return unmarked(self.cells.get((meaning, name), ""))

    @property
    def is_variant(self) -> bool:
        return bool(self.raw("option1 value") or self.raw("sku") or self.raw("price"))


def tags_of(cell: str) -> list[str]:
    """Split at commas, trimmed, once each whatever their case; the first spelling stays."""
    unique: dict[str, str] = {}
    for tag in cell.split(","):
        if tag.strip():
            unique.setdefault(tag.strip().casefold(), tag.strip())
    return list(unique.values())


def slug_of(handle: str) -> str:
    """The handle itself where it can be an address; empty where nothing can be made of it."""
    return handle if len(handle) <= 200 and _SLUG.fullmatch(handle) and handle == handle.lower() else slugged(handle)


def draft_of(handle: str, rows: Sequence[Row], *, currency: str) -> tuple[ProductDraft, list[Finding]]:
    """The draft of these rows, all of one handle in the file's order. It is of no use if a finding is fatal."""
    first = rows[0]
    known = first.header.known
    findings: list[Finding] = []

    def tell(row: Row, name: str, message: str, *, is_fatal: bool = True) -> None:
        findings.append(Finding(row.number, CLASSIC.get(name, name), message, handle, is_fatal))

    draft = ProductDraft(first.number, handle, slug_of(handle), _fields(first, tell), _categories(first))
    _own_fields(first, draft.fields, tell)
    draft.attributes = _attributes(first, draft)
    variant_rows = [row for row in rows if row is first or row.is_variant]
    labels = _options(variant_rows, tell)
    draft.options = [label for _, label in labels] if "option1 value" in known else None
    seen: dict[tuple[str, ...], int] = {}
    for row in variant_rows:
        variant = _variant(row, labels, currency, tell)
        folded = tuple(value.casefold() for value in variant.values)
        if folded in seen:
            tell(row, "option1 value", f"The same options as row {seen[folded]}.")
        seen[folded] = row.number
        draft.variants.append(variant)
    draft.images = _images(rows, tell)
    return draft, findings


def _fields(first: Row, tell: Refuse) -> dict[str, Any]:
    known = first.header.known
    fields: dict[str, Any] = {}
    if "title" in known:
        if not first["title"]:
            tell(first, "title", "A product needs a title on its first row.")
        if len(first["title"]) > 255:
            tell(first, "title", f"{len(first['title'])} characters; a title has at most 255.")
        fields["name"] = first["title"]
    if "body" in known:
        fields["story"] = first["body"]
        if len(first["body"]) > MAX_BODY:
            tell(first, "body", f"{len(first['body']):,} characters; a description has at most {MAX_BODY:,}.")
    for name, longest in (("vendor", 255), ("seo_title", 255), ("seo_description", 1000)):
        if name in known:
            fields[name] = first[name][:longest].strip()
            if len(first[name]) > longest:
                tell(first, name, f"{len(first[name])} characters; cut at {longest}.", is_fatal=False)
    if "tags" in known:
        fields["tags"] = tags_of(first["tags"])
    status = first["status"].casefold() or "active"
    published = first["published"].casefold()
    if status not in {"active", "draft", "archived"}:
        tell(first, "status", f"{first['status']!r} is not active, draft or archived.")
    if published not in {"", *_YES, *_NO}:
        tell(first, "published", f"{first['published']!r} is neither true nor false.")
    if known & {"status", "published"}:
        # Published on no channel of ours: it is there, and nobody sees it.
        fields["status"] = "draft" if status == "active" and published in _NO else status
    return fields


def _own_fields(first: Row, fields: dict[str, Any], tell: Refuse) -> None:
    for column in first.header.columns:
        if column.meaning != "own":
            continue
        cell = first.of("own", column.name)
        if column.name == "subtitle":
            fields["subtitle"] = cell[:255].strip()
        elif column.name == "listed" and cell:
            fields["is_listed"] = cell.casefold() not in _NO
        elif column.name == "canonical":
            fields["seo_canonical"] = cell[:500].strip()
        elif column.name == "unpublish_at" and not cell:
            fields["unpublish_at"] = None
        elif column.name in {"published_at", "unpublish_at"} and cell:
            found = _instant(cell)
            if found is None:
                tell(first, column.header, f"{cell!r} is not an instant like 2026-03-01T09:00:00Z.")
            else:
                fields[column.name] = found


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _categories(first: Row) -> list[str] | None:
    if not first.header.known & {"taxonomy", "type"}:
        return None
    return _levels(first) or ([first["type"][:120].strip()] if first["type"] else [])


def _levels(row: Row) -> list[str]:
    levels = [level.strip()[:120].strip() for level in row["taxonomy"].split(">") if level.strip()]
    return [] if [level.casefold() for level in levels] == ["uncategorized"] else levels


def _attributes(first: Row, draft: ProductDraft) -> dict[str, AttributeDraft]:
    """Metafields that are words. References, markup and JSON of Shopify's own mean nothing to another shop: they are kept."""
    found: dict[str, AttributeDraft] = {}
    for column in first.header.columns:
        if column.meaning != "attribute":
            continue
        text = first.of("attribute", column.name)
        value: Any = None
        kind = column.type or "text"
        if column.type:
            value = _typed(text, column.type) if text else None
        elif text and not is_foreign(text):
            items = items_of(text)
            value = items if len(items) > 1 else text
            kind = "list" if len(items) > 1 else "text"
        found[column.name] = AttributeDraft(column.label, kind, value, column.header)
    return found


def items_of(text: str) -> list[str]:
    return [item.strip() for item in text.split("; ") if item.strip()]


def is_foreign(text: str) -> bool:
    return len(text) > MAX_ATTRIBUTE or "gid://" in text or text[0] in "{[<" or "</" in text


def _typed(text: str, kind: str) -> Any:
    """A cell of our own metafields: text as it stands, anything else as JSON."""
    try:
        value = orjson.loads(text)
    except ValueError:
        return text
    return value if kind != "text" or isinstance(value, str) else text


def _options(rows: Sequence[Row], tell: Refuse) -> list[tuple[int, str]]:
    """(number, label) of the options; a product with only the default title has none."""
    first = rows[0]
    is_default = first["option1 name"].casefold() in {"", "title"} and first["option1 value"].casefold() in {
        "",
        "default title",
    }
    if is_default and len(rows) == 1:
        return []
    labels: list[tuple[int, str]] = []
    for number in range(1, MAX_OPTIONS + 1):
        label = first[f"option{number} name"]
        has_values = any(row.raw(f"option{number} value") for row in rows)
        if label and not has_values and not is_default:
            tell(first, f"option{number} name", f"{label} has no value on any row; left aside.", is_fatal=False)
        if not has_values:
            continue
        label = (label or f"Option {number}")[:120].strip()
        if label.casefold() in {known.casefold() for _, known in labels}:
            label = f"{label} {number}"
        labels.append((number, label))
    return labels


def _variant(row: Row, labels: Sequence[tuple[int, str]], currency: str, tell: Refuse) -> VariantDraft:
    known = row.header.known
    values: list[str] = []
    for number, label in labels:
        value = row[f"option{number} value"]
        if not value:
            tell(row, f"option{number} value", f"No value for {label}.")
        if len(value) > 120:
            tell(row, f"option{number} value", f"{len(value)} characters; a value has at most 120.")
        values.append(value)
    fields: dict[str, Any] = {}
    price = _amount(row, "price", currency, tell)
    if "price" in known:
        if not row.raw("price"):
            tell(row, "price", "No price.")
        fields["price_amount"] = price
    if "compare_at" in known:
        fields["compare_at_amount"] = _amount(row, "compare_at", currency, tell)
    if "barcode" in known:
        fields["barcode"] = _barcode(row, tell)
    if "grams" in known:
        fields["weight_grams"] = _grams(row, tell)
    is_tracked = bool(row["tracker"]) if "tracker" in known else None
    policy = _policy(row, tell)
    quantity = _quantity(row, tell)
    if quantity is not None and quantity < 0 and policy != "backorder" and is_tracked:
        tell(row, "quantity", f"{quantity} can't be denied; begins at 0.", is_fatal=False)
        quantity = 0
    return VariantDraft(
        row=row.number,
        values=tuple(values),
        fields=fields,
        sku=code_unmarked(row.raw("sku")),
        is_tracked=is_tracked,
        quantity=quantity,
        policy=policy,
        tax_rate_bps=_tax(row),
        image=row["variant_image"] if "variant_image" in known else None,
        kept=_kept(row),
    )


def _kept(row: Row) -> dict[str, str]:
    kept = {column.name: row.of("kept", column.name) for column in row.header.columns if column.meaning == "kept"}
    if "type" in row.header.known:
        kept[CLASSIC["type"]] = row["type"] if _levels(row) else ""
    if "tax_code" in row.header.known:
        kept[CLASSIC["tax_code"]] = "" if _TAX_CODE.fullmatch(row["tax_code"]) else row["tax_code"]
    if "quantity" in row.header.known:  # of stock that is not counted
        kept[CLASSIC["quantity"]] = "" if row["tracker"] or "tracker" not in row.header.known else row["quantity"]
    for column in row.header.columns:
        if column.meaning == "attribute" and not column.type:
            text = row.of("attribute", column.name)
            kept[column.header] = text if text and is_foreign(text) else ""
    return kept


def _tax(row: Row) -> int | None:
    if found := _TAX_CODE.fullmatch(row["tax_code"]):
        return int(found[1])
    if "taxable" not in row.header.known:
        return None
    return 0 if row["taxable"].casefold() in _NO else -1


def _barcode(row: Row, tell: Refuse) -> str:
    text = code_unmarked(row.raw("barcode"))
    if _ROUNDED.fullmatch(text):
        tell(row, "barcode", f"{text!r} was rounded by a spreadsheet; left aside.", is_fatal=False)
        return ""
    if len(text) > 64:
        tell(row, "barcode", f"{len(text)} characters; left aside.", is_fatal=False)
        return ""
    return text


def _grams(row: Row, tell: Refuse) -> int | None:
    text = row["grams"].removeprefix("'")
    if not text:
        return None
    if not re.fullmatch(r"\d{1,8}(\.\d*)?", text, re.ASCII):
        tell(row, "grams", f"{text[:40]!r} is not a weight.")
        return None
    return int(Decimal(text).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _quantity(row: Row, tell: Refuse) -> int | None:
    text = row["quantity"].removeprefix("'")
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,9}(\.0+)?", text, re.ASCII):
        tell(row, "quantity", f"{text[:40]!r} is not a whole number.")
        return None
    return int(Decimal(text))


def _policy(row: Row, tell: Refuse) -> str | None:
    if "policy" not in row.header.known:
        return None
    policy = row["policy"].casefold()
    if policy not in {"", "deny", "continue", *_YES, *_NO}:
        tell(row, "policy", f"{row['policy'][:40]!r} is not deny or continue.")
    return "backorder" if policy == "continue" or policy in _YES else "deny"


def _amount(row: Row, name: str, currency: str, tell: Refuse) -> int | None:
    """Minor units. Words, signs, and more decimals than the currency has are refused, not guessed at."""
    text = row[name].removeprefix("'")
    if not text:
        return None
    found = _AMOUNT.fullmatch(text)
    if found is None:
        tell(row, name, f"{text[:40]!r} is not a price.")
        return None
    decimals = exponent(currency)
    whole, fraction = found[1], (found[2] or "")
    if len(fraction) > decimals:
        tell(row, name, f"{text[:40]!r} has more decimals than {currency}.")
        return None
    return int(whole + fraction.ljust(decimals, "0"))


def _images(rows: Sequence[Row], tell: Refuse) -> list[ImageDraft]:
    """By position, blanks last in the file's order; an address that stands there twice is one image."""
    found: list[tuple[float, ImageDraft]] = []
    for row in rows:
        url = row["image"]
        if not url:
            continue
        if len(url) > MAX_URL:
            tell(row, "image", f"The address is longer than {MAX_URL:,} characters.", is_fatal=False)
            continue
        place = row["image_position"].removesuffix(".0")
        position = float(place) if place.isascii() and place.isdigit() else float("inf")
        found.append((position, ImageDraft(row.number, url, row["image_alt"][:400].strip())))
    unique: dict[str, ImageDraft] = {}
    for _, image in sorted(found, key=lambda item: item[0]):  # stable: ties in the file's order
        unique.setdefault(image.url, image)
    return list(unique.values())
