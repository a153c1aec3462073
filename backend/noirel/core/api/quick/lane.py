"""The short way for a loop, which must never wait: from the bytes of a request to those of its answer.

What is on the shelf and stands is given at once. Else the loop asks PostgreSQL over a line of its own (postgres/line.py) and
goes on with other callers until the answer is there: whether what is kept still stands, one question for all who come in the
meantime, or what a page is made of, for views that can be made in steps. Whoever would have to wait for anything else goes the
long way, by a thread.
"""

import logging
import selectors
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db import connection
from django.http import QueryDict

from noirel.core import kept
from noirel.core.api.public import PublicView, is_known, key_of
from noirel.core.api.quick.head import environ_of
from noirel.core.api.quick.plain import Environ, headers_of, is_plain, public, view_at
from noirel.core.asking import Question, Rows, Steps
from noirel.core.client_address import client_address
from noirel.core.kept import Answer, Told, journal, keep, known, shelf
from noirel.core.postgres.line import Heard, Line
from noirel.core.request_id import answered, begin, end
from noirel.core.shared import shared
from noirel.core.touched import ASK_TOUCHED

# More than this wait no longer for one line: threads have lines of their own.
MOST_ON_THEIR_WAY = 32
PATIENCE = 5.0  # seconds for a line that says nothing: what is asked here is answered in milliseconds
REST = 1.0  # seconds without a line, after one that broke
log = logging.getLogger("noirel.lane")
_NOTHING = QueryDict("")

# Called with what to send, or with None: the long way.
Reply = Callable[[list[bytes] | None], None]
# Do the first in a thread, then the second in the loop, with what the first returned.
InThread = Callable[[Callable[[], Any], Callable[[Any], None]], None]


class _Asked(NamedTuple):
    environ: Environ
    view: type[PublicView]
    where: dict[str, str]
    key: str
    arrived: float  # by time.monotonic()
    began: float  # by time.perf_counter()
    reply: Reply


