"""Every member of a product's documents is held against its rows: one that is not is named."""

import pytest
from django.db import connection

from noirel.backoffice.audit import run_checks
from noirel.catalog.models import Attribute, Category, Product, ProductPicture
from noirel.catalog.services.projection import refresh_projection
from noirel.content.models import MediaAsset
from noirel.core.domain.money import inr
from tests.make import make_variant

pytestmark = [pytest.mark.django_db, pytest.mark.unproved]


@pytest.fixture
def encre() -> Product:
    Attribute.objects.create(name="family", label="Family", is_on_card=True)
    variant = make_variant(price=inr(900_00), name="Encre", compare_at_amount=1000_00)
    product = variant.product
    product.category = Category.objects.create(slug="woods", name="Woods")
    product.attributes = {"family": "woody", "line": "Ink."}
    product.save()
    for at, view in enumerate(["whole", "cutout", "stopper", "scale"]):
        asset = MediaAsset.objects.create(
            source=f"test:{at}", alt=f"Picture {at}", view=view,
            renditions=[{"format": "webp", "width": 320, "height": 400, "path": f"{at}.webp"}],
        )  # fmt: skip
        ProductPicture.objects.create(product=product, asset=asset, position=at)
    refresh_projection(product.pk)
    return product


@pytest.mark.parametrize(
    ("edit", "checks"),
    [
        ("UPDATE catalog_product SET name = 'Encore'", {"catalogue.card", "catalogue.page", "catalogue.words"}),
        ("UPDATE catalog_product SET slug = slug || '-x'", {"catalogue.card", "catalogue.page"}),
        ("UPDATE catalog_product SET subtitle = 'Iris'", {"catalogue.card", "catalogue.page", "catalogue.words"}),
        ("UPDATE catalog_product SET category_id = NULL", {"catalogue.card", "catalogue.page", "catalogue.words"}),
        ("UPDATE catalog_category SET name = 'Forests'", {"catalogue.page", "catalogue.words"}),
        ("UPDATE catalog_variant SET price_amount = 1", {"catalogue.prices", "catalogue.card", "catalogue.page"}),
        ("UPDATE catalog_variant SET compare_at_amount = NULL", {"catalogue.badges", "catalogue.card", "catalogue.page"}),
        ("UPDATE catalog_variant SET in_stock = false", {"catalogue.in_stock", "stock.told"}),
        ("UPDATE content_mediaasset SET alt = 'Another' WHERE view = 'whole'", {"catalogue.card", "catalogue.page"}),
        ("UPDATE catalog_productpicture SET alt = 'Its own' WHERE position = 2", {"catalogue.card", "catalogue.page"}),
        ("DELETE FROM catalog_productpicture WHERE position = 3", {"catalogue.page"}),
        ("UPDATE catalog_productpicture SET position = 9 WHERE position = 0", {"catalogue.card", "catalogue.page"}),
        ("""UPDATE catalog_product SET attributes = '{"family": "amber", "line": "Ink."}'""",
         {"catalogue.card", "catalogue.page", "catalogue.words"}),
        ("""UPDATE catalog_product SET attributes = '{"family": "woody"}'""", {"catalogue.page", "catalogue.words"}),
        ("UPDATE catalog_product SET story = '<p>No</p>'", {"catalogue.page", "catalogue.words"}),
        ("""UPDATE catalog_product SET options = '[{"name": "size"}]'""", {"catalogue.page"}),
        ("UPDATE catalog_product SET published_at = now()", {"catalogue.page"}),
        ("UPDATE catalog_product SET card = '{}'", {"catalogue.card"}),
    ],
)  # fmt: skip
def test_a_document_that_fell_behind_is_named(edit: str, checks: set[str], encre: Product) -> None:
    assert run_checks() == []
    with connection.cursor() as cursor:
        cursor.execute(edit)
    assert {finding.check for finding in run_checks()} == checks
    refresh_projection(encre.pk)
    left = {finding.check for finding in run_checks()}
    assert left <= {"stock.told"}
