"""Collections: who stands in them, by hand in an order of its own, or by rule."""

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import OperationalError, connection, transaction

from noirel.catalog.models import Attribute, Category, Collection, CollectionItem, Product
from noirel.catalog.services.addresses import free_address
from noirel.core import audit_log
from noirel.core.domain.errors import FieldError, Invalid, NotFound, ShopError
from noirel.core.http.json import dumps
from noirel.core.viewer import Viewer

Json = Mapping[str, Any]
MAX_RULES = 20
COUNT_WITHIN = "5s"  # what staff wait for, and the database works for, while they write rules
SAMPLE = 8  # products shown beside the count
# What can be asked of each field.
OPERATORS = {
    "tag": {"is", "is_not"}, "vendor": {"is", "is_not"}, "category": {"is", "is_not"}, "attribute": {"is", "is_not"},
    "price": {"at_least", "at_most"}, "in_stock": {"is"}, "published": {"within"},
}  # fmt: skip

# The newest stand first: lists go by position. FOR SHARE: who edits the rules at this moment is waited for, and read again.
_SETTLE = """
WITH ruled AS MATERIALIZED (
    SELECT id, rules, match FROM catalog_collection WHERE rules IS NOT NULL AND {which} ORDER BY id FOR SHARE
), meant AS MATERIALIZED (
    SELECT k.id AS collection_id, p.id AS product_id,
        2147483647 - least(coalesce(extract(epoch FROM p.published_at), 0), 2147483647)::bigint AS position
    FROM ruled k JOIN catalog_product p ON catalog_meets(p, k.rules, k.match) WHERE {whom}
), gone AS (
    DELETE FROM catalog_collectionitem i USING ruled k WHERE i.collection_id = k.id AND {item}
        AND NOT EXISTS (SELECT FROM meant m WHERE m.collection_id = i.collection_id AND m.product_id = i.product_id)
)
INSERT INTO catalog_collectionitem AS i (collection_id, product_id, position)
SELECT collection_id, product_id, position FROM meant
ON CONFLICT (collection_id, product_id) DO UPDATE SET position = excluded.position WHERE i.position <> excluded.position
"""


def update_membership(product_ids: Some[int]) -> None:
    """Write down which ruled collections these products stand in now. In the transaction of what changed; one statement."""
    ids = sorted(product_ids)
    with connection.cursor() as cursor:
        statement = _SETTLE.format(which="true", whom="p.id = ANY(%s)", item="i.product_id = ANY(%s)")
        cursor.execute(statement, [ids, ids])


def update_all_memberships(collection_ids: Some[int] | None = None, *, field: str = "") -> None:
    """The same for all products, of these collections or of those with a rule about `field`. One statement."""
    which, values = ("true", []) if collection_ids is None else ("id = ANY(%s)", [list(collection_ids)])
    if field:
        which, values = f"{which} AND rules @> %s", [*values, dumps([{"field": field}]).decode()]  # type: ignore[list-item]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTLE.format(which=which, whom="true", item="true"), values)


class TooSlow(ShopError):
    """Counting these rules takes too long; they can be kept all the same."""

    code, status, title = "rules_too_slow", 503, "It takes too long"
    default_detail = "Counting the products for these rules takes too long. They can be saved all the same."


def preview(rules: Sequence[Json], match: str) -> dict[str, Any]:
    """How many products would stand in a collection of these rules, and the newest of them. Raises Invalid, TooSlow."""
    check_rules(rules)
    asked = [dumps(rules).decode(), match]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [COUNT_WITHIN])
            cursor.execute(
                "WITH met AS MATERIALIZED (SELECT p.id, p.published_at FROM catalog_product p"
                " WHERE catalog_meets(p, %s::jsonb, %s)), newest AS ("
                "SELECT id FROM met ORDER BY published_at DESC NULLS LAST, id DESC LIMIT %s)"
                " SELECT (SELECT count(*) FROM met), ARRAY(SELECT id FROM newest)",
                [*asked, SAMPLE],
            )
            count, ids = cursor.fetchone()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":  # query_canceled
            raise
        raise TooSlow from error
    found = Product.objects.in_bulk(ids)
    sample = [{"slug": found[pk].slug, "name": found[pk].name, "status": found[pk].status} for pk in ids if pk in found]
    return {"count": count, "sample": sample}


