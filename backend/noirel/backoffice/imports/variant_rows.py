"""A row to a draft of a variant, and what is wrong with its cells. Pure."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from noirel.backoffice.imports.cells import unescape_code
from noirel.backoffice.imports.columns import CLASSIC_HEADERS
from noirel.backoffice.imports.drafts import VariantDraft
from noirel.backoffice.imports.rows import NO, YES, Refuse, Row, category_path, is_foreign_reference
from noirel.catalog.option_values import MAX_OPTION_VALUE, option_value
from noirel.core.domain.money import exponent

_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d+))?", re.ASCII)
_ROUNDED = re.compile(r"\d(\.\d+)?e\+?\d+", re.ASCII | re.IGNORECASE)
_TAX_CODE = re.compile(r"bps:(\d{1,5})", re.ASCII)


def parse_variant(row: Row, labels: Sequence[tuple[int, str]], currency: str, tell: Refuse) -> VariantDraft:
    """Of one row; labels: the number and the label of each option that the product has."""
    known = row.header.known
    values: list[str] = []
    for number, label in labels:
        value = option_value(row[f"option{number} value"])
        if not value:
            tell(row, f"option{number} value", f"No value for {label}.")
        if len(value) > MAX_OPTION_VALUE:
            message = f"{len(value)} characters; an option value has at most {MAX_OPTION_VALUE}."
            tell(row, f"option{number} value", message)
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
        sku=unescape_code(row.raw("sku")),
        is_tracked=is_tracked,
        quantity=quantity,
        policy=policy,
        tax_rate_bps=_tax(row),
        image=row["variant_image"] if "variant_image" in known else None,
        stored_cells=_stored_cells(row),
    )


def _stored_cells(row: Row) -> dict[str, str]:
    kept = {column.name: row.of("kept", column.name) for column in row.header.columns if column.meaning == "kept"}
    if "type" in row.header.known:
        kept[CLASSIC_HEADERS["type"]] = row["type"] if category_path(row) else ""
    if "tax_code" in row.header.known:
        kept[CLASSIC_HEADERS["tax_code"]] = "" if _TAX_CODE.fullmatch(row["tax_code"]) else row["tax_code"]
    if "quantity" in row.header.known:  # of stock that is not counted
        kept[CLASSIC_HEADERS["quantity"]] = "" if row["tracker"] or "tracker" not in row.header.known else row["quantity"]
    for column in row.header.columns:
        if column.meaning == "attribute" and not column.type:
            text = row.of("attribute", column.name)
            kept[column.header] = text if text and is_foreign_reference(text) else ""
    return kept


def _tax(row: Row) -> int | None:
    if found := _TAX_CODE.fullmatch(row["tax_code"]):
        return int(found[1])
    if "taxable" not in row.header.known:
        return None
    return 0 if row["taxable"].casefold() in NO else -1


def _barcode(row: Row, tell: Refuse) -> str:
    text = unescape_code(row.raw("barcode"))
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
        tell(row, "grams", f"{text[:40]!r} is not a weight. Enter grams, like 250.")
        return None
    return int(Decimal(text).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _quantity(row: Row, tell: Refuse) -> int | None:
    text = row["quantity"].removeprefix("'")
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,9}(\.0+)?", text, re.ASCII):
        tell(row, "quantity", f"{text[:40]!r} is not a whole number. Enter one like 12.")
        return None
    return int(Decimal(text))


def _policy(row: Row, tell: Refuse) -> str | None:
    if "policy" not in row.header.known:
        return None
    policy = row["policy"].casefold()
    if policy not in {"", "deny", "continue", *YES, *NO}:
        tell(row, "policy", f"{row['policy'][:40]!r} is not deny or continue.")
    return "backorder" if policy == "continue" or policy in YES else "deny"


def _amount(row: Row, name: str, currency: str, tell: Refuse) -> int | None:
    """Minor units. Words, signs, and more decimals than the currency has are refused, not guessed at."""
    text = row[name].removeprefix("'")
    if not text:
        return None
    found = _AMOUNT.fullmatch(text)
    decimals = exponent(currency)
    if found is None:
        example = f"1200.{'0' * decimals}".removesuffix(".")
        tell(row, name, f"{text[:40]!r} is not a price. Enter a number like {example}.")
        return None
    whole, fraction = found[1], (found[2] or "")
    if decimals:  # 499.000 is exactly 499.00; but 499.00 yen is a price in another currency
        fraction = fraction[:decimals] + fraction[decimals:].rstrip("0")
    if len(fraction) > decimals:
        tell(row, name, f"{text[:40]!r} has more decimals than {currency}.")
        return None
    return int(whole + fraction.ljust(decimals, "0"))
