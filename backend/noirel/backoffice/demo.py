"""The demo house, put on the shelf from demo/catalogue.json and demo/pictures/."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from noirel.catalog.models import Attribute, Category, Collection, CollectionItem, Product, ProductPicture, Variant
from noirel.catalog.services.projection import refresh_projection
from noirel.content.models import MediaAsset
from noirel.content.services import keep_picture, store_renditions
from noirel.core.viewer import SYSTEM
from noirel.inventory import services as inventory

# Whole bottle first; the cut-out is for covers and stands in no gallery.
_VIEWS = {view: at for at, view in enumerate(["whole", "stopper", "engraving", "scale", "", "cutout"])}
Json = Mapping[str, Any]


def is_seeded(catalogue: Json) -> bool:
    """Whether every product of the demo house is there; one statement."""
    slugs = {product["slug"] for product in [*catalogue["products"], *catalogue["samples"]]}
    return Product.objects.filter(slug__in=slugs).count() == len(slugs)


def seed(catalogue: Json, pictures: Sequence[Json], *, root: Path) -> int:
    """All of it, or none; what is there already is left as staff have it. Returns how many products there are."""
    assets: dict[str, list[MediaAsset]] = {}
    for picture in pictures:
        assets.setdefault(picture["product"], []).append(_asset(picture, root))
    with transaction.atomic():
        _seed_taxonomy(catalogue)
        categories = {category.slug: category for category in Category.objects.all()}
        for product in catalogue["products"]:
            _product(product, catalogue, categories.get(product["category"]), assets.get(product["slug"], []))
        for sample in catalogue["samples"]:
            _sample(sample, catalogue)
        for at, collection in enumerate(catalogue["collections"]):
            row, _ = Collection.objects.get_or_create(
                slug=collection["slug"], defaults={"name": collection["name"], "story": collection["story"], "position": at}
            )
            for position, slug in enumerate(collection["products"]):
                CollectionItem.objects.get_or_create(
                    collection=row, product=Product.objects.get(slug=slug), defaults={"position": position}
                )
    return len(catalogue["products"])


def _asset(picture: Json, root: Path) -> MediaAsset:
    return keep_picture(
        source=f"demo:{picture['product']}/{picture['name']}",
        alt=picture["alt"],
        view=picture["view"],
        width=picture["width"],
        height=picture["height"],
        ground=picture["ground"],
        renditions=store_renditions(picture["files"], root=root),
    )


def _seed_taxonomy(catalogue: Json) -> None:
    for at, category in enumerate(catalogue["categories"]):
        parent = Category.objects.get(slug=category["parent"]) if category["parent"] else None
        Category.objects.get_or_create(
            slug=category["slug"],
            defaults={"name": category["name"], "story": category["story"], "parent": parent, "position": at},
        )
    for at, attribute in enumerate(catalogue["attributes"]):
        Attribute.objects.get_or_create(name=attribute["name"], defaults={**attribute, "position": at})


def _product(told: Json, catalogue: Json, category: Category | None, pictures: Sequence[MediaAsset]) -> None:
    product, is_new = Product.objects.get_or_create(
        slug=told["slug"],
        defaults={
            **{name: told[name] for name in ("name", "subtitle", "vendor", "story", "attributes", "options", "is_best_seller")},
            "category": category,
            "status": Product.Status.ACTIVE,
            "published_at": timezone.now() - timedelta(days=told["published_days_ago"]),
        },
    )
    if not is_new:
        return
    for at, variant in enumerate(told["variants"]):
        row = Variant.objects.create(
            product=product,
            currency=catalogue["currency"],
            tax_rate_bps=catalogue["tax_rate_bps"],
            position=at,
            **{name: variant[name] for name in ("sku", "title", "options", "price_amount", "weight_grams")},
        )
        inventory.set_terms(row.pk, is_tracked=True)
        if variant["stock"]:
            inventory.adjust(row.sku, delta=variant["stock"], reason="received", note="Opening stock", actor=SYSTEM)
    for at, asset in enumerate(sorted(pictures, key=lambda asset: _VIEWS.get(asset.view, 4))):
        ProductPicture.objects.create(product=product, asset=asset, position=at)
    refresh_projection(product.pk)


def _sample(told: Json, catalogue: Json) -> None:
    """A vial that goes along for nothing: it can be had, but stands in no list."""
    product, is_new = Product.objects.get_or_create(
        slug=told["slug"],
        defaults={
            "name": told["name"],
            "subtitle": told["subtitle"],
            "status": Product.Status.ACTIVE,
            "is_listed": False,
            "published_at": timezone.now(),
            "tags": ["sample"],
        },
    )
    if not is_new:
        return
    row = Variant.objects.create(
        product=product,
        sku=told["sku"],
        title="1 ml",
        price_amount=0,
        currency=catalogue["currency"],
        tax_rate_bps=catalogue["tax_rate_bps"],
    )
    inventory.set_terms(row.pk, is_tracked=False)
    whole = MediaAsset.objects.filter(source=f"demo:{told['of']}/whole").first()
    if whole:
        ProductPicture.objects.create(product=product, asset=whole, position=0)
    refresh_projection(product.pk)
