"""The address that something is given."""

from django.db import models

from noirel.core.domain.errors import Conflict, FieldError, Invalid
from noirel.core.slugs import slugify


class SlugTaken(Conflict):
    """Something else has this address."""

    code, title = "slug_taken", "That address is taken"


# admin/collections/count is an address of the API's own: a collection there could not be looked at.
_OURS = {"collection": {"count"}}


def free_address(model: type[models.Model], slug: str, pk: int | None, *, name: str) -> str:
    """The slug, or one derived from the name. Raises SlugTaken if another row than pk has it, Invalid if it would be empty."""
    slug = slug or slugify(name, max_length=model._meta.get_field("slug").max_length or 0)  # type: ignore[union-attr]
    if not slug:
        raise Invalid(errors=[FieldError("slug", "required", "The name has no letter or digit. Please enter an address.")])
    if slug in _OURS.get(model._meta.model_name or "", ()) or model._default_manager.filter(slug=slug).exclude(pk=pk).exists():
        raise SlugTaken
    return slug