def _fits(field: str, value: Any) -> bool:
    match field:
        case "price":
            return type(value) is int and 0 <= value < 10**15
        case "published":
            return type(value) is int and 0 < value <= 3650
        case "in_stock":
            return type(value) is bool
        case "attribute":
            return isinstance(value, str | int | float | bool)
        case _:
            return isinstance(value, str) and bool(value)


def check_rules(rules: Sequence[Json]) -> None:
    """Raises Invalid with a line for each rule that says nothing."""
    if len(rules) > MAX_RULES:
        raise Invalid(errors=[FieldError("rules", "max_length", f"{MAX_RULES} at most.")])
    errors = []
    names = set(Attribute.objects.values_list("name", flat=True))
    for at, rule in enumerate(rules):
        field, value = rule["field"], rule["value"]
        if rule["is"] not in OPERATORS[field]:
            errors.append(FieldError(f"rules.{at}.is", "invalid", f"One of {', '.join(sorted(OPERATORS[field]))}."))
        if field == "attribute" and rule.get("name") not in names:
            errors.append(FieldError(f"rules.{at}.name", "unknown", "There is no such attribute."))
        if not _fits(field, value):
            errors.append(FieldError(f"rules.{at}.value", "invalid", "This value does not fit its field."))
        elif field == "category" and not Category.objects.filter(slug=value).exists():
            errors.append(FieldError(f"rules.{at}.value", "unknown", "There is no such category."))
    if errors:
        raise Invalid(errors=errors)


@transaction.atomic
def save_collection(slug: str | None, /, *, actor: Viewer, **fields: Any) -> Collection:
    """Make one (slug None) or change what is named. Raises NotFound, SlugTaken, Invalid. Locks its row.

    products are slugs in their order, for a collection by hand; rules make it one by rule, and None one by hand again.
    """
    row = Collection() if slug is None else Collection.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such collection.")
    products = fields.pop("products", None)
    if fields.get("rules") is not None:
        check_rules(fields["rules"])
    seo = fields.pop("seo", {})
    fields |= {f"seo_{name}": seo[name] for name in ("title", "description") if name in seo}
    fields["slug"] = free_address(Collection, fields.get("slug") or row.slug, row.pk, name=fields.get("name", row.name))
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    if products is not None and row.rules is not None:
        raise Invalid(errors=[FieldError("products", "invalid", "Its rules say who stands in it.")])
    row.save()
    if row.rules is not None:
        update_all_memberships([row.pk])
    elif products is not None:
        _stand(row, products)
    audit_log.record(
        actor=actor,
        action="collections.edit" if slug else "collections.create",
        target=f"collection:{row.slug}",
        before=before if slug else None,
        after=fields | ({"products": products} if products is not None else {}),
    )
    return row


def _stand(row: Collection, slugs: Sequence[str]) -> None:
    found = dict(Product.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    if unknown := [at for at, slug in enumerate(slugs) if slug not in found]:
        raise Invalid(errors=[FieldError(f"products.{at}", "unknown", "There is no such product.") for at in unknown])
    wanted = [found[slug] for slug in dict.fromkeys(slugs)]
    CollectionItem.objects.filter(collection=row).exclude(product_id__in=wanted).delete()
    CollectionItem.objects.bulk_create(
        [CollectionItem(collection=row, product_id=pk, position=at) for at, pk in enumerate(wanted, start=1)],
        update_conflicts=True,
        unique_fields=["collection", "product"],
        update_fields=["position"],
    )


@transaction.atomic
def delete_collection(slug: str, *, actor: Viewer) -> None:
    """Its products stay. Raises NotFound."""
    if not Collection.objects.filter(slug=slug).delete()[0]:
        raise NotFound("There is no such collection.")
    audit_log.record(actor=actor, action="collections.delete", target=f"collection:{slug}")
