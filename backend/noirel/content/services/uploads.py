"""Ask, send the bytes, confirm: the same for a bucket and for a folder."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from noirel.content.errors import PictureRefused, PictureTooLarge, PictureTypeRefused
from noirel.content.inbox import FolderInbox, Ticket, inbox
from noirel.content.models import MediaAsset, Upload
from noirel.content.pixels import TYPES, clean_picture, digest_of
from noirel.content.services.renditions import shown_of
from noirel.core import audit_log
from noirel.core.domain.errors import NotFound
from noirel.core.viewer import Viewer

KEPT = timedelta(days=1)  # what was asked for and never confirmed


def ask_to_upload(*, name: str, content_type: str, size: int) -> tuple[Upload, Ticket]:
    """A place in the inbox for one file of this type and size (bytes). Raises PictureTypeRefused, PictureTooLarge."""
    if content_type not in TYPES:
        raise PictureTypeRefused
    if size > settings.MEDIA_MAX_BYTES:
        raise PictureTooLarge(f"It has to be at most {settings.MEDIA_MAX_BYTES / 1024 / 1024:.3g} MB.")
    upload = Upload.objects.create(name=name, content_type=content_type, bytes=size)
    return upload, inbox().ticket(upload)


def receive(upload_id: UUID, chunks: Iterable[bytes]) -> None:
    """Bytes that came to our own door, after its ticket was checked. Raises NotFound, UploadHasAnotherSize."""
    upload = Upload.objects.filter(pk=upload_id, status=Upload.Status.WAITING).first()
    if upload is None or settings.MEDIA_BUCKET:
        raise NotFound("Nothing is awaited here.")
    FolderInbox().write(upload, chunks)


def confirm_upload(upload_id: UUID, *, alt: str, actor: Viewer) -> MediaAsset:
    """Look at what was sent and make it a picture of the house; its renditions are made by the worker.

    The same pixels twice are one asset, whatever files they came in, and the same confirmation twice is one. What is
    refused is thrown away. Raises NotFound, UploadNotSent, PictureRefused, StoreUnavailable. Locks the upload's row.
    """
    upload = Upload.objects.select_related("asset").filter(pk=upload_id).first()
    if upload is None:
        raise NotFound("There is no such upload.")
    if upload.asset is not None:
        return upload.asset
    content = inbox().read(upload)
    try:
        picture = clean_picture(content)
    except PictureRefused:
        inbox().drop(upload)
        raise
    source = f"upload:{digest_of(picture)}"
    with transaction.atomic():
        upload = Upload.objects.select_for_update(of=("self",)).select_related("asset").get(pk=upload_id)
        if upload.asset is not None:
            return upload.asset
        asset, is_new = MediaAsset.objects.get_or_create(source=source, defaults={"alt": alt, **shown_of(picture)})
        upload.asset = asset
        upload.status = Upload.Status.DONE if asset.renditions else Upload.Status.RECEIVED
        upload.due_at = None if asset.renditions else timezone.now()
        upload.save(update_fields=["asset", "status", "due_at"])
        if asset.problem:
            MediaAsset.objects.filter(pk=asset.pk).update(problem="")
            asset.problem = ""
        if is_new:
            audit_log.record(
                actor=actor, action="media.upload", target=f"media:{asset.pk}", after={"name": upload.name, "alt": alt}
            )
    if upload.status == Upload.Status.DONE:
        inbox().drop(upload)
    return asset


def forget_old_uploads() -> None:
    """What nobody confirmed within a day goes, with its bytes; so does the memory of what is done. Safe to be killed in."""
    old = Upload.objects.filter(created_at__lt=timezone.now() - KEPT).exclude(status=Upload.Status.RECEIVED)
    for upload in old.order_by("created_at")[:1000]:
        inbox().drop(upload)
        # Not one that was confirmed in this very moment.
        Upload.objects.filter(pk=upload.pk, status=upload.status).delete()
