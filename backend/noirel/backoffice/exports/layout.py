"""A product to the records of Shopify's product CSV, in the classic header. Pure; the other way round is imports/drafts.py.

A cell is written in the form that reading gives it back in: trimmed, tags once each, lists joined. So a file that is brought
into an empty shop goes out again as it came.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from noirel.backoffice.imports.cells import escape_code, escape_formula, quote
from noirel.backoffice.imports.columns import CLASSIC_HEADERS, METAFIELD_NAMESPACE, OWN_FIELDS
from noirel.backoffice.imports.rows import is_foreign_reference, parse_list, parse_tags
from noirel.core.domain.money import exponent

_AS_CODE = {"sku", "barcode"}


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one export. metafields maps headers to (attribute, type; empty for a column of somebody else's)."""

    currency: str
    option_count: int
    metafields: Mapping[str, tuple[str, str]]
    stored_columns: frozenset[str]
    for_spreadsheets: bool = False

    @property
    def names(self) -> list[str]:
        """Of the columns whose meaning we know."""
        left_out = {f"option{n} {part}" for n in range(max(self.option_count, 3) + 1, 100) for part in ("name", "value")}
        return [name for name in CLASSIC_HEADERS if name not in left_out]

    @property
    def others(self) -> list[str]:
        ours = {f"{label} (product.metafields.{METAFIELD_NAMESPACE}.{key})" for key, label in OWN_FIELDS.items()}
        return sorted((ours | set(self.metafields) | self.stored_columns) - set(CLASSIC_HEADERS.values()))

    def header(self) -> str:
        return _line([*(CLASSIC_HEADERS[name] for name in self.names), *self.others])

    def records(self, product: Mapping[str, Any], categories: Sequence[str]) -> Iterator[str]:
        """Lines of one product: variants and images side by side, its own cells on the first."""
        variants, images = product["variants"], product["images"]
        values = _option_values(product, variants)
        for at in range(max(len(variants), len(images))):
            cells: dict[str, str] = {"handle": product["slug"]}
            others: dict[str, str] = {}
            if at < len(variants):
                variant = variants[at]
                kept = {header: cell for header, cell in (variant["kept"] or {}).items() if cell}
                cells |= self._variant(variant, values[at])
                cells["tax_code"] = kept.pop(CLASSIC_HEADERS["tax_code"], f"bps:{variant['tax_rate_bps']}")
                uncounted = kept.pop(CLASSIC_HEADERS["quantity"], "")
                cells["quantity"] = cells["quantity"] or uncounted
                type_ = kept.pop(CLASSIC_HEADERS["type"], "")
                others |= kept
                if at == 0:
                    cells |= self._product(product, categories, type_)
                    others |= self._metafields(product)
            if at < len(images):
                image = images[at]
                cells |= {"image": image["url"], "image_position": str(at + 1), "image_alt": image["alt"]}
            yield self._record(cells, others)

    def _record(self, cells: Mapping[str, str], others: Mapping[str, str]) -> str:
        def told(name: str, cell: str) -> str:
            mark = escape_code if name in _AS_CODE else escape_formula
            return mark(cell.strip(), for_spreadsheets=self.for_spreadsheets)

        return _line([told(n, cells.get(n, "")) for n in self.names] + [told("", others.get(n, "")) for n in self.others])

    def _product(self, product: Mapping[str, Any], categories: Sequence[str], type_: str) -> dict[str, str]:
        has_path = bool(type_) or len(categories) > 1
        levels = [level.strip() for level in " > ".join(categories).split(">") if level.strip()]
        is_active = product["status"] == "active"
        options = product["options"] or [{"label": "Title"}]
        return {
            "title": product["name"],
            "body": product["story"],
            "vendor": product["vendor"],
            "taxonomy": " > ".join(levels) if has_path else "",
            "type": type_ if has_path else "".join(categories),
            "tags": ", ".join(parse_tags(",".join(product["tags"]))),
            "published": "true" if is_active else "false",
            "status": product["status"],
            "seo_title": product["seo_title"],
            "seo_description": product["seo_description"],
            **{f"option{number} name": option["label"] for number, option in enumerate(options, start=1)},
        }

    def _variant(self, variant: Mapping[str, Any], values: Sequence[str]) -> dict[str, str]:
        return {
            **{f"option{number} value": value for number, value in enumerate(values, start=1)},
            "sku": variant["sku"],
            "grams": _number(variant["weight_grams"]),
            "tracker": "shopify" if variant["is_tracked"] else "",
            "quantity": _number(variant["on_hand"]) if variant["is_tracked"] else "",
            "policy": "deny" if variant["policy"] in {None, "deny"} else "continue",
            "price": _price(variant["price_amount"], self.currency),
            "compare_at": _price(variant["compare_at_amount"], self.currency),
            "taxable": "true" if variant["tax_rate_bps"] else "false",
            "barcode": variant["barcode"],
            "variant_image": variant["image"] or "",
        }

    def _metafields(self, product: Mapping[str, Any]) -> dict[str, str]:
        own = {
            "subtitle": product["subtitle"],
            "listed": "true" if product["is_listed"] else "false",
            "published_at": _instant(product["published_at"]),
            "unpublish_at": _instant(product["unpublish_at"]),
            "canonical": product["seo_canonical"],
        }
        cells = {f"{label} (product.metafields.{METAFIELD_NAMESPACE}.{key})": own[key] for key, label in OWN_FIELDS.items()}
        for header, (name, kind) in self.metafields.items():
            if (value := product["attributes"].get(name)) is not None:
                cells[header] = _attribute_cell(value, kind) if kind else _foreign_cell(value)
        return cells


def _line(cells: Iterable[str]) -> str:
    return ",".join(map(quote, cells)) + "\n"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _price(amount: int | None, currency: str) -> str:
    if amount is None:
        return ""
    decimals = exponent(currency)
    whole, part = divmod(amount, 10**decimals)
    return f"{whole}.{part:0{decimals}d}" if decimals else str(whole)


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""


def _option_values(product: Mapping[str, Any], variants: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    keys = [option["name"] for option in product["options"]]
    if keys:
        return [[str(variant["options"].get(key, "")) for key in keys] for variant in variants]
    if len(variants) == 1:
        return [["Default Title"]]
    titles = [variant["title"] for variant in variants]
    told_apart = all(titles) and len({title.casefold() for title in titles}) == len(titles)
    return [[variant["title"] if told_apart else variant["sku"]] for variant in variants]


def _attribute_cell(value: Any, kind: str) -> str:
    """Text as it stands, unless it would be read as something else; anything else as JSON."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    try:
        read = orjson.loads(value)
    except ValueError:
        is_plain = value == value.strip() and value != ""
    else:
        is_plain = kind == "text" and not isinstance(read, str) and value == value.strip()
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _foreign_cell(value: Any) -> str:
    """A column of somebody else's metafields: lists are joined with `; `."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "; ".join(value)
    text = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).strip()
    if not text or is_foreign_reference(text):
        return text
    items = parse_list(text)
    return "; ".join(items) if len(items) > 1 else text
