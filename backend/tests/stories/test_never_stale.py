"""Two processes keep answers, and neither ever gives one that was true before a change somebody has been told of."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.db import connection, transaction
from django.db.models import F

from noirel.accounts.services.tokens import access_token
from noirel.catalog.models import Variant
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.inventory import services as inventory
from tests.make import make_staff, make_variant
from tests.shopping import RunningShop, free_port

pytestmark = pytest.mark.django_db(transaction=True)

READERS, CHANGES = 3, 40
TRUSTED_MS = 20  # four times the default, so that a reader would be caught


@pytest.fixture(scope="module")
def houses(django_db_setup: None) -> Iterator[tuple[str, str]]:
    """The addresses of two processes, each with a shelf of its own; what they keep stays kept but for a change."""
    shops = [
        RunningShop(
            port=free_port(),
            gateway_url="http://127.0.0.1:9",
            database=connection.settings_dict,
            READS_KEPT_SECONDS="600",
            READS_TRUSTED_MS=str(TRUSTED_MS),
        )
        for _ in range(2)
    ]
    yield (shops[0].url, shops[1].url)
    for shop in shops:
        shop.stop()


def _price(url: str, path: str, session: requests.Session) -> Any:
    told = session.get(f"{url}/api/v1/{path}", timeout=10).json()
    card = told["results"][0] if "results" in told else told
    return card["price_range"]["min"]["amount"]


def test_a_price_is_never_older_than_the_last_change_that_was_answered(houses: tuple[str, str]) -> None:
    variant = make_variant(price=inr(1), name="Encre")
    paths = ["products", f"products/{variant.product.slug}", "products?sort=price&limit=5"]
    owner = requests.Session()
    owner.headers["Authorization"] = f"Bearer {access_token(make_staff())}"
    answered, done, wrong, seen = [1], threading.Event(), [], [0]

    def read(number: int) -> None:
        session = requests.Session()
        while not done.is_set():
            for url in houses:
                path = paths[number]
                known = answered[-1]  # before the question: the last price that anybody was told of
                price = _price(url, path, session)
                seen[0] += 1
                if price < known:
                    wrong.append((url, path, price, known))

    readers = [threading.Thread(target=read, args=[number]) for number in range(READERS)]
    for reader in readers:
        reader.start()
    for price in range(2, CHANGES + 2):
        changed = owner.patch(
            f"{houses[price % 2]}/api/v1/admin/variants/{variant.sku}", json={"price": inr(price).json()}, timeout=10
        )
        assert changed.status_code == 200, changed.text
        answered.append(price)
        time.sleep(0.01)  # long enough for the answer to be kept, and asked for again
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert seen[0] > CHANGES


def test_stock_is_never_older_than_the_last_change_that_was_answered(houses: tuple[str, str]) -> None:
    """Stock is no edition: a page is asked for again when its product was touched, while another one is sold all the time."""
    variant, hot = (make_variant(price=inr(1), on_hand=CHANGES + 1, name=name) for name in ("Encre", "Sold"))
    owner = requests.Session()
    owner.headers["Authorization"] = f"Bearer {access_token(make_staff())}"
    answered, done, wrong, seen = [CHANGES + 1], threading.Event(), [], [0]

    def read(number: int) -> None:
        session = requests.Session()
        while not done.is_set():
            for url in houses:
                known = answered[-1]
                page = session.get(f"{url}/api/v1/products/{variant.product.slug}", timeout=10).json()
                left = page["variants"][0]["availability"]["quantity"]
                seen[0] += 1
                if left > known:
                    wrong.append((url, left, known))

    def sell() -> None:
        while not done.is_set():
            Variant.objects.filter(pk=hot.pk).update(available=F("available") + 1)
        connection.close()

    others = [threading.Thread(target=read, args=[number]) for number in range(READERS)] + [threading.Thread(target=sell)]
    for other in others:
        other.start()
    for left in range(CHANGES, 0, -1):
        changed = owner.post(
            f"{houses[left % 2]}/api/v1/admin/inventory/{variant.sku}/adjust",
            json={"delta": -1, "reason": "damaged"},
            headers={"Idempotency-Key": f"a-broken-bottle-{left}"},
            timeout=10,
        )
        assert changed.status_code == 200, changed.text
        answered.append(left)
        time.sleep(0.01)
    done.set()
    for other in others:
        other.join()
    assert wrong == []
    assert seen[0] > CHANGES


def test_a_change_by_hand_and_a_sold_bottle_are_seen_by_both(houses: tuple[str, str]) -> None:
    variant = make_variant(price=inr(900_00), on_hand=5)
    page = f"products/{variant.product.slug}"

    def told(url: str) -> tuple[int, str]:
        answer = requests.get(f"{url}/api/v1/{page}", timeout=10)
        return answer.json()["variants"][0]["availability"]["quantity"], answer.headers["ETag"]

    for _ in range(2):
        first = {told(url) for url in houses}
        assert len(first) == 1
    inventory.adjust(variant.sku, delta=-1, reason="damaged", actor=SYSTEM)
    time.sleep(TRUSTED_MS / 1000)  # what a request of staff waits by itself
    assert {told(url)[0] for url in houses} == {4}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET status = 'archived' WHERE id = %s", [variant.product_id])
    time.sleep(TRUSTED_MS / 1000)
    assert {requests.get(f"{url}/api/v1/{page}", timeout=10).status_code for url in houses} == {404}


def test_what_is_not_committed_is_seen_by_nobody_and_kept_by_nobody(houses: tuple[str, str]) -> None:
    variant = make_variant(price=inr(50), name="Cendre")
    session = requests.Session()
    path = f"products/{variant.product.slug}"
    assert _price(houses[0], path, session) == 50
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE catalog_product SET page = replace(page, '\"amount\":50', '\"amount\":51') WHERE id = %s",
                [variant.product_id],
            )
        assert {_price(url, path, session) for url in houses} == {50}
        transaction.set_rollback(True)
    assert {_price(url, path, session) for url in houses} == {50}
