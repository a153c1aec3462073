"""What staff and imports do to products."""

from typing import Any

import nh3
from django.db import transaction
from django.utils import timezone

from noirel.catalog.models import Category, Product, Variant
from noirel.catalog.present import slugged
from noirel.catalog.services.pictures import set_pictures
from noirel.catalog.services.present import present
from noirel.core import audit
from noirel.core.errors import Conflict, FieldError, Invalid, NotFound
from noirel.core.money import Money
from noirel.core.viewer import Viewer

_TAGS = {
    "p", "br", "strong", "em", "b", "i", "u", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "a", "hr", "table", "thead",
    "tbody", "tr", "td", "th", "span", "div",
}  # fmt: skip


class SlugTaken(Conflict):
    """Another product has this address."""

    code, title = "slug_taken", "That address is taken"


def sanitise(html: str) -> str:
    """What may stand in a story: words, lists, links to http(s) and mail. Scripts, styles and handlers go, their text too."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )


@transaction.atomic
def create_product(*, actor: Viewer, name: str, slug: str = "", price: Money, sku: str, **fields: Any) -> Product:
    """A draft with its first variant. Raises SlugTaken, Invalid. Stock begins with inventory's first adjustment."""
    slug = slug or slugged(name)
    if not slug:
        raise Invalid(errors=[FieldError("slug", "invalid", "Letters, digits and dashes.")])
    if Product.objects.filter(slug=slug).exists():
        raise SlugTaken
    if Variant.objects.filter(sku=sku).exists():
        raise Invalid(errors=[FieldError("sku", "taken", "This SKU is in use.")])
    images = fields.pop("images", [])
    product = Product.objects.create(name=name, slug=slug, **_columns(fields))
    set_pictures(product, images)
    Variant.objects.create(product=product, sku=sku, title=name, price_amount=price.amount, currency=price.currency)
    present(product.pk)
    audit.record(actor=actor, action="products.create", target=f"product:{slug}", after={"name": name, "sku": sku})
    return product


@transaction.atomic
def update_product(slug: str, *, actor: Viewer, **fields: Any) -> None:
    """Change what is named. Raises NotFound, Invalid. Locks the product's row."""
    product = Product.objects.select_for_update().filter(slug=slug).first()
    if product is None:
        raise NotFound
    images = fields.pop("images", None)
    columns = _columns(fields)
    if columns.get("status") == Product.Status.ACTIVE and product.published_at is None:
        columns.setdefault("published_at", timezone.now())
    before = {name: _plain(getattr(product, name)) for name in columns}
    after = {name: _plain(value) for name, value in columns.items()}
    if images is not None:
        before["images"] = [str(pk) for pk in product.pictures.values_list("asset_id", flat=True)]
        after["images"] = [str(pk) for pk in images]
        set_pictures(product, images)
    for name, value in columns.items():
        setattr(product, name, value)
    product.save(update_fields=[*columns, "updated_at"])
    present(product.pk)
    audit.record(
        actor=actor,
        action="products.edit",
        target=f"product:{slug}",
        before=before,
        after=after,
    )


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in fields.items() if name not in {"seo", "category", "story"}}
    if "story" in fields:
        columns["story"] = sanitise(fields["story"])
    if "seo" in fields:
        columns |= {"seo_title": fields["seo"]["title"], "seo_description": fields["seo"]["description"]}
    if "category" in fields:
        category = Category.objects.filter(slug=fields["category"]).first() if fields["category"] else None
        if fields["category"] and category is None:
            raise Invalid(errors=[FieldError("category", "unknown", "There is no such category.")])
        columns["category"] = category
    return columns


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)


@transaction.atomic
def update_variant(sku: str, *, actor: Viewer, **fields: Any) -> Variant:
    """Change price (Money), compare_at (Money or None), barcode or weight_grams. Raises NotFound, Invalid."""
    variant = Variant.objects.select_for_update().filter(sku=sku).first()
    if variant is None:
        raise NotFound
    before = {"price": variant.price_amount, "compare_at": variant.compare_at_amount}
    for name in ("price", "compare_at"):
        money = fields.pop(name, variant)
        if money is variant:
            continue
        if money is not None and money.currency != variant.currency:
            raise Invalid(errors=[FieldError(f"{name}.currency", "invalid", f"This variant is sold in {variant.currency}.")])
        setattr(variant, f"{name}_amount", money.amount if money else None)
    if variant.compare_at_amount is not None and variant.compare_at_amount <= variant.price_amount:
        raise Invalid(errors=[FieldError("compare_at", "invalid", "A former price is above the price.")])
    for name, value in fields.items():
        setattr(variant, name, value)
    variant.save()
    present(variant.product_id)
    after = {"price": variant.price_amount, "compare_at": variant.compare_at_amount, **fields}
    audit.record(actor=actor, action="products.edit_variant", target=f"variant:{sku}", before=before, after=after)
    return variant
