"""If-Match on pictures, as on every resource that staff edit."""

import pytest

from noirel.content.models import MediaAsset
from tests.client import Client

pytestmark = pytest.mark.django_db


def test_a_picture_that_somebody_described_meanwhile_is_not_overwritten(staff: Client) -> None:
    asset = MediaAsset.objects.create(source="test", alt="")
    path = f"admin/media/{asset.pk}"
    seen = staff.get(path)["ETag"]
    MediaAsset.objects.filter(pk=asset.pk).update(renditions=[])  # made meanwhile: nobody's edit is stale
    first = staff.patch(path, {"alt": "A black flacon"}, HTTP_IF_MATCH=seen)
    assert first.status_code == 200
    assert staff.patch(path, {"alt": "Something else"}, HTTP_IF_MATCH=seen).status_code == 412
    assert staff.delete(path, HTTP_IF_MATCH=seen).status_code == 412
    assert staff.get(path).json()["alt"] == "A black flacon"
    assert staff.delete(path, HTTP_IF_MATCH=first["ETag"]).status_code == 204
