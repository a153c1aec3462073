"""The worker's half of an upload: renditions, at least once, and to the same end however often."""

import logging
from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from noirel.content.errors import PictureRefused, UploadNotSent
from noirel.content.inbox import inbox
from noirel.content.models import MediaAsset, Upload
from noirel.content.pixels import clean_picture, digest_of
from noirel.content.services.renditions import render_picture
from noirel.core import events, jobs

log = logging.getLogger("noirel.media")
SECONDS = 20.0  # of one turn: others wait in the same lane
LEASE = timedelta(minutes=2)  # one whose worker died is taken again after this
TRIES = 8  # with the waits below about four minutes of trouble, then it is parked for a person


def render_due() -> int:
    """Make renditions of what is due until the turn is over; returns how many were taken."""
    until, taken = monotonic() + SECONDS, 0
    while monotonic() < until and not jobs.stopping.is_set():
        upload = _claim()
        if upload is None:
            break
        taken += 1
        if upload.attempts > TRIES:  # it never came back from the last one: perhaps it kills whoever opens it
            _park(upload, "Making its renditions failed again and again.")
            continue
        try:
            _render(upload)
        except (PictureRefused, UploadNotSent) as refusal:
            _park(upload, refusal.detail)
        except Exception as error:  # whatever it was, the other pictures go on
            log.error("no renditions of upload %s", upload.pk, exc_info=error, extra={"attempts": upload.attempts})
            if upload.attempts >= TRIES:
                _park(upload, "Making its renditions failed again and again.")
            else:
                wait = timedelta(seconds=2**upload.attempts)
                Upload.objects.filter(pk=upload.pk, attempts=upload.attempts).update(due_at=timezone.now() + wait)
    return taken


def _claim() -> Upload | None:
    """The one that waits longest, leased. SKIP LOCKED: workers pass each other by."""
    with transaction.atomic():
        mine = Upload.objects.select_for_update(of=("self",), skip_locked=True).select_related("asset")
        upload = mine.filter(status=Upload.Status.RECEIVED, due_at__lte=Now()).order_by("due_at").first()
        if upload is not None:
            upload.attempts += 1
            upload.due_at = timezone.now() + LEASE
            upload.save(update_fields=["attempts", "due_at"])
        return upload


def _render(upload: Upload) -> None:
    asset = upload.asset
    if asset is None:
        raise UploadNotSent
    if not asset.renditions:
        picture = clean_picture(inbox().read(upload))
        if asset.source != f"upload:{digest_of(picture)}":
            # A ticket is good for a while after the confirmation: what was looked at is not what lies there now.
            raise PictureRefused("Another file was sent after it was confirmed.")
        shown = render_picture(picture)
        with transaction.atomic():
            MediaAsset.objects.filter(pk=asset.pk).update(**shown, problem="")
            events.publish(
                "media.changed", key=f"media:{asset.pk}", payload={"asset": str(asset.pk), "changed": ["renditions"]}
            )
            Upload.objects.filter(pk=upload.pk).update(status=Upload.Status.DONE, due_at=None)
    else:
        Upload.objects.filter(pk=upload.pk).update(status=Upload.Status.DONE, due_at=None)
    inbox().drop(upload)


def _park(upload: Upload, problem: str) -> None:
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(status=Upload.Status.PARKED, due_at=None)
        MediaAsset.objects.filter(pk__in=[upload.asset_id], renditions=[]).update(problem=problem[:300])
