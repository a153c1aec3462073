"""The gateway, with its webhooks held back for the test to bring, and the program whose forks die."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as house
from django.db import connection

from noirel.accounts.services.tokens import access_token
from noirel.payments.razorpay import gateway as client
from noirel.pricing.services import ensure_defaults
from tests.crash.purchase import Purchase
from tests.crash.zygote import Zygote
from tests.make import make_staff
from tests.shopping import LocalGateway

NAME = f"noirel-crash-{os.getpid()}"


@pytest.fixture(scope="session")
def far_side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    program = LocalGateway(
        tmp_path_factory.mktemp("gateway"),
        webhook_url="http://127.0.0.1:9/",
        key_id=house.RAZORPAY_KEY_ID,
        key_secret=house.RAZORPAY_KEY_SECRET,
        webhook_secret=house.RAZORPAY_WEBHOOK_SECRET,
    )
    yield program
    program.stop()


@pytest.fixture(scope="session")
def mail_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mail")


@pytest.fixture(scope="session")
def zygote(django_db_setup: None, far_side: LocalGateway, mail_folder: Path) -> Iterator[Zygote]:
    told = connection.settings_dict
    password = f":{quote(told['PASSWORD'])}" if told["PASSWORD"] else ""
    where = f"{quote(told['USER'])}{password}@{told['HOST']}:{told['PORT']}/{told['NAME']}"
    program = Zygote(
        {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"postgresql://{where}?application_name={NAME}",
            "RAZORPAY_API_URL": far_side.url,
            "EMAIL_URL": f"file://{mail_folder}",
            "LOG_LEVEL": "CRITICAL",
        }
    )
    yield program
    program.stop()


@pytest.fixture
def purchases(
    far_side: LocalGateway, zygote: Zygote, mail_folder: Path, settings: Any, transactional_db: None
) -> Iterator[Callable[[], Purchase]]:
    far_side.reset()
    far_side.fault("webhook", "hold", times=None)
    settings.RAZORPAY_API_URL = far_side.url
    settings.EMAIL_BACKEND = "noirel.notifications.backends.FolderBackend"
    settings.MAIL_FOLDER = str(mail_folder)
    client.cache_clear()
    ensure_defaults()
    token = access_token(make_staff())
    yield lambda: Purchase(far_side, zygote, token)
    client.cache_clear()


@pytest.fixture
def dead_are_buried() -> Callable[[], None]:
    """Wait until the server has seen that the killed process is gone, and has rolled back what it had open."""

    def wait() -> None:
        end = time.monotonic() + 10
        while _sessions():
            assert time.monotonic() < end, "the server still serves a process that was killed"
            time.sleep(0.002)

    return wait


def _sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [NAME])
        return int(cursor.fetchone()[0])
