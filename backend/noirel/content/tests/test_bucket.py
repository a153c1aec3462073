"""The same uploads with a bucket: real S3 over a real socket, where every signature and policy is worked out again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings
from django.utils import timezone

from noirel.content.errors import StoreUnavailable
from noirel.content.jobs import forget_old_uploads, render_due
from noirel.content.models import MediaAsset, Upload
from noirel.content.s3 import _client
from noirel.content.services.uploads import ask_to_upload
from noirel.content.tests.make import BLUE, a_file, a_telltale_jpeg
from tests.client import Client
from tests.s3 import KEY_ID, SECRET, Bucket, running_bucket

pytestmark = pytest.mark.django_db
JPEG = "image/jpeg"


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with running_bucket() as bucket:
        yield bucket


@pytest.fixture
def bucket(server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)  # boto's wait to try again
    server.objects, server.asked, server.fault, server.delay = {}, [], None, 0.0
    with override_settings(
        MEDIA_BUCKET=server.name,
        MEDIA_ENDPOINT=server.url,
        MEDIA_REGION="eu-central-1",
        MEDIA_PUBLIC_URL=f"{server.url}/{server.name}",
        MEDIA_TIMEOUT_SECONDS=2.0,
        STORAGES={
            "default": {"BACKEND": "noirel.content.s3.PictureBucket"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    ):
        _client.cache_clear()
        yield server
    _client.cache_clear()


def ask(staff: Client, content: bytes, content_type: str = JPEG) -> Any:
    return staff.post("admin/media/uploads", {"name": "encre.jpg", "content_type": content_type, "bytes": len(content)})


def send(ticket: dict[str, Any], content: bytes, **changed: str) -> requests.Response:
    """What a browser's form does: to the bucket, not to us."""
    return requests.post(ticket["url"], data={**ticket["fields"], **changed}, files={"file": content}, timeout=5)


def upload(staff: Client, content: bytes) -> Any:
    asked = ask(staff, content).json()
    assert send(asked["ticket"], content).status_code == 204
    return staff.post(f"admin/media/uploads/{asked['id']}/confirm", {})


def test_a_picture_goes_straight_to_the_bucket_and_clean_ones_come_out(staff: Client, bucket: Bucket) -> None:
    told = upload(staff, a_telltale_jpeg(orientation=6)).json()
    assert [key.split("/")[0] for key in bucket.objects] == ["inbox"]
    assert render_due() == 1
    shown = staff.get(f"admin/media/{told['id']}").json()
    assert [rendition["format"] for rendition in shown["renditions"]] == ["avif", "webp", "jpeg"]
    assert {key.split("/")[0] for key in bucket.objects} == {"pictures"}  # what was sent is gone
    for rendition in shown["renditions"]:
        served = requests.get(rendition["url"], timeout=5)
        assert served.headers["Content-Type"] == f"image/{rendition['format']}"
        assert served.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert b"SECRET" not in served.content


def test_a_ticket_is_for_one_key_one_type_and_one_size(staff: Client, bucket: Bucket) -> None:
    content = a_file("JPEG")
    ticket = ask(staff, content).json()["ticket"]
    assert ticket["url"] == f"{bucket.url}/{bucket.name}"
    for status, code, sent in (
        (403, "AccessDenied", send(ticket, content, key="pictures/ab/mine.html")),
        (403, "AccessDenied", send(ticket, content, **{"Content-Type": "text/html"})),
        (403, "AccessDenied", send(ticket, content, acl="public-read")),
        (400, "EntityTooLarge", send(ticket, content + b" ")),
        (400, "EntityTooSmall", send(ticket, content[:-1])),
        (403, "SignatureDoesNotMatch", send(ticket, content, **{"x-amz-signature": "0" * 64})),
        (403, "SignatureDoesNotMatch", send(ticket, content, policy="e30=")),
    ):
        assert (sent.status_code, code in sent.text) == (status, True), sent.text
    assert bucket.objects == {}
    assert send(ticket, content).status_code == 204


def test_a_ticket_ends_after_a_quarter_of_an_hour(bucket: Bucket) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=15, seconds=2)):
        _, ticket = ask_to_upload(name="a.png", content_type="image/png", size=len(a_file()))
    assert send({"url": ticket.url, "fields": ticket.fields}, a_file()).status_code == 403


