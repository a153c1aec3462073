"""What sells is counted once, however often it is told."""

import pytest

from noirel.catalog.models import Product
from noirel.catalog.services.availability import count_sales
from noirel.core.domain.money import inr
from tests.make import make_variant


@pytest.mark.django_db
def test_a_sale_that_is_told_twice_is_counted_once() -> None:
    product = make_variant(price=inr(14_500_00)).product
    told = {"number": "NE-7K3MQ2XD", "units": {product.slug: 2}}
    count_sales(told)
    count_sales(told)
    count_sales({**told, "number": "NE-OTHER000"})
    assert Product.objects.get(pk=product.pk).units_sold == 4
