"""SKUs that are unique and stay the same, whatever the file holds."""

from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import blake2b

from noirel.backoffice.imports.columns import CLASSIC_HEADERS
from noirel.backoffice.imports.drafts import Finding
from noirel.backoffice.imports.plans import Plan, assign
from noirel.catalog.models import Variant
from noirel.core.slugs import slugify

MAX_SKU = 64
# For SKUs, the row of the file that names each first.
FirstRows = Callable[[Collection[str]], Mapping[str, int]]


def assign_skus(plans: Sequence[Plan], first_rows_of: FirstRows) -> None:
    """The file's SKU if it is free and this row is the first to claim it, what the variant has, or one that is made."""
    items = [(plan, item) for plan in plans for item in plan.variants]
    made = {id(item): _generate_sku(plan.product.slug, item.draft.values) for plan, item in items if item.is_new}
    asked = {item.draft.sku for _, item in items if item.draft.sku} | {sku for pair in made.values() for sku in pair}
    owners = dict(Variant.objects.filter(sku__in=asked).values_list("sku", "pk"))
    first_rows = first_rows_of(asked)
    given: set[str] = set()
    for plan, item in items:
        asks, variant = item.draft.sku, item.variant
        sku = variant.sku
        if asks and asks != sku:
            is_free = owners.get(asks) is None and first_rows.get(asks) == item.draft.row and asks not in given
            if is_free and len(asks) <= MAX_SKU:
                sku = asks
        if not sku:
            readable, marked = made[id(item)]
            sku = marked if readable in owners or readable in first_rows or readable in given else readable
        given.add(sku)
        if sku != asks and (asks or item.is_new):
            said = f"{asks[:80]!r} is {'taken' if len(asks) <= MAX_SKU else 'too long'}" if asks else "None given"
            message = f"{said}; it is called {sku}."
            plan.findings.append(Finding(item.draft.row, CLASSIC_HEADERS["sku"], message, plan.draft.handle, is_fatal=False))
        assign(variant, {"sku": sku}, item.changed)


def _generate_sku(slug: str, values: Sequence[str]) -> tuple[str, str]:
    """A readable SKU, and one with a mark of what it stands for in case the readable one is taken or was cut."""
    whole = slugify(" ".join([slug, *values])).upper()
    mark = blake2b(repr((slug, [value.casefold() for value in values])).encode(), digest_size=5).hexdigest().upper()
    marked = f"{whole[: MAX_SKU - len(mark) - 1]}-{mark}"
    return (whole if len(whole) <= MAX_SKU else marked), marked
