"""What staff say about searches: words that mean the same, and products that stand further up or down."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import IntegrityError, connection, transaction

from noirel.catalog.index.fulltext import MAX_WORDS
from noirel.catalog.models import Boost, Product, Synonym
from noirel.catalog.text import tokens
from noirel.core import audit_log
from noirel.core.domain.errors import FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer

MOST_TERMS = 20


@transaction.atomic
def save_synonym(number: int | None, terms: Sequence[str], *, actor: Viewer) -> Synonym:
    """Make a group (number None) or change one. A term stands in one group only. Raises NotFound, Invalid."""
    with connection.cursor() as cursor:  # two groups that are made at once might share a term
        cursor.execute("LOCK TABLE catalog_synonym IN SHARE ROW EXCLUSIVE MODE")
    row = Synonym() if number is None else Synonym.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("There are no such synonyms.")
    before = row.terms if number else None
    wanted = [" ".join(term.split()) for term in terms]
    others = Synonym.objects.exclude(pk=number) if number else Synonym.objects.all()
    _check(wanted, list(others))
    row.terms = wanted
    row.save()
    action = "search.edit_synonyms" if number else "search.create_synonyms"
    audit_log.record(
        actor=actor, action=action, target=f"synonym:{row.pk}", before=before and {"terms": before}, after={"terms": wanted}
    )
    return row


def _check(terms: Sequence[str], others: Sequence[Synonym]) -> None:
    elsewhere = {" ".join(tokens(term)): ", ".join(other.terms) for other in others for term in other.terms}
    errors, seen = [], set()
    for at, term in enumerate(terms):
        words = tokens(term)
        said = " ".join(words)
        if not 1 <= len(words) <= MAX_WORDS:
            errors.append(FieldError(f"terms.{at}", "invalid", f"One to {MAX_WORDS} words."))
        elif said in seen:
            errors.append(FieldError(f"terms.{at}", "taken", "This stands here twice."))
        elif said in elsewhere:
            errors.append(FieldError(f"terms.{at}", "taken", f"This means the same as {elsewhere[said]} already."))
        seen.add(said)
    if not errors and not 2 <= len(terms) <= MOST_TERMS:
        errors.append(FieldError("terms", "invalid", f"Two to {MOST_TERMS} of them."))
    if errors:
        raise Invalid(errors=errors)


@transaction.atomic
def delete_synonym(number: int, *, actor: Viewer) -> None:
    """Raises NotFound."""
    row = Synonym.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise NotFound("There are no such synonyms.")
    row.delete()
    audit_log.record(actor=actor, action="search.delete_synonyms", target=f"synonym:{number}", before={"terms": row.terms})


@transaction.atomic
def create_boost(*, actor: Viewer, product: str, query: str, weight: Decimal) -> Boost:
    """For searches for `query`, or for all if it is empty. Raises Invalid."""
    found = Product.objects.filter(slug=product).first()
    if found is None:
        raise Invalid(errors=[FieldError("product", "unknown", "There is no such product.")])
    said = " ".join(tokens(query)[:MAX_WORDS])
    if query.strip() and not said:
        raise Invalid(errors=[FieldError("query", "invalid", "There is no word in it.")])
    try:
        with transaction.atomic():
            row = Boost.objects.create(product=found, query=said, weight=weight)
    except IntegrityError:
        raise Invalid(errors=[FieldError("product", "taken", "It is boosted for this query already.")]) from None
    audit_log.record(
        actor=actor, action="search.create_boost", target=f"product:{product}", after={"query": said, "weight": str(weight)}
    )
    return row


@transaction.atomic
def change_boost(number: int, weight: Decimal, *, actor: Viewer) -> Boost:
    """Raises NotFound."""
    row = _boost(number)
    before, row.weight = row.weight, weight
    row.save()
    audit_log.record(
        actor=actor,
        action="search.edit_boost",
        target=f"product:{row.product.slug}",
        before={"query": row.query, "weight": str(before)},
        after={"query": row.query, "weight": str(weight)},
    )
    return row


@transaction.atomic
def delete_boost(number: int, *, actor: Viewer) -> None:
    """Raises NotFound."""
    row = _boost(number)
    row.delete()
    before = {"query": row.query, "weight": str(row.weight)}
    audit_log.record(actor=actor, action="search.delete_boost", target=f"product:{row.product.slug}", before=before)


def _boost(number: int) -> Boost:
    row = Boost.objects.select_for_update(of=("self",)).select_related("product").filter(pk=number).first()
    if row is None:
        raise NotFound("There is no such boost.")
    return row
