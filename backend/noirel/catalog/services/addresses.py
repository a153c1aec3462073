"""The address that something is given."""

from typing import Any

from django.db import models

from noirel.catalog.models import Redirect
from noirel.core.domain.errors import Conflict, FieldError, Invalid
from noirel.core.slugs import slugify


class SlugTaken(Conflict):
    """Something else has this address."""

    code, title = "slug_taken", "That address is taken"
    default_detail = "Another page already uses this address."


# admin/collections/count is an address of the API's own: a collection there could not be looked at.
_OURS = {"collection": {"count"}}


def free_address(model: type[models.Model], slug: str, pk: int | None, *, name: str) -> str:
    """The slug, or one derived from the name.

    Raises SlugTaken if another row than pk has it or is redirected to from it: a redirect goes when something gets its address,
    so staff remove it first. Raises Invalid if the slug would be empty.
    """
    slug = slug or slugify(name, max_length=model._meta.get_field("slug").max_length or 0)  # type: ignore[union-attr]
    if not slug:
        raise Invalid(errors=[FieldError("slug", "required", "The name has no letter or digit. Please enter an address.")])
    kind = model._meta.model_name or ""
    if slug in _OURS.get(kind, ()) or model._default_manager.filter(slug=slug).exclude(pk=pk).exists():
        raise SlugTaken
    if target := _redirect_target(kind, slug, other_than=pk):
        raise SlugTaken(f"This address redirects to {target.name}. Remove that redirect first, or use another address.")
    return slug


def _redirect_target(kind: str, slug: str, *, other_than: int | None) -> Any:
    """What another row's redirect from this address leads to, or None."""
    row = Redirect.objects.select_related(kind).filter(kind=kind, slug=slug).exclude(**{f"{kind}_id": other_than}).first()
    return row and getattr(row, kind)
