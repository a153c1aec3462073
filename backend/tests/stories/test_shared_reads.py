"""Two processes share what was dear to work out through a real Redis, never what is old, and do without when it goes."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import requests
from django.db import connection

from noirel.core.domain.money import inr
from tests.make import make_variant
from tests.shopping import RunningShop, free_port, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs redis-server (Debian: redis-server)"),
]


class Redis:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.client = redis.Redis(port=self.port)
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._is_up, seconds=20)

    def _is_up(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def hits(self) -> int:
        return int(self.client.info("stats")["keyspace_hits"])

    def stop(self) -> None:
        self.client.close()
        self._process.kill()
        self._process.wait(10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Redis]:
    running = Redis(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def houses(store: Redis) -> Iterator[list[str]]:
    shops = [
        RunningShop(
            port=free_port(), gateway_url="http://127.0.0.1:9", database=connection.settings_dict,
            REDIS_URL=f"redis://127.0.0.1:{store.port}/0", READS_KEPT_SECONDS="600",
        )
        for _ in range(2)
    ]  # fmt: skip
    yield [shop.url for shop in shops]
    for shop in shops:
        shop.stop()


def _names(url: str) -> list[str]:
    answer = requests.get(f"{url}/api/v1/products?sort=price", timeout=10)
    assert answer.status_code == 200
    return [card["name"] for card in answer.json()["results"]]


def test_what_one_has_worked_out_the_other_takes_until_it_is_old(houses: list[str], store: Redis) -> None:
    one, other = houses
    make_variant(price=inr(100), name="Encre")
    assert _names(one) == ["Encre"]
    before = store.hits()
    assert _names(other) == ["Encre"]
    assert store.hits() > before
    make_variant(price=inr(200), name="Cendre")
    assert _names(other) == _names(one) == ["Encre", "Cendre"]
    for name in store.client.keys("*"):
        assert b"Authorization" not in (store.client.get(name) or b"")
    missing = requests.get(f"{one}/api/v1/products?limit=0", timeout=10)
    kept = len(store.client.keys("*"))
    assert (missing.status_code, len(store.client.keys("*"))) == (400, kept)
    store.stop()
    make_variant(price=inr(300), name="Sel")
    assert _names(one) == _names(other) == ["Encre", "Cendre", "Sel"]
