"""The bucket, and all that knows boto3: pictures for everyone under pictures/, what staff send under inbox/, for nobody."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils import timezone
from storages.backends.s3 import S3Storage

from noirel.content.errors import PictureTooLarge, StoreUnavailable, UploadNotSent
from noirel.content.inbox import TICKET_SECONDS, Ticket
from noirel.content.models import Upload

log = logging.getLogger("noirel.media")


def _config() -> Config:
    return Config(
        signature_version="s3v4",
        connect_timeout=settings.MEDIA_TIMEOUT_SECONDS,
        read_timeout=settings.MEDIA_TIMEOUT_SECONDS,
        retries={"total_max_attempts": 2, "mode": "standard"},
        # Other makers' buckets are asked by their one address, and don't all know the checksums of 2025.
        s3={"addressing_style": "path" if settings.MEDIA_ENDPOINT else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


class PictureBucket(S3Storage):  # type: ignore[misc]  # the library has no types
    """Pictures in the bucket: their names are made from content, so that a browser may keep them for good."""

    def get_default_settings(self) -> dict[str, Any]:
        public = urlsplit(settings.MEDIA_PUBLIC_URL)
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {
            "bucket_name": settings.MEDIA_BUCKET,
            "endpoint_url": settings.MEDIA_ENDPOINT or None,
            "region_name": settings.MEDIA_REGION or None,
            "custom_domain": public.netloc + public.path,
            "url_protocol": f"{public.scheme}:",
            "querystring_auth": False,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
            "client_config": _config(),
        }


@contextmanager
def _asked(what: str) -> Iterator[None]:
    """Turns what boto3 raises into what a shop says; logged once, with the bucket's own words."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        log.error("the bucket did not %s: %s", what, error)
        raise StoreUnavailable from error


class BucketInbox:
    """Browsers send straight to the bucket, by a policy that is signed for one key, one type and one size."""

    def ticket(self, upload: Upload) -> Ticket:
        expires_at = timezone.now() + timedelta(seconds=TICKET_SECONDS)
        fields = {"Content-Type": upload.content_type}
        with _asked("sign"):
            signed = _client(settings.MEDIA_ENDPOINT, settings.MEDIA_REGION).generate_presigned_post(
                settings.MEDIA_BUCKET,
                _key(upload),
                Fields=dict(fields),
                Conditions=[fields, ["content-length-range", upload.bytes, upload.bytes]],
                ExpiresIn=TICKET_SECONDS,
            )
        return Ticket(url=signed["url"], fields=signed["fields"], expires_at=expires_at)

    def read(self, upload: Upload) -> bytes:
        client = _client(settings.MEDIA_ENDPOINT, settings.MEDIA_REGION)
        with _asked("hand out an upload"):
            try:
                found = client.get_object(Bucket=settings.MEDIA_BUCKET, Key=_key(upload))
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
                    raise UploadNotSent from None
                raise
            with found["Body"] as body:
                if found["ContentLength"] > settings.MEDIA_MAX_BYTES:
                    raise PictureTooLarge
                return bytes(body.read())

    def drop(self, upload: Upload) -> None:
        with _asked("delete an upload"):
            _client(settings.MEDIA_ENDPOINT, settings.MEDIA_REGION).delete_object(
                Bucket=settings.MEDIA_BUCKET, Key=_key(upload)
            )


def _key(upload: Upload) -> str:
    return f"inbox/{upload.pk}"


@cache
def _client(endpoint: str, region: str) -> Any:
    """Keys come from where boto3 looks for them: AWS_*, a profile, the machine's role."""
    return boto3.session.Session().client("s3", endpoint_url=endpoint or None, region_name=region or None, config=_config())
