"""What staff do to a picture that is there."""

from typing import Any
from uuid import UUID

from django.db import models, transaction

from noirel.content.errors import AssetInUse
from noirel.content.models import MediaAsset
from noirel.core import audit_log, events
from noirel.core.domain.errors import NotFound
from noirel.core.viewer import Viewer


@transaction.atomic
def update_asset(asset_id: UUID, *, actor: Viewer, **fields: Any) -> MediaAsset:
    """Change `alt` or `focal`. Where the picture is shown, it changes in the same transaction.

    Raises NotFound. Locks the row.
    """
    asset = locked_asset(asset_id)
    before = {name: getattr(asset, name) for name in fields}
    if before == fields:
        return asset
    for name, value in fields.items():
        setattr(asset, name, value)
    asset.save(update_fields=list(fields))
    events.publish("media.changed", key=f"media:{asset.pk}", payload={"asset": str(asset.pk), "changed": list(fields)})
    audit_log.record(actor=actor, action="media.edit", target=f"media:{asset.pk}", before=before, after=fields)
    return asset


@transaction.atomic
def delete_asset(asset_id: UUID, *, actor: Viewer) -> None:
    """Raises NotFound, AssetInUse. Its files stay: orders and mails tell their addresses, and other pictures may share them.

    Locks the row: who would begin to show it waits for that, and finds it gone.
    """
    asset = locked_asset(asset_id)
    if uses := uses_of(asset):
        raise AssetInUse(uses=uses)
    audit_log.record(actor=actor, action="media.delete", target=f"media:{asset.pk}", before={"alt": asset.alt})
    asset.delete()


def uses_of(asset: MediaAsset) -> list[str]:
    """Which kinds of things show it (`product picture`). Asks every table with a key to it, so none has to be told of.

    What goes with the asset (its upload, its place in a queue) is no use of it.
    """
    found = set()
    for relation in MediaAsset._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is models.CASCADE:
            continue
        if relation.related_model._base_manager.filter(**{relation.field.name: asset}).exists():
            found.add(str(relation.related_model._meta.verbose_name))
    return sorted(found)


def locked_asset(asset_id: UUID) -> MediaAsset:
    """The picture, held until the transaction ends. Raises NotFound."""
    asset = MediaAsset.objects.select_for_update().filter(pk=asset_id).first()
    if asset is None:
        raise NotFound("There is no such picture.")
    return asset
