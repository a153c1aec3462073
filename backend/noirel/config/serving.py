"""Gunicorn's threads, and before them a loop that gives public answers itself: `--worker-class noirel.config.serving.Worker`.

Gunicorn's own worker hands each request to a thread, which takes turns with the others and with the loop that hands out: that
costs more than all that is done for a kept answer. Here the loop reads the request and gives it to the application's lane
(core/api/quick/lane.py). What is not for the lane goes on as ever, with the bytes that were read, to Gunicorn's parser and a
thread; so does everything if the application has no lane, or if Gunicorn is set to do something about each request.
"""

import selectors
import time
from functools import partial
from typing import Any

from gunicorn.config import KNOWN_SETTINGS
from gunicorn.http.message import HeaderPolicy
from gunicorn.workers.gthread import TConn, ThreadWorker

_AT_A_TIME = 16 * 1024  # bytes of a request; its head is shorter, if it is for the lane
# If one of these is set, each request is to be seen by Gunicorn.
_SEEN = (
    "accesslog", "logconfig", "logconfig_dict", "logconfig_json", "statsd_host", "pre_request", "post_request", "max_requests",
    "certfile", "keyfile", "http2_cleartext", "proxy_protocol", "protocol", "http_protocols", "limit_request_line",
    "limit_request_fields", "limit_request_field_size",
)  # fmt: skip


class _Peer(HeaderPolicy):  # type: ignore[misc]
    """Whether somebody may say that his own caller came by https: Gunicorn's rule."""

    def __init__(self, cfg: Any, address: Any) -> None:
        self.cfg, self.peer_addr = cfg, address


class Worker(ThreadWorker):  # type: ignore[misc]
    _lane: Any = None

    def run(self) -> None:
        make = getattr(self.wsgi, "lane", None)
        defaults = {setting.name: setting().get() for setting in KNOWN_SETTINGS}
        if (
            make is not None
            and self.cfg.keepalive
            and all(self.cfg.settings[name].get() == defaults[name] for name in _SEEN if name in defaults)
        ):
            self._lane = make(self.poller, self._in_thread)
        super().run()

    def accept(self, listener: Any) -> None:
        """Wait for what a caller has to say before a thread is given to it."""
        if self._lane is None:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        client.setblocking(False)
        conn = TConn(self.cfg, client, address, listener.getsockname())
        conn.is_trusted = _Peer(self.cfg, address)._peer_is_trusted_proxy()
        conn.timeout = time.monotonic() + self.cfg.keepalive
        conn.init()
        client.setblocking(False)
        conn.is_waiting = conn.is_paused = False
        self.keepalived_conns.append(conn)
        self.poller.register(client, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        if self._lane is None or not self.alive:
            super().on_client_socket_readable(conn, client)
            return
        if conn.is_waiting:
            # It says more before it was answered, or has hung up: that is looked at afterwards.
            conn.is_paused = True
            self.poller.unregister(client)
            return
        try:
            head = client.recv(_AT_A_TIME)
        except BlockingIOError:
            return
        except OSError:
            self._hang_up(conn)
            return
        if not head:
            self._hang_up(conn)
            return
        conn.is_waiting, conn.is_paused = True, False
        if not self._lane.take(head, is_proxy_trusted=conn.is_trusted, reply=partial(self._reply, conn, head)):
            self._long_way(conn, head)

    def _reply(self, conn: Any, head: bytes, parts: list[bytes] | None) -> None:
        if conn.sock.fileno() < 0:
            return  # it was closed meanwhile
        if parts is None:
            self._long_way(conn, head)
            return
        self.nr += 1
        now = time.monotonic()
        if conn.timeout - now < self.cfg.keepalive - 1:  # those that are due first stand first
            self.keepalived_conns.remove(conn)
            conn.timeout = now + self.cfg.keepalive
            self.keepalived_conns.append(conn)
        self._send(conn, parts)

    def _send(self, conn: Any, parts: list[bytes]) -> None:
        try:
            sent = conn.sock.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._hang_up(conn)
            return
        if sent == sum(map(len, parts)):
            self._answered(conn)
            return
        rest = b"".join(parts)[sent:]
        callback = partial(self._on_writable, conn, rest)
        if conn.is_paused:
            conn.is_paused = False
            self.poller.register(conn.sock, selectors.EVENT_WRITE, callback)
        else:
            self.poller.modify(conn.sock, selectors.EVENT_WRITE, callback)

    def _on_writable(self, conn: Any, rest: bytes, _client: Any) -> None:
        self.poller.unregister(conn.sock)
        conn.is_paused = True
        self._send(conn, [rest])

    def _answered(self, conn: Any) -> None:
        conn.is_waiting = False
        if conn.is_paused:
            conn.is_paused = False
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _long_way(self, conn: Any, head: bytes) -> None:
        """A thread's, with what was read."""
        conn.is_waiting = False
        conn.parser.unreader.unread(head)
        if not conn.is_paused:
            self.poller.unregister(conn.sock)
        self.keepalived_conns.remove(conn)
        self.enqueue_req(conn)

    def _hang_up(self, conn: Any) -> None:
        if not conn.is_paused:
            self.poller.unregister(conn.sock)
        self.keepalived_conns.remove(conn)
        self.nr_conns -= 1
        conn.close()

    def _in_thread(self, work: Any, then: Any) -> None:
        done = self.tpool.submit(work)
        done.add_done_callback(lambda _: self.method_queue.defer(then, done.result()))