class Lane:
    """For one thread: the loop's."""

    def __init__(self, poller: selectors.BaseSelector, in_thread: InThread) -> None:
        self._poller, self._in_thread = poller, in_thread
        # One to ask whether answers stand, which is never behind a long one, and one to make them.
        self._lines: list[Line | None] = [None, None]
        self._not_before = [0.0, 0.0]
        self._is_full = [False, False]  # there is more to send than the socket took
        self._wondering: list[_Asked] = []
        self._is_asking = False
        self._made: dict[str, list[_Asked]] = {}
        for place in range(len(self._lines)):
            self._connect(place)
        in_thread(_prepared, lambda _: None)

    def take(self, head: bytes, *, peer: str, is_proxy_trusted: bool, reply: Reply) -> bool:
        """Whether it is answered here: `reply` is called then, now or later. peer: the other end's address."""
        arrived, began = time.monotonic(), time.perf_counter()
        environ = environ_of(head, is_proxy_trusted=is_proxy_trusted)
        if environ is None:
            return False
        environ["REMOTE_ADDR"] = peer
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        view, where = view_at(path)
        if view is None or not is_plain(environ, query):
            return False
        return self._go_on(_Asked(environ, view, where, key_of(path, query), arrived, began, reply))

    def _go_on(self, asked: _Asked) -> bool:
        if found := known(asked.key, asked.arrived):
            self._answer(asked, found)
            return True
        if shelf.get(asked.key) is not None and not kept.is_trusted(asked.arrived):
            return self._wonder(asked)
        return self._make(asked)

    def _wonder(self, asked: _Asked) -> bool:
        """Ask whether what is kept still stands, unless somebody does."""
        line = self._line(0)
        if line is None:
            return False
        self._wondering.append(asked)
        if not self._is_asking:
            self._is_asking = True
            self._ask(0, line, Question(ASK_TOUCHED), partial(self._heard_of_touched, time.monotonic()))
        return True

    def _heard_of_touched(self, when: float, rows: Rows | None) -> None:
        waiting, self._wondering, self._is_asking = self._wondering, [], False
        if rows:
            journal.hear(when, rows[0][0])
        for asked in waiting:
            if not rows or not self._go_on(asked):
                asked.reply(None)

    def _make(self, asked: _Asked) -> bool:
        line = self._line(1)
        if line is None or line.on_their_way > MOST_ON_THEIR_WAY or (asked.view.is_shared and shared() is not None):
            return False
        if shelf.limit and (others := self._made.get(asked.key)) is not None:
            others.append(asked)
            return True
        query = asked.environ["QUERY_STRING"]
        stood = journal.written  # before it is begun: what is read then is as new, or newer
        try:
            steps = asked.view.steps(QueryDict(query) if query else _NOTHING, asked.where)
        except Exception:
            return False  # refused: the long way says so
        if steps is None:
            return False
        self._made[asked.key] = []
        self._step(asked, steps, stood, None)
        return True

    def _step(self, asked: _Asked, steps: Steps[Told | None], stood: int, rows: Rows | None) -> None:
        try:
            question = next(steps) if rows is None else steps.send(rows)
        except StopIteration as stop:
            if stop.value is None:
                asked.reply(None)
            else:
                self._answer(asked, keep(asked.key, stop.value, stood=stood))
        except Exception:
            asked.reply(None)  # refused, or broken: the long way says so, and writes it down
        else:
            if (line := self._line(1)) is not None:
                self._ask(1, line, question, partial(self._heard, asked, steps, stood))
                return
            asked.reply(None)
        for other in self._made.pop(asked.key, ()):
            if not self._go_on(other):
                other.reply(None)

    def _heard(self, asked: _Asked, steps: Steps[Told | None], stood: int, rows: Rows | None) -> None:
        if rows is not None:
            self._step(asked, steps, stood, rows)
            return
        steps.close()
        for each in [asked, *self._made.pop(asked.key, ())]:
            each.reply(None)

    def _answer(self, asked: _Asked, found: Answer) -> None:
        environ = asked.environ
        request_id, token = begin(environ.get("HTTP_X_REQUEST_ID", ""))
        is_304 = is_known(environ.get("HTTP_IF_NONE_MATCH", ""), found.tag)
        try:
            status = 304 if is_304 else 200
            answered("GET", environ["PATH_INFO"], status, asked.began, client=client_address(environ))
        finally:
            end(token)
        head = b"%b%bX-Request-ID: %b\r\n\r\n" % (
            _head(asked.view, found, environ["wsgi.url_scheme"], is_304), _of_server(int(time.time())), request_id.encode()
        )  # fmt: skip
        asked.reply([head] if is_304 else [head, found.body])

    def _line(self, place: int) -> Line | None:
        """The line, if there is one; else one is on its way, before long."""
        line = self._lines[place]
        if line is not None and line.is_silent(PATIENCE):
            handle = line.fileno()
            self._lines[place] = None  # first: whoever waits, and is told, shall not ask it again
            self._poller.unregister(handle)
            line.hang_up()
            line = None
        if line is None and time.monotonic() > self._not_before[place]:
            self._connect(place)
        return line

    def _connect(self, place: int) -> None:
        self._not_before[place] = time.monotonic() + 60  # until it is known what became of it
        self._in_thread(_connected, partial(self._is_connected, place))

    def _is_connected(self, place: int, line: Line | None) -> None:
        self._not_before[place] = time.monotonic() + REST
        if line is not None:
            self._lines[place], self._is_full[place] = line, False
            self._poller.register(line.fileno(), selectors.EVENT_READ, partial(self._listen, place))

    def _ask(self, place: int, line: Line, question: Question, heard: Heard) -> None:
        handle = line.fileno()
        more = line.ask(question.statement, question.values, heard)
        self._look_after(place, line, handle, more=more)

    def _listen(self, place: int, _handle: Any) -> None:
        if (line := self._lines[place]) is not None:
            handle = line.fileno()
            line.listen()
            self._look_after(place, line, handle, more=line.flush() if not line.is_broken else False)

    def _look_after(self, place: int, line: Line, handle: int, *, more: bool) -> None:
        if line.is_broken:
            if self._lines[place] is line:
                self._poller.unregister(handle)
                self._lines[place] = None
                self._not_before[place] = time.monotonic() + REST
            return
        if more != self._is_full[place]:
            self._is_full[place] = more
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if more else 0)
            self._poller.modify(handle, events, self._poller.get_key(handle).data)


def _prepared() -> None:
    try:
        for _, view in public():
            view.prepare()
    except Exception:
        log.exception("Nothing is prepared: the first to ask will wait")
    finally:
        connection.close()


def _connected() -> Line | None:
    own = connection.copy()
    own.inc_thread_sharing()
    try:
        own.connect()
        return Line(own.connection)
    except Exception:
        log.exception("No line to PostgreSQL; threads ask meanwhile")
        return None


def _head(view: type[PublicView], found: Answer, scheme: str, is_304: bool) -> bytes:
    key = (scheme, is_304)
    if (head := found.heads.get(key)) is None:
        status = "304 Not Modified" if is_304 else "200 OK"
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers_of(view, found, scheme, is_304=is_304))]
        head = found.heads[key] = ("\r\n".join(lines) + "\r\n").encode("latin-1")
    return head


@lru_cache(2)
def _of_server(second: int) -> bytes:
    """What Gunicorn adds to every answer."""
    return f"Server: gunicorn\r\nDate: {formatdate(second, usegmt=True)}\r\nConnection: keep-alive\r\n".encode()
