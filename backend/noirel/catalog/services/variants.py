"""What staff change of a variant."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from noirel.catalog.attributes import misfits
from noirel.catalog.models import Attribute, Variant
from noirel.catalog.services.projection import refresh_projection
from noirel.content.models import MediaAsset
from noirel.core import audit_log
from noirel.core.domain.errors import FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer

Json = Mapping[str, Any]


@transaction.atomic
def update_variant(sku: str, /, *, actor: Viewer, **fields: Any) -> Variant:
    """Change price (Money), compare_at (Money or None), sku, barcode, weight_grams, tax_rate_bps, image or attributes.

    Raises NotFound, Invalid. Locks the variant's row, then its product's.
    """
    variant = Variant.objects.select_for_update().filter(sku=sku).first()
    if variant is None:
        raise NotFound
    if errors := _change(variant, fields, list(Attribute.objects.all()), actor=actor):
        raise Invalid(errors=errors)
    refresh_projection(variant.product_id)
    return variant


def change_variants(slug: str, changes: Iterable[Json], *, actor: Viewer) -> None:
    """Several of one product: all of them or none. Each is {"sku", "change": {…}}, with the fields of update_variant.

    Call in a transaction, before the product's row is locked: stock moves lock variants first, too. The caller presents the
    product. Raises Invalid with every error at `variants.<n>.change.<field>`.
    """
    told = list(changes)
    mine = Variant.objects.select_for_update().filter(product__slug=slug, sku__in=[each["sku"] for each in told])
    found = {variant.sku: variant for variant in mine.select_related(None).order_by("pk")}
    definitions = list(Attribute.objects.all())
    errors: list[FieldError] = []
    for at, each in enumerate(told):
        variant = found.pop(each["sku"], None)
        if variant is None:
            errors.append(
                FieldError(f"variants.{at}.sku", "unknown", "This product has no such variant, or it is named twice.")
            )
            continue
        why = _change(variant, dict(each["change"]), definitions, actor=actor)
        errors += [FieldError(f"variants.{at}.change.{error.field}", error.code, error.message) for error in why]
    if errors:
        raise Invalid(errors=errors)


def _change(variant: Variant, fields: dict[str, Any], definitions: Iterable[Attribute], *, actor: Viewer) -> list[FieldError]:
    """Write one down, unless something is wrong with it: then say what."""
    errors = []
    before = {"price": variant.price_amount, "compare_at": variant.compare_at_amount}
    target = f"variant:{variant.sku}"
    for name in ("price", "compare_at"):
        money = fields.pop(name, variant)
        if money is variant:
            continue
        if money is not None and money.currency != variant.currency:
            errors.append(FieldError(f"{name}.currency", "invalid", f"This variant is sold in {variant.currency}."))
        setattr(variant, f"{name}_amount", None if money is None else money.amount)
    if variant.compare_at_amount is not None and variant.compare_at_amount <= variant.price_amount:
        errors.append(FieldError("compare_at", "invalid", "A former price is above the price."))
    if "attributes" in fields:
        errors += misfits(fields["attributes"], variant.attributes, definitions, of_variant=True)
    if "sku" in fields and Variant.objects.filter(sku=fields["sku"]).exclude(pk=variant.pk).exists():
        errors.append(FieldError("sku", "taken", "This SKU is in use."))
    if "image" in fields:
        fields["picture_id"] = fields.pop("image")
        if fields["picture_id"] and not MediaAsset.objects.filter(pk=fields["picture_id"]).exists():
            errors.append(FieldError("image", "unknown", "There is no such picture."))
    if errors:
        return errors
    before |= {name: getattr(variant, name) for name in fields}
    for name, value in fields.items():
        setattr(variant, name, value)
    variant.save()
    after = {"price": variant.price_amount, "compare_at": variant.compare_at_amount, **fields}
    audit_log.record(actor=actor, action="products.edit_variant", target=target, before=_plain(before), after=_plain(after))
    return []


def _plain(values: Json) -> dict[str, Any]:
    return {name: value if isinstance(value, str | int | dict | None) else str(value) for name, value in values.items()}
