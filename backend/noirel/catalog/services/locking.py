"""What somebody saw held still, while it is looked at (If-Match) and then changed. Call in the transaction of both.

Without it two who saw the same would both find it as they saw it, and the second undo unseen what the first one did.
"""

from noirel.catalog.models import Attribute, Boost, Collection, Product, Synonym, Variant
from noirel.core.domain.errors import NotFound

__all__ = ["lock_product", "lock_product_of_sku", "lock_row"]


def lock_product(slug: str) -> Product:
    """The product's row, and before it those of its variants: stock moves lock a variant first, too, and then its product.

    Not against those who only name the product, as a collection's items do. Raises NotFound.
    """
    list(Variant.objects.select_for_update(of=("self",)).filter(product__slug=slug).order_by("pk").values_list("pk"))
    found = Product.objects.select_for_update(no_key=True).filter(slug=slug).first()
    if found is None:
        raise NotFound("There is no such product.")
    return found


def lock_product_of_sku(sku: str) -> Product:
    """The same, of the product that has this variant. Raises NotFound."""
    slug = Variant.objects.filter(sku=sku).values_list("product__slug", flat=True).first()
    if slug is None:
        raise NotFound("There is no such variant.")
    return lock_product(slug)


def lock_row(model: type[Attribute] | type[Boost] | type[Collection] | type[Synonym], **named: str | int) -> None:
    """One row, if it is there."""
    list(model._default_manager.select_for_update().filter(**named).values_list("pk"))
