"""Old addresses written by hand: of a shop before this one, or of what was taken away."""

from django.db import transaction

from noirel.catalog.models import Category, Collection, Product, Redirect
from noirel.catalog.read.redirects import Kind
from noirel.catalog.services.addresses import SlugTaken
from noirel.core import audit_log
from noirel.core.domain.errors import FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer

_MODELS: dict[Kind, type[Product] | type[Category] | type[Collection]] = {
    "product": Product, "category": Category, "collection": Collection,
}  # fmt: skip


@transaction.atomic
def add_redirect(*, actor: Viewer, kind: Kind, slug: str, to: str) -> Redirect:
    """The old address slug leads to what lives at `to` today. One that exists leads there from now on.

    Raises Invalid when nothing lives at `to`, and SlugTaken when something lives at slug.
    """
    model = _MODELS[kind]
    target = model._default_manager.filter(slug=to).first()
    if target is None:
        raise Invalid(errors=[FieldError("to", "unknown", f"There is no such {kind}.")])
    if model._default_manager.filter(slug=slug).exists():
        raise SlugTaken("Something lives at that address: it would never be left.")
    row, _ = Redirect.objects.update_or_create(kind=kind, slug=slug, defaults={kind: target})
    audit_log.record(actor=actor, action="redirects.create", target=f"redirect:{kind}/{slug}", after={"to": to})
    return row


@transaction.atomic
def delete_redirect(kind: str, slug: str, *, actor: Viewer) -> None:
    """Who follows it finds nothing from now on. Raises NotFound."""
    if not Redirect.objects.filter(kind=kind, slug=slug).delete()[0]:
        raise NotFound("There is no such redirect.")
    audit_log.record(actor=actor, action="redirects.delete", target=f"redirect:{kind}/{slug}")
