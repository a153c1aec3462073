"""What is there already of the products that a batch names: read by a handful of statements, however many they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Self

from noirel.backoffice.imports.drafts import ProductDraft
from noirel.backoffice.models import PendingPicture, StoredCells
from noirel.catalog.models import Category, Product, ProductPicture, Variant
from noirel.content.models import MediaAsset
from noirel.core.slugs import slugify
from noirel.inventory.models import StockItem


@dataclass(slots=True)
class ExistingProducts:
    products: dict[str, Product]  # by slug
    variants: dict[int, list[Variant]]  # by product
    terms: dict[int, tuple[bool, str]]  # by variant: is tracked, policy
    stored_cells: dict[int, dict[str, str]]  # by variant
    pictures: dict[int, list[ProductPicture]]  # by product
    _assets: dict[str, MediaAsset]  # by source
    _new_assets: dict[str, MediaAsset] = field(default_factory=dict)

    @classmethod
    def load(cls, drafts: Sequence[ProductDraft], *, is_locked: bool) -> Self:
        """Locks what is there of them, if asked to: then call it inside the transaction that writes them."""
        slugs = [draft.slug for draft in drafts]
        rows = Product.objects.filter(slug__in=slugs).order_by("pk")
        if is_locked:
            # Stock, variants, products, each in id order, as sales do: in another order both would wait for each other.
            for kind, of in ((StockItem, "variant__product__slug__in"), (Variant, "product__slug__in")):
                held = kind._default_manager.select_for_update(of=("self",), no_key=True).filter(**{of: slugs})
                list(held.order_by("pk").values_list("pk"))
            rows = rows.select_for_update(no_key=True)
        products = {product.slug: product for product in rows}
        ids = [product.pk for product in products.values()]
        variants = list(Variant.objects.filter(product_id__in=ids).order_by("position", "pk")) if ids else []
        pictures = list(ProductPicture.objects.filter(product_id__in=ids).order_by("position", "pk")) if ids else []
        named = [variant.pk for variant in variants]
        terms = StockItem.objects.filter(pk__in=named).values_list("pk", "is_tracked", "policy") if named else ()
        kept = StoredCells.objects.filter(pk__in=named).values_list("pk", "cells") if named else ()
        sources = {image.url for draft in drafts for image in draft.images}
        sources |= {source for draft in drafts for source in draft.story_pictures}
        sources |= {variant.image for draft in drafts for variant in draft.variants if variant.image}
        assets = MediaAsset.objects.filter(source__in=sources) if sources else ()
        return cls(
            products,
            _group_by(variants),
            {pk: (is_tracked, policy) for pk, is_tracked, policy in terms},
            dict(kept),
            _group_by(pictures),
            {asset.source: asset for asset in assets},
        )

    def asset(self, source: str, *, alt: str = "") -> MediaAsset:
        """The picture of this address; one that nobody has seen is written down with keep_assets, and fetched later."""
        asset = self._assets.get(source)
        if asset is None:
            asset = self._assets[source] = self._new_assets[source] = MediaAsset(source=source, alt=alt)
        elif not asset.alt and alt and source in self._new_assets:
            asset.alt = alt
        return asset

    def save_assets(self) -> None:
        """Write down the pictures that are new, each with a wish that the worker fetches it."""
        MediaAsset.objects.bulk_create(self._new_assets.values())
        PendingPicture.objects.bulk_create([PendingPicture(asset=asset) for asset in self._new_assets.values()])
        self._new_assets = {}


def _group_by(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.product_id].append(row)
    return dict(grouped)


@dataclass(slots=True)
class Categories:
    """The tree by its paths, made where it is missing and remembered for the run."""

    _known: dict[tuple[str, ...], int] = field(default_factory=dict)
    _names: dict[tuple[int | None, str], int] | None = None

    def find(self, names: Sequence[str], *, is_made: bool) -> int | None:
        """The category of this path from the root. Unmade, a missing one is -1: another than any there is."""
        path = tuple(names)
        if path in self._known:
            return self._known[path]
        if self._names is None:
            self._names = {(row[1], row[2]): row[0] for row in Category.objects.values_list("pk", "parent_id", "name")}
        parent: int | None = None
        for at, name in enumerate(path):
            found = self._names.get((parent, name))
            if found is None:
                if not is_made:
                    return -1
                found = self._names[parent, name] = self._make(path[: at + 1], parent)
            parent = found
        if parent is not None:
            self._known[path] = parent
        return parent

    def _make(self, path: tuple[str, ...], parent: int | None) -> int:
        """Another path's end of the same name gets a longer slug."""
        name = path[-1]
        for slug in (slugify(name, max_length=110), slugify(" ".join(path), max_length=110)):
            if slug and not Category.objects.filter(slug=slug).exists():
                break
        else:
            slug = f"{slugify(name, max_length=90)}-{blake2b(repr(path).encode(), digest_size=4).hexdigest()}"
        return Category.objects.create(slug=slug, name=name, parent_id=parent, position=100).pk
