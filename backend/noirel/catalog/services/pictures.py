"""Which pictures a product has, in which order, and what follows when one of them changes."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from noirel.catalog.models import STORY_PICTURE, Product, ProductPicture
from noirel.catalog.services.projection import refresh_projections
from noirel.catalog.story import attribute_value
from noirel.content.models import MediaAsset
from noirel.core.domain.errors import FieldError, Invalid


def set_pictures(product: Product, wanted: Sequence[UUID]) -> None:
    """These and no others, in this order. Raises Invalid for one that isn't there. Call with the product's row locked.

    Locks the pictures' rows in id order, so that none is deleted meanwhile.
    """
    rows_there = MediaAsset.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    there = set(rows_there.values_list("pk", flat=True))
    if unknown := [at for at, pk in enumerate(wanted) if pk not in there]:
        raise Invalid(errors=[FieldError(f"images.{at}", "unknown", "There is no such picture.") for at in unknown])
    mine = ProductPicture.objects.filter(product=product)
    mine.exclude(asset_id__in=wanted).delete()
    rows = {row.asset_id: row for row in mine}
    for position, pk in enumerate(dict.fromkeys(wanted), start=1):
        row = rows.get(pk) or ProductPicture(product=product, asset_id=pk)
        if row.pk is None or row.position != position:
            row.position = position
            row.save()


def check_alt_text(product: Product) -> None:
    """Raises Invalid if a picture of the product has no alt text: it is required to publish."""
    if why := lacking_alt_text([product.pk]).get(product.pk):
        raise Invalid(errors=[FieldError("status", "alt_text_required", why)])


def lacking_alt_text(product_ids: Sequence[int]) -> dict[int, str]:
    """Of those products that have pictures without alt text: which ones, in a sentence for staff."""
    numbers: dict[int, list[str]] = {}
    rows = ProductPicture.objects.filter(product__in=product_ids).order_by("product_id", "position", "id")
    for product_id, pictures in groupby(rows.values_list("product_id", "alt", "asset__alt"), key=itemgetter(0)):
        if lacking := [str(at) for at, (_, own, alt) in enumerate(pictures, start=1) if not (own or alt).strip()]:
            numbers[product_id] = lacking
    return {
        product_id: f"Add alt text to {'picture' if len(lacking) == 1 else 'pictures'} {', '.join(lacking)} before publishing."
        for product_id, lacking in numbers.items()
    }


def refresh_picture(payload: dict[str, Any]) -> None:
    """A picture got its renditions, or other words: what shows it is written down again. In the change's transaction."""
    if "alt" in payload["changed"]:
        # An import may have brought other words for a product; what staff wrote last is what they want to read.
        ProductPicture.objects.filter(asset_id=payload["asset"]).exclude(alt="").update(alt="")
    shown = Product.objects.filter(pictures__asset_id=payload["asset"])
    if "renditions" in payload["changed"] and not shown.exists():
        shown = _with_it_in_their_story(payload["asset"])
    locked = shown.order_by("pk").select_for_update(of=("self",), no_key=True)
    refresh_projections(list(locked.values_list("pk", flat=True)))


def _with_it_in_their_story(asset_id: str) -> QuerySet[Product]:
    """The products whose story names this picture, among those that name any (the index product_story_pictures)."""
    source = MediaAsset.objects.filter(pk=asset_id).values_list("source", flat=True).first() or ""
    if not source.startswith(("http:", "https:")):
        return Product.objects.none()
    with_pictures = Product.objects.filter(story__contains=STORY_PICTURE)
    return with_pictures.filter(story__contains=f'src="{attribute_value(source)}"')
