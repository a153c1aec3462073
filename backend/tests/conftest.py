"""For stories and races: the shop under Gunicorn and the real gateway program beside it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as house
from django.db import connection

from noirel.payments.razorpay import gateway as client
from noirel.pricing.services import ensure_defaults
from tests.shopping import LocalGateway, RunningShop, Shopper, free_port


@pytest.fixture(scope="session")
def programs(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningShop, LocalGateway]]:
    port = free_port()
    gateway = LocalGateway(
        tmp_path_factory.mktemp("gateway"),
        webhook_url=f"http://127.0.0.1:{port}/api/v1/webhooks/razorpay",
        key_id=house.RAZORPAY_KEY_ID,
        key_secret=house.RAZORPAY_KEY_SECRET,
        webhook_secret=house.RAZORPAY_WEBHOOK_SECRET,
    )
    shop = RunningShop(port=port, gateway_url=gateway.url, database=connection.settings_dict)
    yield shop, gateway
    gateway.stop()
    shop.stop()


@pytest.fixture
def gateway(programs: tuple[RunningShop, LocalGateway], settings: Any, transactional_db: None) -> Iterator[LocalGateway]:
    """The gateway, empty and without faults; the jobs a test runs itself ask it too."""
    _, program = programs
    program.reset()
    settings.RAZORPAY_API_URL = program.url
    client.cache_clear()
    ensure_defaults()
    yield program
    program.reset()  # which waits for webhooks under way: they would meet the emptying
    client.cache_clear()


@pytest.fixture
def shop(programs: tuple[RunningShop, LocalGateway], gateway: LocalGateway) -> RunningShop:
    return programs[0]


@pytest.fixture
def guest(shop: RunningShop) -> Iterator[Shopper]:
    """Somebody with a browser and no account."""
    shopper = Shopper(shop.url)
    yield shopper
    shopper.http.close()
