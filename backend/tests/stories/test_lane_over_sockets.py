"""What callers may do to a connection, and what the loop that answers them makes of it."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from django.db import connection

from noirel.catalog.models import Product
from noirel.catalog.services.products import update_product
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from tests.make import make_variant
from tests.shopping import RunningShop, free_port, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "noirel-lane"  # its lines to the database, told from those of the other stories' shop
ITS_LINES = f"FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{NAME}'"


@pytest.fixture(scope="module")
def house(django_db_setup: None) -> Iterator[RunningShop]:
    shop = RunningShop(port=free_port(), gateway_url="http://127.0.0.1:9", database=connection.settings_dict, PGAPPNAME=NAME)
    yield shop
    shop.stop()


@pytest.fixture
def encre(db: None) -> Product:
    return make_variant(price=inr(14_500_00), on_hand=3, name="Encre").product


class Caller:
    def __init__(self, house: RunningShop, room: int = 0) -> None:
        self.socket = socket.socket()
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", house.port))
        self._came = b""

    def say(self, path: str, *more: str) -> None:
        self.socket.sendall(request(path, *more))

    def hear(self) -> tuple[int, bytes]:
        """The next answer's status and body."""
        head = self._until(lambda: self._came.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in self._came else 0).decode()
        lengths = [line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("content-length")]
        length = int(lengths[0]) if lengths else 0
        return int(head.split()[1]), self._until(lambda: length if len(self._came) >= length else 0) if length else b""

    def _until(self, end: object) -> bytes:
        assert callable(end)
        while not (length := end()):
            came = self.socket.recv(65536)
            assert came, "hung up"
            self._came += came
        taken, self._came = self._came[:length], self._came[length:]
        return taken


Call = Callable[..., Caller]


@pytest.fixture
def call(house: RunningShop) -> Iterator[Call]:
    """Who calls the house; they hang up at the end."""
    callers: list[Caller] = []

    def one(room: int = 0) -> Caller:
        callers.append(Caller(house, room))
        return callers[-1]

    yield one
    for caller in callers:
        caller.socket.close()


def request(path: str, *more: str) -> bytes:
    return "\r\n".join([f"GET /api/v1/{path} HTTP/1.1", "Host: localhost", *more, "", ""]).encode()


def test_one_connection_asks_the_loop_and_threads_in_turns(house: RunningShop, call: Call, encre: Product) -> None:
    caller = call()
    page = requests.get(f"{house.url}/api/v1/products/{encre.slug}", timeout=10).content
    for _ in range(20):
        for path, more, status in (
            (f"products/{encre.slug}", (), 200),
            ("products/nothing", (), 404),
            (f"products/{encre.slug}", ("TE: trailers",), 200),
            ("products", ("If-None-Match: *",), 304),
            ("orders/ND-1", (), 404),
            ("products?limit=x", (), 400),
        ):
            caller.say(path, *more)
            told = caller.hear()
            assert told[0] == status, (path, told)
            if status == 200:
                assert told[1] == page


def test_questions_behind_each_other_are_answered_in_their_order(call: Call, encre: Product) -> None:
    caller = call()
    one, two = request(f"products/{encre.slug}"), request("products/nothing")
    caller.socket.sendall(one + two + one)  # in one go
    assert [caller.hear()[0] for _ in range(3)] == [200, 404, 200]
    for _ in range(20):  # and each before the last one is answered
        encre.save()  # another edition: the loop has to ask
        for head in (one, two, one, one):
            caller.socket.sendall(head)
        assert [caller.hear()[0] for _ in range(4)] == [200, 404, 200, 200]


def test_a_question_in_pieces_is_a_question(call: Call, encre: Product) -> None:
    caller = call()
    for cut in (1, 4, 20, -3, -1):
        head = request(f"products/{encre.slug}")
        caller.socket.sendall(head[:cut])
        time.sleep(0.05)
        caller.socket.sendall(head[cut:])
        assert caller.hear()[0] == 200


def test_whoever_hangs_up_takes_nobody_along(house: RunningShop, call: Call, encre: Product) -> None:
    for number in range(40):
        caller = call()
        if number % 2:
            encre.save()
        if number % 4:
            caller.say(f"products/{encre.slug}")
        if number % 3 == 0:  # RST
            caller.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        caller.socket.close()
    assert requests.get(f"{house.url}/api/v1/products/{encre.slug}", timeout=10).status_code == 200


def test_a_slow_reader_gets_every_byte_and_keeps_nobody_waiting(house: RunningShop, call: Call, encre: Product) -> None:
    update_product(encre.slug, actor=SYSTEM, story=f"<p>{'Ambre gris. ' * 400_000}</p>")
    path = f"products/{encre.slug}"
    slow, quick = call(room=4096), call()
    for _ in range(2):
        slow.say(path)
    for _ in range(20):
        quick.say("products")
        assert quick.hear()[0] == 200
    bodies = [slow.hear() for _ in range(2)]
    assert [status for status, _ in bodies] == [200, 200]
    assert bodies[0][1] == bodies[1][1] == requests.get(f"{house.url}/api/v1/{path}", timeout=10).content


def test_the_database_may_come_and_go(call: Call, encre: Product) -> None:
    path, caller = f"products/{encre.slug}", call()
    caller.say(path)
    assert caller.hear()[0] == 200
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(pg_terminate_backend(pid)) {ITS_LINES}")
            assert cursor.fetchone()[0]
        encre.save()
        caller.say(path)
        assert caller.hear()[0] == 200

    def lines() -> bool:
        caller.say(path)
        assert caller.hear()[0] == 200
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {ITS_LINES}")
            return bool(cursor.fetchone()[0] >= 2)

    wait_until(lines)
