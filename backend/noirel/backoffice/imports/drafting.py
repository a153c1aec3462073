"""The rows of one handle to a draft of a product, and what is wrong with them. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from django.utils.dateparse import parse_datetime

from noirel.backoffice.imports.columns import CLASSIC_HEADERS, MAX_OPTIONS
from noirel.backoffice.imports.drafts import AttributeDraft, Finding, ImageDraft, ProductDraft, VariantDraft
from noirel.backoffice.imports.rows import NO, YES, Refuse, Row, category_path, is_foreign_reference, parse_list, parse_tags
from noirel.backoffice.imports.variant_rows import parse_variant
from noirel.catalog.option_values import option_key, option_value
from noirel.catalog.story import left_out, pictures_in, sanitise
from noirel.core.shop_time import in_shop_zone

MAX_BODY = 500_000  # characters
MAX_URL = 1000


def parse_product(handle: str, rows: Sequence[Row], *, slug: str, currency: str) -> tuple[ProductDraft, list[Finding]]:
    """The draft of these rows, all of one handle in the file's order. It is of no use if a finding is fatal."""
    first = rows[0]
    known = first.header.known
    findings: list[Finding] = []

    def tell(row: Row, name: str, message: str, *, is_fatal: bool = True) -> None:
        findings.append(Finding(row.number, CLASSIC_HEADERS.get(name, name), message, handle, is_fatal))

    draft = ProductDraft(first.number, handle, slug, _fields(first, tell), _categories(first))
    _own_fields(first, draft.fields, tell)
    draft.attributes = _attributes(first, draft)
    variant_rows = [row for row in rows if row is first or row.is_variant]
    labels = _options(variant_rows, tell)
    draft.options = [label for _, label in labels] if "option1 value" in known else None
    seen: dict[tuple[str, ...], VariantDraft] = {}
    for row in variant_rows:
        variant = parse_variant(row, labels, currency, tell)
        earlier = seen.setdefault(tuple(map(option_key, variant.values)), variant)
        if earlier is not variant and any(variant.values == other.values for other in draft.variants):
            tell(row, "option1 value", same_options(earlier.row))
        elif earlier is not variant:
            draft.equals[variant.row] = earlier.row
        draft.variants.append(variant)
    if not draft.equals:
        draft.variants = _in_one_spelling(draft.variants)
    draft.images = _images(rows, tell)
    if "body" in known:
        draft.story_pictures = pictures_in(draft.fields["story"])
        draft.left_out = left_out(first["body"], draft.fields["story"])
    return draft, findings


def same_options(row: int) -> str:
    return f"The same options as row {row}."


def _in_one_spelling(variants: Sequence[VariantDraft]) -> list[VariantDraft]:
    """Values that are equal are spelled as they are on the first row."""
    spellings: dict[tuple[int, str], str] = {}
    return [
        replace(
            variant,
            values=tuple(spellings.setdefault((at, option_key(value)), value) for at, value in enumerate(variant.values)),
        )
        for variant in variants
    ]


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
        fields["story"] = sanitise(first["body"][:MAX_BODY]).strip()
        if len(first["body"]) > MAX_BODY:
            tell(first, "body", f"{len(first['body']):,} characters; a description has at most {MAX_BODY:,}.")
    for name, longest in (("vendor", 255), ("seo_title", 255), ("seo_description", 1000)):
        if name in known:
            fields[name] = first[name][:longest].strip()
            if len(first[name]) > longest:
                tell(first, name, f"{len(first[name])} characters; cut at {longest}.", is_fatal=False)
    if "tags" in known:
        fields["tags"] = parse_tags(first["tags"])
    status = first["status"].casefold() or "active"
    published = first["published"].casefold()
    if status not in {"active", "draft", "archived", "unlisted"}:
        tell(first, "status", f"{first['status']!r} is not active, draft, archived or unlisted.")
    if published not in {"", *YES, *NO}:
        tell(first, "published", f"{first['published']!r} is neither true nor false.")
    if status == "unlisted":  # for sale to those who have its address, and in no list
        status, fields["is_listed"] = "active", False
    if known & {"status", "published"}:
        # Published on no channel of ours: it is there, and nobody sees it.
        fields["status"] = "draft" if status == "active" and published in NO else status
    return fields


def _own_fields(first: Row, fields: dict[str, Any], tell: Refuse) -> None:
    for column in first.header.columns:
        if column.meaning != "own":
            continue
        cell = first.of("own", column.name)
        if column.name == "subtitle":
            fields["subtitle"] = cell[:255].strip()
        elif column.name == "listed" and cell:
            fields["is_listed"] = cell.casefold() not in NO
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
    return in_shop_zone(found) if found else None


def _categories(first: Row) -> list[str] | None:
    if not first.header.known & {"taxonomy", "type"}:
        return None
    return category_path(first) or ([first["type"][:120].strip()] if first["type"] else [])


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
            value = _typed_value(text, column.type) if text else None
        elif text and not is_foreign_reference(text):
            items = parse_list(text)
            value = items if len(items) > 1 else text
            kind = "list" if len(items) > 1 else "text"
        found[column.name] = AttributeDraft(column.label, kind, value, column.header)
    return found


def _typed_value(text: str, kind: str) -> Any:
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
        label = option_value(label or f"Option {number}")[:120].strip()
        if option_key(label) in {option_key(known) for _, known in labels}:
            label = f"{label} {number}"
        labels.append((number, label))
    return labels


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
