"""Where what staff send waits until it was looked at. Nothing in there is ever served."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from django.conf import settings
from django.core import signing
from django.utils import timezone

from noirel.content.errors import TicketRefused, UploadHasAnotherSize, UploadNotSent
from noirel.content.models import Upload

TICKET_SECONDS = 15 * 60
_SALT = "media.upload"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a browser needs to send the bytes: POST the fields, then the file as `file`, as one form, to the url."""

    url: str
    fields: dict[str, str]
    expires_at: datetime


class Inbox(Protocol):
    def ticket(self, upload: Upload) -> Ticket: ...

    def read(self, upload: Upload) -> bytes:
        """Raises UploadNotSent, PictureTooLarge, StoreUnavailable."""

    def drop(self, upload: Upload) -> None:
        """The file goes; none there is as good. Raises StoreUnavailable."""


def inbox() -> Inbox:
    """The bucket's where there is a bucket, else a folder beside the pictures."""
    if settings.MEDIA_BUCKET:
        # By name: boto3 takes its time to load, and the embedded default never asks for it.
        return cast(Inbox, import_module("noirel.content.s3").BucketInbox())
    return FolderInbox()


class FolderInbox:
    """Bytes come to our own door, by a ticket that is signed for one upload."""

    def ticket(self, upload: Upload) -> Ticket:
        signed = signing.TimestampSigner(salt=_SALT).sign(str(upload.pk))
        return Ticket(
            url=f"/api/v1/media/uploads/{upload.pk}?ticket={signed.partition(':')[2]}",
            fields={"Content-Type": upload.content_type},
            expires_at=timezone.now() + timedelta(seconds=TICKET_SECONDS),
        )

    def check(self, upload_id: object, ticket: str) -> None:
        """Raises TicketRefused."""
        try:
            signing.TimestampSigner(salt=_SALT).unsign(f"{upload_id}:{ticket}", max_age=TICKET_SECONDS)
        except signing.BadSignature:
            raise TicketRefused from None

    def write(self, upload: Upload, chunks: Iterable[bytes]) -> None:
        """Keep the file, whole or not at all. Raises UploadHasAnotherSize."""
        target = self._path(upload)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.urandom(4).hex()}.part")
        try:
            with part.open("xb") as out:
                for chunk in chunks:
                    out.write(chunk)
            if part.stat().st_size != upload.bytes:
                raise UploadHasAnotherSize
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def read(self, upload: Upload) -> bytes:
        try:
            return self._path(upload).read_bytes()
        except FileNotFoundError:
            raise UploadNotSent from None

    def drop(self, upload: Upload) -> None:
        self._path(upload).unlink(missing_ok=True)
        for part in Path(settings.MEDIA_INBOX).glob(f"{upload.pk}.*.part"):
            part.unlink(missing_ok=True)

    def _path(self, upload: Upload) -> Path:
        return Path(settings.MEDIA_INBOX) / str(upload.pk)