def test_the_inbox_is_open_to_nobody_and_our_own_door_is_closed(staff: Client, bucket: Bucket) -> None:
    asked = ask(staff, a_file()).json()
    send(asked["ticket"], a_file())
    assert requests.get(f"{bucket.url}/{bucket.name}/inbox/{asked['id']}", timeout=5).status_code == 403
    assert Client().post(f"media/uploads/{asked['id']}?ticket=x", {}, format="multipart").status_code in {403, 404}


def test_what_was_not_sent_or_is_no_picture_is_told(staff: Client, bucket: Bucket) -> None:
    asked = ask(staff, a_file()).json()
    answer = staff.post(f"admin/media/uploads/{asked['id']}/confirm", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_not_sent")
    answer = upload(staff, b"<svg onload=alert(1)>")
    assert (answer.status_code, answer.json()["code"]) == (415, "picture_type_refused")
    assert bucket.objects == {}


@pytest.mark.parametrize("fault", [(500, "InternalError"), (503, "SlowDown"), (403, "AccessDenied"), (404, "NoSuchBucket")])
def test_a_bucket_that_fails_is_a_503_and_the_upload_goes_on_later(
    staff: Client, bucket: Bucket, fault: tuple[int, str]
) -> None:
    asked = ask(staff, a_file()).json()
    send(asked["ticket"], a_file())
    where = f"admin/media/uploads/{asked['id']}/confirm"
    bucket.fault = fault
    answer = staff.post(where, {})
    assert (answer.status_code, answer.json()["code"]) == (503, "media_unavailable")
    bucket.fault = None
    assert staff.post(where, {}).status_code == 200


def test_a_bucket_that_does_not_answer_is_given_up_in_time(staff: Client, bucket: Bucket, settings: Any) -> None:
    settings.MEDIA_TIMEOUT_SECONDS = 0.1
    _client.cache_clear()
    asked = ask(staff, a_file()).json()
    send(asked["ticket"], a_file())
    bucket.delay = 0.6
    began = timezone.now()
    answer = staff.post(f"admin/media/uploads/{asked['id']}/confirm", {})
    assert (answer.status_code, answer.json()["code"]) == (503, "media_unavailable")
    assert (timezone.now() - began).total_seconds() < 5
    settings.MEDIA_ENDPOINT = "http://127.0.0.1:9"  # nobody listens there
    assert staff.post(f"admin/media/uploads/{asked['id']}/confirm", {}).status_code == 503


def test_renditions_wait_for_a_bucket_that_comes_back(staff: Client, bucket: Bucket) -> None:
    upload(staff, a_file())
    bucket.fault = (503, "SlowDown")
    assert render_due() == 1
    upload_row = Upload.objects.get()
    assert (upload_row.status, upload_row.attempts, MediaAsset.objects.get().problem) == ("received", 1, "")
    bucket.fault = None
    Upload.objects.update(due_at=timezone.now())
    render_due()
    assert MediaAsset.objects.get().renditions


def test_what_nobody_confirmed_leaves_the_bucket_after_a_day(staff: Client, bucket: Bucket) -> None:
    asked = ask(staff, a_file(colour=BLUE)).json()
    send(asked["ticket"], a_file(colour=BLUE))
    Upload.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    bucket.fault = (503, "SlowDown")
    with pytest.raises(StoreUnavailable):
        forget_old_uploads()
    assert Upload.objects.count() == 1  # tried again in an hour
    bucket.fault = None
    forget_old_uploads()
    assert (Upload.objects.count(), bucket.objects) == (0, {})


def test_what_is_sent_once_more_after_all_is_made_is_collected_and_never_looked_at(staff: Client, bucket: Bucket) -> None:
    """A ticket of a bucket's still works for some minutes."""
    asked = ask(staff, a_file()).json()
    send(asked["ticket"], a_file())
    where = f"admin/media/uploads/{asked['id']}/confirm"
    made = staff.post(where, {}).json()["id"]
    render_due()
    evil = b"<script>alert(1)</script>".ljust(len(a_file()))
    assert send(asked["ticket"], evil).status_code == 204
    assert (staff.post(where, {}).json()["id"], render_due()) == (made, 0)
    Upload.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    forget_old_uploads()
    assert {key.split("/")[0] for key in bucket.objects} == {"pictures"}
    assert all(b"<script" not in stored.content for stored in bucket.objects.values())


def test_wrong_keys_open_nothing(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(Exception, match="SignatureDoesNotMatch"):
        default_storage.save("pictures/ab/x.webp", ContentFile(b"x"))
    assert bucket.objects == {}
