"""What staff and imports do to products."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from noirel.catalog.attributes import misfits
from noirel.catalog.models import Attribute, Category, Product, RelatedProduct, Variant
from noirel.catalog.services.addresses import free_address
from noirel.catalog.services.collection_membership import set_collections
from noirel.catalog.services.pictures import check_alt_text, set_pictures
from noirel.catalog.services.projection import refresh_projection
from noirel.catalog.services.variants import change_variants
from noirel.catalog.story import pictures_in, sanitise
from noirel.catalog.visibility import start_of
from noirel.content.models import MediaAsset
from noirel.core import audit_log, events
from noirel.core.domain.errors import FieldError, Invalid, NotFound
from noirel.core.domain.money import Money
from noirel.core.viewer import Viewer


@transaction.atomic
def create_product(*, actor: Viewer, name: str, slug: str = "", price: Money, sku: str, **fields: Any) -> Product:
    """Create a product, a draft unless `status` says otherwise, with its first variant. Raises SlugTaken, Invalid.

    The variant has no title, since nothing tells it apart from others yet. Its stock item is created by a trigger of inventory.
    """
    slug = free_address(Product, slug, None, name=name)
    if Variant.objects.filter(sku=sku).exists():
        raise Invalid(errors=[FieldError("sku", "taken", "This SKU is in use.")])
    images, related, collections = (fields.pop(name, []) for name in ("images", "related", "collections"))
    _check_attributes(fields, {})
    columns = _columns(fields)
    _set_dates(columns)
    product = Product.objects.create(name=name, slug=slug, **columns)
    set_pictures(product, images)
    if product.status == Product.Status.ACTIVE:
        check_alt_text(product)
    _relate(product, related)
    set_collections(product, collections)
    _request_story_pictures(product)
    Variant.objects.create(product=product, sku=sku, price_amount=price.amount, currency=price.currency, position=1)
    refresh_projection(product.pk)
    audit_log.record(actor=actor, action="products.create", target=f"product:{slug}", after={"name": name, "sku": sku})
    return product


@transaction.atomic
def update_product(slug: str, /, *, actor: Viewer, **fields: Any) -> str:
    """Change what is named, and return its slug. Raises NotFound, SlugTaken, Invalid. Locks the product's row.

    variants are changes of its variants, which are locked first; collections those by hand that it is to stand in.
    """
    if variants := fields.pop("variants", None):
        change_variants(slug, variants, actor=actor)
    # Not against those who only name it: a collection that is written meanwhile, and that present waits for.
    product = Product.objects.select_for_update(no_key=True).filter(slug=slug).first()
    if product is None:
        raise NotFound
    images, related, collections = (fields.pop(name, None) for name in ("images", "related", "collections"))
    _check_attributes(fields, product.attributes)
    if fields.get("slug", slug) != slug:
        fields["slug"] = free_address(Product, fields["slug"], product.pk, name=product.name)
    columns = _columns(fields)
    _set_dates(columns, product)
    before = {name: _plain(getattr(product, name)) for name in columns}
    after = {name: _plain(value) for name, value in columns.items()}
    if images is not None:
        before["images"] = [str(pk) for pk in product.pictures.values_list("asset_id", flat=True)]
        after["images"] = [str(pk) for pk in images]
        set_pictures(product, images)
    if related is not None:
        before["related"] = list(product.related.values_list("other__slug", flat=True))
        after["related"] = related
        _relate(product, related)
    if collections is not None:
        before["collections"], after["collections"] = set_collections(product, collections), sorted(collections)
    is_published = columns.get("status") == Product.Status.ACTIVE and product.status != Product.Status.ACTIVE
    if is_published:
        check_alt_text(product)
    for name, value in columns.items():
        setattr(product, name, value)
    product.save(update_fields=[*columns, "updated_at"])
    if "story" in columns:
        _request_story_pictures(product)
    refresh_projection(product.pk)
    audit_log.record(
        actor=actor,
        action="products.edit",
        target=f"product:{slug}",
        before=before,
        after=after,
    )
    return product.slug


def _request_story_pictures(product: Product) -> None:
    """Announce the pictures that the story names by address: the shop shows them from its own media, once they are fetched."""
    if pictures := pictures_in(product.story):
        events.publish("product.story_pictures", key=f"product:{product.pk}", payload={"pictures": pictures})


def _set_dates(columns: dict[str, Any], product: Product | None = None) -> None:
    """Complete the start date of what is written on a product (None: a new one). Raises Invalid if it ends before it begins."""

    def new(name: str, default: Any = None) -> Any:
        return columns.get(name, getattr(product, name) if product else default)

    begins, ends = new("published_at"), new("unpublish_at")
    before = product.published_at if product else None
    start = start_of(new("status", Product.Status.DRAFT), begins, before=before, now=timezone.now())
    if start != begins:
        begins = columns["published_at"] = start
    if begins and ends and ends <= begins:
        raise Invalid(errors=[FieldError("unpublish_at", "invalid", "It ends after it begins.")])


def _check_attributes(fields: dict[str, Any], before: dict[str, Any]) -> None:
    errors = misfits(fields.get("attributes", {}), before, Attribute.objects.all(), of_variant=False)
    if errors:
        raise Invalid(errors=errors)


def _relate(product: Product, slugs: Sequence[str]) -> None:
    """These stand beside it, in this order. Raises Invalid."""
    others = dict(Product.objects.filter(slug__in=slugs).exclude(pk=product.pk).values_list("slug", "pk"))
    if unknown := [at for at, slug in enumerate(slugs) if slug not in others]:
        raise Invalid(errors=[FieldError(f"related.{at}", "unknown", "There is no such other product.") for at in unknown])
    RelatedProduct.objects.filter(product=product).delete()
    RelatedProduct.objects.bulk_create(
        RelatedProduct(product=product, other_id=others[slug], position=at)
        for at, slug in enumerate(dict.fromkeys(slugs), start=1)
    )


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in fields.items() if name not in {"seo", "category", "story"}}
    if "story" in fields:
        columns["story"] = sanitise(fields["story"])
    if "seo" in fields:
        names = {
            "title": "seo_title",
            "description": "seo_description",
            "canonical": "seo_canonical",
            "image": "seo_picture_id",
        }
        columns |= {names[name]: value for name, value in fields["seo"].items()}
        picture = columns.get("seo_picture_id")
        if picture and not MediaAsset.objects.filter(pk=picture).exists():
            raise Invalid(errors=[FieldError("seo.image", "unknown", "There is no such picture.")])
    if "category" in fields:
        category = Category.objects.filter(slug=fields["category"]).first() if fields["category"] else None
        if fields["category"] and category is None:
            raise Invalid(errors=[FieldError("category", "unknown", "There is no such category.")])
        columns["category"] = category
    return columns


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)
