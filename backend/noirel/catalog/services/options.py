"""A product's options and the variants that they make."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, islice
from itertools import product as combinations
from typing import Any

from django.db import transaction
from django.utils import timezone

from noirel.catalog.models import Product, Variant
from noirel.catalog.option_values import option_key
from noirel.catalog.services import locking
from noirel.catalog.services.projection import refresh_projection
from noirel.core import audit_log
from noirel.core.domain.errors import Conflict, FieldError, Invalid, NotFound
from noirel.core.domain.money import Money
from noirel.core.http.json import dumps
from noirel.core.slugs import slugify
from noirel.core.viewer import Viewer

Json = Mapping[str, Any]
MOST_VARIANTS = 500  # of a product, that are made at once
MOST_BYTES = 2000  # of a combination with its options' names: a row of the index that holds it once has no room for more


class CombinationTaken(Conflict):
    code, title = "combination_taken", "There is such a variant"
    default_detail = "Two variants would have the same options."


class LastVariant(Conflict):
    """A product keeps one variant at least. Archive the product."""

    code, title = "last_variant", "The last variant stays"
    default_detail = "A product needs at least one variant. Archive the product instead."


@transaction.atomic
def set_options(slug: str, *, actor: Viewer, options: Sequence[Json]) -> None:
    """These options with these values, in this order; no variant is lost.

    Each is {"name", "label", "values", "was"?, "renamed"?}: was is the name it had, renamed maps a value to its new one. What
    has no option of that name yet gets its first value. Raises NotFound, Invalid for a value that a variant still has,
    CombinationTaken. Locks the variants' rows, then the product's.
    """
    longest = {option["name"]: max(option["values"], key=lambda value: len(value.encode())) for option in options}
    if len(dumps(longest)) > MOST_BYTES:
        raise Invalid(errors=[FieldError("options", "too_long", f"{MOST_BYTES} bytes at most, of one value each.")])
    product = locking.lock_product(slug)
    before = {option["name"] for option in product.options}
    variants = list(Variant.objects.filter(product=product).order_by("pk"))
    seen: dict[tuple[str, ...], str] = {}
    errors = []
    for variant in variants:
        told = {}
        for at, option in enumerate(options):
            source = option.get("was") or option["name"]
            value = variant.options.get(source, "") if source in before else option["values"][0]
            value = option.get("renamed", {}).get(value, value)
            told[option["name"]] = value = listed_spelling(value, option["values"])
            if variant.archived_at is None and value not in option["values"]:
                errors.append(FieldError(f"options.{at}.values", "in_use", f"{variant.sku} is of {value or 'none'}."))
        if (
            variant.archived_at is None
            and (twin := seen.setdefault(tuple(map(option_key, told.values())), variant.sku)) != variant.sku
        ):
            raise CombinationTaken(f"{twin} and {variant.sku} would be the same.")
        variant.options, variant.title = told, (" / ".join(told.values()) or variant.title)[:255]
    if errors:
        raise Invalid(errors=errors)
    after = [{"name": option["name"], "label": option["label"], "values": option["values"]} for option in options]
    # Two values that change places would meet on the way: everything steps aside first.
    for variant in variants:
        Variant.objects.filter(pk=variant.pk).update(options={"": str(variant.pk)})
    for variant in variants:
        variant.save(update_fields=["options", "title", "updated_at"])
    audit_log.record(
        actor=actor, action="products.set_options", target=f"product:{slug}", before=product.options, after=after
    )  # fmt: skip
    product.options = after
    product.save(update_fields=["options", "updated_at"])
    refresh_projection(product.pk)


def listed_spelling(value: str, values: Iterable[str]) -> str:
    """The value as the option lists it, whatever its case, spaces and Unicode form; unchanged if it is not listed."""
    key = option_key(value)
    return next((listed for listed in values if option_key(listed) == key), value)


@transaction.atomic
def add_variant(slug: str, *, actor: Viewer, sku: str, price: Money, options: Mapping[str, str]) -> Variant:
    """A variant of these options. One of the same that was archived is offered again, under the SKU it has.

    Raises NotFound, Invalid, CombinationTaken. Locks the variants' rows, then the product's.
    """
    product = locking.lock_product(slug)
    variant = _offer(product, actor=actor, sku=sku, price=price, options=options)
    refresh_projection(product.pk)
    return variant


def _offer(product: Product, *, actor: Viewer, sku: str, price: Money, options: Mapping[str, str]) -> Variant:
    known = {option["name"]: option["values"] for option in product.options}
    options = {name: listed_spelling(value, known.get(name, ())) for name, value in options.items()}
    errors = [
        FieldError(f"options.{option['name']}", "invalid", f"One of {', '.join(option['values'])}.")
        for option in product.options
        if options.get(option["name"]) not in option["values"]
    ]
    names = {option["name"] for option in product.options}
    errors += [FieldError(f"options.{name}", "unknown", "There is no such option.") for name in options if name not in names]
    if errors:
        raise Invalid(errors=errors)
    mine = Variant.objects.filter(product=product)
    if mine.filter(options=options, archived_at=None).exists():
        raise CombinationTaken
    if (currency := mine.values_list("currency", flat=True).first()) and currency != price.currency:
        raise Invalid(errors=[FieldError("price.currency", "invalid", f"This product is sold in {currency}.")])
    variant = mine.filter(options=options).order_by("-archived_at").first()
    if variant is None:
        if Variant.objects.filter(sku=sku).exists():
            raise Invalid(errors=[FieldError("sku", "taken", "This SKU is in use.")])
        variant = Variant(product=product, sku=sku, options=dict(options), currency=price.currency, position=mine.count() + 1)
        variant.title = " / ".join(options[option["name"]] for option in product.options)[:255]
    variant.archived_at, variant.price_amount, variant.compare_at_amount = None, price.amount, None
    variant.save()
    audit_log.record(actor=actor, action="products.add_variant", target=f"variant:{variant.sku}", after=dict(options))
    return variant


@transaction.atomic
def add_missing(slug: str, *, actor: Viewer, price: Money) -> int:
    """A variant for each combination of the options that has none; returns how many. Those archived before come back first.

    A new one's SKU is the first variant's with the values behind it. All stand in the order of the options afterwards.
    Raises NotFound, and Invalid beyond MOST_VARIANTS. Locks the variants' rows, then the product's.
    """
    product = locking.lock_product(slug)
    names = [option["name"] for option in product.options]
    wanted = [
        dict(zip(names, values, strict=True))
        for values in islice(combinations(*(option["values"] for option in product.options)), MOST_VARIANTS + 1)
    ]
    if len(wanted) > MOST_VARIANTS:
        raise Invalid(errors=[FieldError("options", "too_many", f"That is more than {MOST_VARIANTS} variants.")])
    variants = list(Variant.objects.filter(product=product))
    offered = [variant.options for variant in variants if variant.archived_at is None]
    missing = [combination for combination in wanted if combination not in offered]
    stem = variants[0].sku if variants else product.slug.upper()
    for combination in missing:
        _offer(product, actor=actor, sku=_free_sku(stem, combination.values()), price=price, options=combination)
    for variant in Variant.objects.filter(product=product, archived_at=None):
        place = wanted.index(variant.options) + 1 if variant.options in wanted else MOST_VARIANTS + 1
        if variant.position != place:
            Variant.objects.filter(pk=variant.pk).update(position=place, updated_at=timezone.now())
    refresh_projection(product.pk)
    return len(missing)


def _free_sku(stem: str, values: Iterable[str]) -> str:
    told = "-".join(filter(None, [stem[:40], *(slugify(value).upper().replace("-", "") for value in values)]))
    for number in count(1):
        sku = told[:64] if number == 1 else f"{told[:58]}-{number}"
        if not Variant.objects.filter(sku=sku).exists():
            return sku
    raise AssertionError


@transaction.atomic
def archive_variant(sku: str, *, actor: Viewer) -> None:
    """Offered no more; orders and stock keep it. Raises NotFound, LastVariant. Locks the variants' rows, then the product's."""
    variant = Variant.objects.select_related("product").filter(sku=sku, archived_at=None).first()
    if variant is None:
        raise NotFound("There is no such variant.")
    product = locking.lock_product(variant.product.slug)
    if not Variant.objects.filter(product=product, archived_at=None).exclude(pk=variant.pk).exists():
        raise LastVariant
    Variant.objects.filter(pk=variant.pk).update(archived_at=timezone.now(), updated_at=timezone.now())
    refresh_projection(product.pk)
    audit_log.record(actor=actor, action="products.archive_variant", target=f"variant:{sku}")
