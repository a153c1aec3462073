"""Staff ask, send and confirm; the worker makes the renditions. The embedded store: no bucket."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from django.conf import settings as house
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from PIL import Image

from noirel.catalog.models import Product
from noirel.content.jobs import forget_old_uploads, render_due
from noirel.content.models import MediaAsset, Upload
from noirel.content.services import renditions
from noirel.content.tests.make import BLUE, RED, a_file, a_telltale_jpeg
from noirel.core.domain.money import Money
from noirel.core.models import AuditEntry
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
JPEG = "image/jpeg"


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.MEDIA_INBOX = str(tmp_path / "inbox")
    return tmp_path


def ask(staff: Client, content: bytes, content_type: str = JPEG, name: str = "encre.jpg") -> Any:
    return staff.post("admin/media/uploads", {"name": name, "content_type": content_type, "bytes": len(content)})


def send(ticket: dict[str, Any], content: bytes, name: str = "encre.jpg") -> Any:
    """As a browser does it: without a token, the fields and then the file as one form."""
    form = {**ticket["fields"], "file": SimpleUploadedFile(name, content)}
    return Client().post(ticket["url"], form, format="multipart")


def upload(staff: Client, content: bytes, **confirmed: Any) -> Any:
    asked = ask(staff, content).json()
    assert send(asked["ticket"], content).status_code == 204
    return staff.post(f"admin/media/uploads/{asked['id']}/confirm", confirmed)


def files(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def test_a_picture_is_sent_looked_at_and_shown(staff: Client) -> None:
    told = upload(staff, a_telltale_jpeg(orientation=6), alt="A bottle on its side").json()
    assert (told["status"], told["alt"], told["width"], told["height"]) == ("waiting", "A bottle on its side", 32, 64)
    assert re.fullmatch("#[0-9a-f]{6}", told["ground"])
    assert told["preview"].startswith("data:image/webp;base64,")
    assert told["renditions"] == []
    assert render_due() == 1
    shown = staff.get(f"admin/media/{told['id']}").json()
    assert shown["status"] == "ready"
    assert [(r["format"], r["width"]) for r in shown["renditions"]] == [("avif", 32), ("webp", 32), ("jpeg", 32)]
    assert files(house.MEDIA_INBOX) == []
    assert render_due() == 0
    entry = AuditEntry.objects.get(action="media.upload")
    assert (entry.target, entry.after) == (f"media:{told['id']}", {"name": "encre.jpg", "alt": "A bottle on its side"})


def test_nothing_but_clean_pixels_is_ever_served(staff: Client) -> None:
    upload(staff, a_telltale_jpeg(orientation=6))
    assert files(house.MEDIA_ROOT) == []  # not even for a moment
    render_due()
    served = files(house.MEDIA_ROOT)
    assert len(served) == 3
    for path in served:
        content = path.read_bytes()
        for secret in (b"SECRET", b"Exif", b"xmpmeta", b"ICC_PROFILE", b"GPS"):
            assert secret not in content
        with Image.open(path) as picture:
            assert dict(picture.getexif()) == {}
            assert not {"exif", "icc_profile", "comment", "xmp"} & set(picture.info)
            assert picture.size == (32, 64)


def test_renditions_have_the_widths_of_the_house_and_names_of_their_content(staff: Client) -> None:
    upload(staff, a_file("JPEG", size=(700, 20)))
    render_due()
    asset = MediaAsset.objects.get()
    assert [(r["format"], r["width"]) for r in asset.renditions] == [
        ("avif", 320), ("webp", 320), ("avif", 480), ("webp", 480),
        ("avif", 640), ("webp", 640), ("jpeg", 640), ("avif", 700), ("webp", 700), ("jpeg", 700),
    ]  # fmt: skip
    first = {path: path.stat().st_mtime_ns for path in files(house.MEDIA_ROOT)}
    assert all(re.fullmatch(r"pictures/[0-9a-f]{2}/[0-9a-f]{32}\.(avif|webp|jpeg)", r["path"]) for r in asset.renditions)
    # The same pixels again make the same files, which are left alone.
    MediaAsset.objects.update(renditions=[])
    Upload.objects.all().delete()
    upload(staff, a_file("JPEG", size=(700, 20)))
    render_due()
    assert {path: path.stat().st_mtime_ns for path in files(house.MEDIA_ROOT)} == first


def test_the_same_picture_uploaded_twice_is_one(staff: Client) -> None:
    once = upload(staff, a_file("PNG"), alt="Red").json()
    render_due()
    again = upload(staff, a_file("PNG", dpi=(72, 72)), alt="Another word").json()
    assert (again["id"], again["alt"], again["status"]) == (once["id"], "Red", "ready")
    assert render_due() == 0
    assert files(house.MEDIA_INBOX) == []
    assert AuditEntry.objects.filter(action="media.upload").count() == 1


def test_a_confirmation_said_twice_is_one(staff: Client) -> None:
    asked = ask(staff, a_file()).json()
    send(asked["ticket"], a_file())
    where = f"admin/media/uploads/{asked['id']}/confirm"
    assert staff.post(where, {}).json() == staff.post(where, {}).json()
    assert Upload.objects.count() == MediaAsset.objects.count() == 1


def test_what_is_inside_counts_and_not_its_name_or_type(staff: Client) -> None:
    content = a_file("PNG")
    asked = ask(staff, content, "image/webp", name="../../media/index.html").json()
    assert send(asked["ticket"], content, name="../../media/index.html").status_code == 204
    assert [path.name for path in files(house.MEDIA_INBOX)] == [asked["id"]]
    told = staff.post(f"admin/media/uploads/{asked['id']}/confirm", {}).json()
    assert (told["width"], told["height"]) == (8, 10)


def test_a_confirmation_is_staff_s_and_names_no_file(staff: Client, staff_as: Any) -> None:
    mine, other = ask(staff, a_file(colour=RED)).json(), ask(staff, a_file(colour=BLUE)).json()
    send(other["ticket"], a_file(colour=BLUE))
    where = f"admin/media/uploads/{mine['id']}/confirm"
    assert Client().post(where, {}).status_code == 401
    assert staff_as("packer").post(where, {}).status_code == 403
    for named in ({"key": f"inbox/{other['id']}"}, {"id": other["id"]}, {"url": "http://127.0.0.1/"}):
        assert staff.post(where, named).status_code == 400
    assert staff.post(where, {}).json()["code"] == "upload_not_sent"  # what another one sent is not its own
    assert staff.post("admin/media/uploads/..%2Fmedia/confirm", {}).status_code == 404
    assert not MediaAsset.objects.exists()


def test_what_was_not_sent_can_t_be_confirmed(staff: Client) -> None:
    asked = ask(staff, a_file()).json()
    answer = staff.post(f"admin/media/uploads/{asked['id']}/confirm", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_not_sent")
    nowhere = staff.post("admin/media/uploads/0190a6b0-0000-7000-8000-000000000000/confirm", {})
    assert nowhere.status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "picture_type_refused"),
        (b"<html><script>alert(1)</script>", 415, "picture_type_refused"),
        (a_file("JPEG")[:-20], 422, "picture_unreadable"),
        (a_file("JPEG") + b"<script>alert(1)</script>", 422, "picture_is_more"),
    ],
)
def test_what_is_refused_is_told_in_words_and_thrown_away(staff: Client, content: bytes, status: int, code: str) -> None:
    answer = upload(staff, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert files(house.MEDIA_INBOX) == files(house.MEDIA_ROOT) == []
    assert not MediaAsset.objects.exists()


def test_a_place_is_asked_for_in_the_limits(staff: Client) -> None:
    asked = {"name": "a", "content_type": "image/svg+xml", "bytes": 10}
    answer = staff.post("admin/media/uploads", asked)
    assert [error["field"] for error in answer.json()["errors"]] == ["content_type"]
    answer = staff.post("admin/media/uploads", asked | {"content_type": JPEG, "bytes": house.MEDIA_MAX_BYTES + 1})
    assert (answer.status_code, answer.json()["code"]) == (413, "picture_too_large")
    assert not Upload.objects.exists()


def test_a_ticket_is_good_for_one_upload_its_size_and_a_quarter_of_an_hour(staff: Client) -> None:
    content = a_file()
    mine, other = ask(staff, content).json(), ask(staff, content).json()
    stolen = mine["ticket"]["url"].split("?")[0] + "?" + other["ticket"]["url"].split("?")[1]
    for url in (stolen, mine["ticket"]["url"][:-1], mine["ticket"]["url"].split("?")[0]):
        answer = send({"url": url, "fields": {}}, content)
        assert (answer.status_code, answer.json()["code"]) == (403, "ticket_refused")
    answer = send(mine["ticket"], content + b" ")
    assert (answer.status_code, answer.json()["code"]) == (400, "upload_size_differs")
    answer = Client().post(mine["ticket"]["url"], {"file": "no file"}, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "file")
    assert files(house.MEDIA_INBOX) == []
    assert send(mine["ticket"], content).status_code == 204
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1), tick=False):
        assert send(other["ticket"], content).status_code == 403
    staff.post(f"admin/media/uploads/{mine['id']}/confirm", {})
    assert send(mine["ticket"], content).status_code == 404  # it was looked at: nothing else takes its place


def test_a_body_beyond_the_limit_is_not_read(staff: Client, settings: Any) -> None:
    content = a_file()
    asked = ask(staff, content).json()
    settings.MEDIA_MAX_BYTES = 10
    answer = send(asked["ticket"], b"x" * 70_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "picture_too_large")


def test_packers_look_and_guests_don_t(staff_as: Any, client: Client) -> None:
    packer = staff_as("packer")
    assert packer.get("admin/media").json() == {"results": [], "next": None, "total": 0}
    assert ask(packer, b"x").status_code == 403
    assert ask(client, b"x").status_code == 401


def test_a_worker_that_died_is_followed_by_another(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(staff, a_file())

    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit  # passes everything that catches errors, as a kill does

    with monkeypatch.context() as patched:
        patched.setattr("noirel.content.services.render.render_picture", killed)
        with pytest.raises(SystemExit):
            render_due()
    assert render_due() == 0  # leased
    Upload.objects.update(due_at=timezone.now())
    assert render_due() == 1
    assert MediaAsset.objects.get().renditions


def test_poison_is_parked_after_some_tries_and_sent_again_it_starts_anew(staff: Client, settings: Any) -> None:
    asset = upload(staff, a_file()).json()["id"]
    blocked = Path(settings.MEDIA_ROOT)
    blocked.write_text("a file where the folder should be")  # the store refuses every write
    for _ in range(8):
        Upload.objects.update(due_at=timezone.now())
        assert render_due() == 1
    told = staff.get(f"admin/media/{asset}").json()
    assert (told["status"], told["problem"]) == ("failed", "Making its renditions failed again and again.")
    assert Upload.objects.get().status == "parked"
    assert render_due() == 0
    blocked.unlink()
    assert upload(staff, a_file()).json()["id"] == asset
    render_due()
    assert staff.get(f"admin/media/{asset}").json()["status"] == "ready"


def test_one_that_kills_its_worker_every_time_is_parked_unopened(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(staff, a_file())
    Upload.objects.update(attempts=8, due_at=timezone.now())
    monkeypatch.setattr("noirel.content.services.render._render", lambda _: pytest.fail("opened"))
    render_due()
    assert MediaAsset.objects.get().problem


def test_a_file_put_in_its_place_after_the_confirmation_is_not_served(staff: Client, settings: Any) -> None:
    upload(staff, a_file(colour=RED))
    files(settings.MEDIA_INBOX)[0].write_bytes(a_file(colour=BLUE))
    render_due()
    asset = MediaAsset.objects.get()
    assert (asset.renditions, asset.problem) == ([], "Another file was sent after it was confirmed.")
    assert files(settings.MEDIA_ROOT) == []


def test_what_nobody_confirmed_is_collected_after_a_day(staff: Client, settings: Any) -> None:
    asked = [ask(staff, a_file()).json() for _ in range(2)]
    for one in asked:
        send(one["ticket"], a_file())
    upload(staff, a_file(colour=BLUE))
    Upload.objects.exclude(pk=asked[1]["id"]).update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    forget_old_uploads()
    assert {str(pk) for pk in Upload.objects.filter(status="waiting").values_list("pk", flat=True)} == {asked[1]["id"]}
    assert Upload.objects.filter(status="received").count() == 1  # still to be rendered
    assert len(files(settings.MEDIA_INBOX)) == 2


def test_half_a_rendition_is_never_left_under_a_name_that_stands_for_all_of_it(
    monkeypatch: pytest.MonkeyPatch, staff: Client
) -> None:
    upload(staff, a_file())
    with monkeypatch.context() as patched:
        patched.setattr("os.replace", Mock(side_effect=OSError("the disk is full")))
        render_due()
    assert files(house.MEDIA_ROOT) == []
    Upload.objects.update(due_at=timezone.now())
    render_due()
    assert all(default_storage.exists(r["path"]) for r in MediaAsset.objects.get().renditions)


def test_a_product_shows_its_pictures_in_order_once_they_are_made(staff: Client) -> None:
    product = make_variant(price=Money(100_00, "INR")).product
    ids = [upload(staff, a_file(colour=colour), alt=alt).json()["id"] for colour, alt in ((RED, "Red"), (BLUE, "Blue"))]
    saved = staff.patch(f"admin/products/{product.slug}", {"images": ids[::-1]}).json()
    assert [image["alt"] for image in saved["images"]] == ["Blue", "Red"]
    assert Client().get(f"products/{product.slug}").json()["images"] == []  # nothing to show yet
    render_due()
    shown = Client().get(f"products/{product.slug}").json()["images"]
    assert [image["alt"] for image in shown] == ["Blue", "Red"]
    staff.patch(f"admin/media/{ids[0]}", {"alt": "A red bottle"})
    assert [image["alt"] for image in Client().get(f"products/{product.slug}").json()["images"]] == ["Blue", "A red bottle"]
    assert AuditEntry.objects.get(action="media.edit").before == {"alt": "Red"}
    told = staff.patch(f"admin/media/{ids[0]}", {"focal": {"x": 20, "y": 75}}).json()
    assert (told["focal"], told["alt"]) == ({"x": 20, "y": 75}, "A red bottle")
    images = Client().get(f"products/{product.slug}").json()["images"]
    assert [image["focal"] for image in images] == [None, {"x": 20, "y": 75}]
    outside = staff.patch(f"admin/media/{ids[0]}", {"focal": {"x": 101, "y": 0}})
    assert (outside.status_code, outside.json()["errors"][0]["field"]) == (400, "focal.x")
    assert staff.patch(f"admin/media/{ids[0]}", {"focal": None}).json()["focal"] is None
    staff.patch(f"admin/products/{product.slug}", {"images": [ids[0]]})
    assert len(Client().get(f"products/{product.slug}").json()["images"]) == 1
    unknown = staff.patch(f"admin/products/{product.slug}", {"images": [ids[0], str(product_less_id())]})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "images.1")


def product_less_id() -> str:
    return "0190a6b0-0000-7000-8000-000000000000"


def test_a_picture_in_use_can_t_be_deleted(staff: Client) -> None:
    variant = make_variant(price=Money(100_00, "INR"))
    picture = upload(staff, a_file()).json()["id"]
    render_due()
    for use, no_use, kind in (
        (lambda: staff.patch(f"admin/products/{variant.product.slug}", {"images": [picture]}),
         lambda: staff.patch(f"admin/products/{variant.product.slug}", {"images": []}), "product picture"),
        (lambda: type(variant).objects.update(picture=picture), lambda: type(variant).objects.update(picture=None), "variant"),
    ):  # fmt: skip
        use()
        answer = staff.delete(f"admin/media/{picture}")
        assert (answer.status_code, answer.json()["code"], answer.json()["uses"]) == (409, "media_in_use", [kind])
        no_use()
    assert staff.delete(f"admin/media/{picture}").status_code == 204
    assert staff.get(f"admin/media/{picture}").status_code == 404
    assert len(files(house.MEDIA_ROOT)) == 3  # orders and mails tell their addresses
    assert Product.objects.filter(pk=variant.product_id).exists()
    assert AuditEntry.objects.filter(action="media.delete").count() == 1


@how(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.floats(0, 1), what=st.binary(min_size=1, max_size=8), kind=st.sampled_from(["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
)
def test_a_damaged_file_is_never_a_500(staff: Client, where: float, what: bytes, kind: str) -> None:
    content = bytearray(a_file(kind, size=(16, 16)))
    at = int(where * len(content))
    content[at : at + len(what)] = what
    answer = upload(staff, bytes(content))
    assert answer.status_code in {200, 413, 415, 422}, answer.content
    if answer.status_code != 200:
        assert answer.json()["code"].startswith("picture_")


def test_the_widths_of_the_house_are_the_design_s() -> None:
    assert renditions.WIDTHS == (320, 480, 640, 960, 1440, 2160)
