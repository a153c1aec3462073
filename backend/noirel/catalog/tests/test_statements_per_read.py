"""How many SQL statements the public reads take when they are made anew, whatever the number of products."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from noirel.catalog.index import loader
from noirel.catalog.jobs import update_search_words
from noirel.catalog.models import Attribute, Category, Collection, CollectionItem
from noirel.catalog.services.projection import refresh_projection
from noirel.core.cache.responses import response_cache
from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_variant

# 1 is the cards' (or the page's), 2 the words', 3 to 5 what is done where nothing on show has the words. A suggestion asks for
# completions too. Trees and collections: what they are, and whether the columns still stand.
MEANT = {
    "products": 1,
    "products?sort=price&in_stock=true&max_price=9000000&category=woods&family=woody": 1,
    "products?collection=nights": 1,
    "products?q=encre": 2,
    "products?q=encer": 4,
    "products?q=encre+xyzzy": 5,
    "products/encre-1": 1,
    "search/suggest?q=enc": 3,
    "categories": 2,
    "categories/woods": 3,
    "collections": 2,
    "collections/nights": 2,
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [2, 30])
def test_reads_take_a_few_statements_whatever_the_number_of_products(number: int, client: Client) -> None:
    Attribute.objects.create(name="family", label="Family", type="text", is_facet=True)
    woods = Category.objects.create(slug="woods", name="Woods")
    nights = Collection.objects.create(slug="nights", name="Nights")
    for at in range(1, number + 1):
        product = make_variant(price=inr(9_000_00), name="Encre", on_hand=5).product
        product.slug, product.category, product.attributes = f"encre-{at}", woods, {"family": "woody"}
        product.save()
        refresh_projection(product.pk)
        CollectionItem.objects.create(collection=nights, product=product, position=at)
    update_search_words()
    loader.reset()
    client.get("products?collection=nights")  # the columns are read, and what collections hold
    found = {}
    for path in MEANT:
        response_cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200, path
        found[path] = len(asked)
    assert found == MEANT
    for path in [*MEANT, *MEANT]:  # twice: whether a page was touched before it was kept, nobody knows
        client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert {client.get(path).status_code for path in MEANT} == {200}
    assert len(asked) <= len(MEANT)  # whether each of them still stands, and that is believed for some milliseconds
