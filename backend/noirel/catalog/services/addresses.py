"""The address that something is given."""

from django.db import models

from noirel.catalog.present import slugged
from noirel.core.errors import Conflict, FieldError, Invalid


class SlugTaken(Conflict):
    """Something else has this address."""

    code, title = "slug_taken", "That address is taken"


# admin/collections/count is an address of the API's own: a collection there could not be looked at.
_OURS = {"collection": {"count"}}


def free_address(model: type[models.Model], slug: str, pk: int | None, *, name: str) -> str:
    """slug, or one made of the name. Raises SlugTaken when another row than pk has it, Invalid when nothing is left of it."""
    slug = slug or slugged(name)[:120]
    if not slug:
        raise Invalid(errors=[FieldError("slug", "invalid", "Letters, digits and dashes.")])
    if slug in _OURS.get(model._meta.model_name or "", ()) or model._default_manager.filter(slug=slug).exclude(pk=pk).exists():
        raise SlugTaken
    return slug
