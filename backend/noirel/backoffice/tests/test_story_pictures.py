"""Pictures that staff name by address in a story are fetched like those that an import names."""

import pytest
from django.db import connection
from PIL import Image

from noirel.backoffice.imports import pictures
from noirel.backoffice.models import PendingPicture
from noirel.catalog.models import Product
from noirel.content.models import MediaAsset
from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
URL = "https://cdn.example/a.jpg"
STORY = f'<p>Look: <img src="{URL}" alt="A field of iris"></p>'


def test_a_picture_named_in_a_story_is_fetched_and_shown(
    staff: Client, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = make_variant(price=inr(900_00)).product.slug
    assert staff.patch(f"admin/products/{slug}", {"story": STORY}).status_code == 200
    wanted = PendingPicture.objects.get()
    assert (wanted.asset.source, wanted.asset.alt) == (URL, "A field of iris")
    assert "<img" not in client.get(f"products/{slug}").json()["story"]
    monkeypatch.setattr(pictures, "fetch_picture", lambda _: Image.new("RGB", (40, 50)))
    assert pictures.fetch_pending() == 1
    assert '<img src="/media/' in client.get(f"products/{slug}").json()["story"]
    # Saving it again, or in another story, fetches nothing twice.
    other = staff.post("admin/products", {"name": "O", "sku": "O", "price": {"amount": 1, "currency": "INR"}, "story": STORY})
    assert other.status_code == 201, other.content
    assert staff.patch(f"admin/products/{slug}", {"story": STORY + "<p>More.</p>"}).status_code == 200
    assert not PendingPicture.objects.exists()
    assert MediaAsset.objects.count() == 1


def test_a_new_product_queues_the_pictures_of_its_story(staff: Client) -> None:
    new = {"name": "O", "sku": "O", "price": {"amount": 1, "currency": "INR"}, "story": STORY}
    assert staff.post("admin/products", new).status_code == 201
    assert PendingPicture.objects.get().asset.source == URL


def test_a_story_without_pictures_and_another_field_queue_nothing(staff: Client) -> None:
    slug = make_variant(price=inr(900_00)).product.slug
    staff.patch(f"admin/products/{slug}", {"story": "<p>Plain.</p>"})
    staff.patch(f"admin/products/{slug}", {"subtitle": STORY})
    assert not PendingPicture.objects.exists()


def test_which_stories_show_a_fetched_picture_is_read_from_an_index(staff: Client) -> None:
    slug = make_variant(price=inr(900_00)).product.slug
    staff.patch(f"admin/products/{slug}", {"story": STORY})
    from noirel.catalog.services.pictures import _with_it_in_their_story

    found = _with_it_in_their_story(str(MediaAsset.objects.get().pk))
    assert list(found) == [Product.objects.get(slug=slug)]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "product_story_pictures" in found.order_by("pk").explain()
