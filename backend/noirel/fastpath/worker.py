"""A Gunicorn `gthread` worker that reads requests in its event loop: `--worker-class noirel.fastpath.worker.Worker`.

The loop receives every request completely before a thread sees it (config/request_buffer.py), so that clients which send slowly
or stop halfway occupy a socket and no thread. After a deadline they get a 408 and are closed. The loop answers public reads
from the response cache itself (fastpath/event_loop.py): Gunicorn's own worker hands each request to a thread, which costs more
than such a response does.

Every other request goes to Gunicorn's parser and a thread, with the bytes already received. If Gunicorn is configured to act
on each request (an access log, hooks, limits of its own), the fast path is off. With TLS, HTTP/2 or the PROXY protocol, whose
bytes aren't HTTP/1.1 from the start, request buffering is off as well and the worker behaves like `gthread`.
"""

import selectors
import socket
import struct
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.config import KNOWN_SETTINGS
from gunicorn.http import errors
from gunicorn.http.message import HeaderPolicy
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from noirel.config.request_buffer import Refused, RequestBuffer

_HEAD_READ_BYTES = 16 * 1024  # longer than any head the fast path accepts
_BODY_READ_BYTES = 256 * 1024
_MAX_READ_SECONDS = 30 * 60  # for any one request
_MIN_BYTES_PER_SECOND = 16 * 1024  # the deadline of a body moves by one second per this many bytes, for large uploads
_LARGE_BODY_BYTES = 1024 * 1024  # larger bodies count against _MAX_BUFFERED_BYTES
_MAX_BUFFERED_BYTES = 1024 * 1024 * 1024  # of large bodies on disk, per process
_SEND_SECONDS = 30  # longest time a thread waits for a client to read or to send
_LINGER_SECONDS = 2.0  # for a client to close after the last response, before its connection is reset
_LINGER_SECONDS_REFUSED = 10.0  # the same for a client that may still be sending a refused body
# With any of these settings the bytes aren't HTTP/1.1 from the start, and only Gunicorn's own worker can read them.
_OTHER_PROTOCOLS = ("certfile", "keyfile", "http2_cleartext", "proxy_protocol", "protocol", "http_protocols")
# With any of these settings Gunicorn has to see each request.
_DISABLING_SETTINGS = (
    "accesslog", "logconfig", "logconfig_dict", "logconfig_json", "statsd_host", "pre_request", "post_request", "max_requests",
    "limit_request_line", "limit_request_fields", "limit_request_field_size",
)  # fmt: skip
# The status for each exception of Gunicorn's parser; the first match counts. Any other exception is a 500.
_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (errors.InvalidResponseHeader, 500), (errors.InvalidResponseHeaderName, 500), (errors.ConfigurationProblem, 500),
    (errors.LimitRequestLine, 414), (errors.LimitRequestHeaders, 431), (errors.ExpectationFailed, 417),
    (errors.UnsupportedTransferCoding, 501), (errors.ParseException, 400),
)  # fmt: skip


class _PeerPolicy(HeaderPolicy):  # type: ignore[misc]
    """Gunicorn's rule for which peers may set X-Forwarded-Proto (`forwarded_allow_ips`)."""

    def __init__(self, cfg: Any, address: Any) -> None:
        self.cfg, self.peer_addr = cfg, address


class _Unreader(SocketUnreader):  # type: ignore[misc]
    """Feeds Gunicorn's parser the body that was received earlier; the head is put back with `unread`."""

    body: Any = None

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self.body is not None:
            data: bytes = self.body.read(min(max(size_hint or 0, self.mxchunk), self.max_body_chunk))
            if data:
                return data
        return bytes(super().chunk(size_hint))


class _Connection(TConn):  # type: ignore[misc]
    """Idle, answered by the fast path (`is_waiting`), being read (`buffer`), in a thread, or lingering before it is closed."""

    is_waiting = False
    is_paused = False  # not registered with the poller
    is_trusted = False
    buffer: RequestBuffer | None = None
    began = 0.0
    credited = 0  # bytes of the body that have moved the deadline
    deadline = 0.0  # for reading or lingering, by time.monotonic()
    has_continued = False
    large_bytes = 0  # counted against _MAX_BUFFERED_BYTES


class Worker(ThreadWorker):  # type: ignore[misc]
    _event_loop: Any = None
    _is_buffering = False

    def run(self) -> None:
        self._reading: set[_Connection] = set()
        self._lingering: set[_Connection] = set()
        self._buffered_bytes = 0
        self._swept_at = 0.0
        self._thread_local = threading.local()
        make_event_loop = getattr(self.wsgi, "event_loop", None)
        self._limit_for = getattr(self.wsgi, "body_limit", lambda _: _LARGE_BODY_BYTES)
        self._read_seconds = float(getattr(self.wsgi, "read_seconds", 20.0))
        self._is_buffering = self._are_default(_OTHER_PROTOCOLS)
        if make_event_loop and self._is_buffering and self.cfg.keepalive and self._are_default(_DISABLING_SETTINGS):
            self._event_loop = make_event_loop(self.poller, self._run_in_thread)
        super().run()

    def _are_default(self, names: tuple[str, ...]) -> bool:
        defaults = {setting.name: setting().get() for setting in KNOWN_SETTINGS}
        return all(self.cfg.settings[name].get() == defaults[name] for name in names if name in defaults)

    def accept(self, listener: Any) -> None:
        """Accept a connection and wait for a complete request before occupying a thread with it."""
        if not self._is_buffering:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        # Sockets block in a thread; these timeouts bound the wait for a client that doesn't read or send.
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            client.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", _SEND_SECONDS, 0))
        conn = _Connection(self.cfg, client, address, listener.getsockname())
        conn.is_trusted = _PeerPolicy(self.cfg, address)._peer_is_trusted_proxy()
        conn.init()
        conn.parser.unreader = _Unreader(client)
        self._wait_for_request(conn)

    def _wait_for_request(self, conn: _Connection) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + (self.cfg.keepalive or self._read_seconds)
        if not self.alive:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        conn.is_waiting = conn.is_paused = False
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        if not isinstance(conn, _Connection):
            super().on_client_socket_readable(conn, client)
            return
        if conn.is_waiting:
            # The client pipelines another request, or has closed: handled after the pending response.
            conn.is_paused = True
            self.poller.unregister(client)
            return
        try:
            data = client.recv(_BODY_READ_BYTES if conn.buffer is not None else _HEAD_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._received(conn, data)
        else:
            self._close(conn)

    def _received(self, conn: _Connection, data: bytes) -> None:
        if conn.buffer is None and self._event_loop is not None and self.alive:
            conn.is_waiting, conn.is_paused = True, False
            address = conn.client[0] if isinstance(conn.client, tuple) else ""
            reply = partial(self._reply, conn, data)
            if self._event_loop.handle(data, peer=address, is_proxy_trusted=conn.is_trusted, reply=reply):
                return
            conn.is_waiting = False
        self._read(conn, data)

    def _begin_reading(self, conn: _Connection) -> RequestBuffer:
        self.keepalived_conns.remove(conn)
        self._reading.add(conn)
        buffer = conn.buffer = RequestBuffer(self._limit_for)
        conn.has_continued = False
        conn.began = time.monotonic()
        conn.deadline = conn.began + self._read_seconds
        conn.credited = 0
        return buffer

    def _read(self, conn: _Connection, data: bytes) -> None:
        buffer = conn.buffer or self._begin_reading(conn)
        try:
            is_complete = buffer.feed(data)
            self._count_buffered(conn, buffer.received if buffer.received > _LARGE_BODY_BYTES else 0)
        except Refused as refused:
            self._refuse(conn, refused.status)
            return
        if is_complete:
            self._to_thread(conn, buffer)
            return
        # No more than the usual time is ever in hand: a body sent quickly must not earn hours of silence.
        earned = (buffer.received - conn.credited) / _MIN_BYTES_PER_SECOND
        conn.credited = buffer.received
        deadline = min(conn.deadline + earned, time.monotonic() + self._read_seconds)
        conn.deadline = min(deadline, conn.began + max(_MAX_READ_SECONDS, self._read_seconds))
        if buffer.expects_continue and not conn.has_continued:
            conn.has_continued = True
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if conn.is_paused:
            conn.is_paused = False
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _count_buffered(self, conn: _Connection, size: int) -> None:
        self._buffered_bytes += size - conn.large_bytes
        conn.large_bytes = size
        if self._buffered_bytes > _MAX_BUFFERED_BYTES:
            raise Refused(503)

    def _to_thread(self, conn: _Connection, buffer: RequestBuffer) -> None:
        self._reading.discard(conn)
        if not conn.is_paused:
            self.poller.unregister(conn.sock)
            conn.is_paused = True
        conn.parser.unreader.unread(bytes(buffer.head))
        conn.parser.unreader.body = buffer.body
        self.enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        self._thread_local.conn = conn
        return super().handle(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Respond with a problem where Gunicorn's parser or the application raised.

        Gunicorn would send an HTML page that quotes the request, and log the header that it could not parse.
        """
        conn = getattr(self._thread_local, "conn", None)
        make_refusal = getattr(self.wsgi, "refusal", None)
        if make_refusal is None or not isinstance(conn, _Connection) or conn.buffer is None:
            super().handle_error(req, client, addr, exc)
            return
        status = next((status for exception_type, status in _STATUSES if isinstance(exc, exception_type)), 500)
        if status == 500:
            self.log.exception("Error handling a request")
        address = conn.client[0] if isinstance(conn.client, tuple) else ""
        with suppress(OSError):
            client.sendall(make_refusal(status, bytes(conn.buffer.head), peer=address, is_proxy_trusted=conn.is_trusted))

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        # A body that the application didn't read isn't on the socket either: there is nothing to drain.
        return bool(keepalive) if isinstance(conn, _Connection) else bool(super()._keepalive_after(conn, keepalive))

    def finish_request(self, conn: Any, fs: Any) -> None:
        if not isinstance(conn, _Connection):
            super().finish_request(conn, fs)
            return
        next_bytes = conn.buffer.rest if conn.buffer is not None else b""
        self._release(conn)
        if fs.cancelled() or fs.exception() is not None or not fs.result():
            self._linger(conn, _LINGER_SECONDS)
            return
        try:
            self._wait_for_request(conn)
        except (OSError, ValueError):  # closed by the thread
            self.nr_conns -= 1
            conn.close()
            return
        if next_bytes:
            self._received(conn, next_bytes)

    def _release(self, conn: _Connection) -> None:
        """Discard the request's buffer, and what the parser still holds of it."""
        if conn.buffer is not None:
            conn.buffer.close()
            conn.buffer = None
        self._buffered_bytes -= conn.large_bytes
        conn.large_bytes = 0
        conn.parser.unreader.take_buffered()
        conn.parser.unreader.body = None
        conn.parser.mesg = None

    def _refuse(self, conn: _Connection, status: int) -> None:
        """Respond to a request that won't be read to its end, and close the connection."""
        make_refusal = getattr(self.wsgi, "refusal", None)
        head = bytes(conn.buffer.head) if conn.buffer is not None else b""
        address = conn.client[0] if isinstance(conn.client, tuple) else ""
        if make_refusal is not None:
            response = make_refusal(status, head, peer=address, is_proxy_trusted=conn.is_trusted)
        else:
            response = b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status
        self._reading.discard(conn)
        self._release(conn)
        if not conn.is_paused:
            self.poller.unregister(conn.sock)
            conn.is_paused = True
        with suppress(OSError):
            conn.sock.send(response)
        self._linger(conn, _LINGER_SECONDS_REFUSED)

    def _linger(self, conn: _Connection, seconds: float) -> None:
        """Close once the client has: closing with unread bytes resets the connection, and may lose the response.

        Gunicorn's own lingering close would block this thread, and with it all other clients.
        """
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError, KeyError):
            self.nr_conns -= 1
            conn.close()
            return
        conn.is_paused = False
        conn.deadline = time.monotonic() + (seconds if self.alive else min(seconds, 0.5))
        self._lingering.add(conn)

    def _drain(self, conn: _Connection, client: Any) -> None:
        try:
            if client.recv(_BODY_READ_BYTES):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._close(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self._lingering:
            conn.deadline = min(conn.deadline, time.monotonic() + 0.5)

    def murder_pending(self) -> None:
        """Called between events: close connections past their deadline."""
        super().murder_pending()
        now = time.monotonic()
        if not self._is_buffering or now < self._swept_at + 0.25:
            return
        self._swept_at = now
        for conn in [conn for conn in self._reading if conn.deadline < now]:
            self._refuse(conn, 408)
        for conn in [conn for conn in self._lingering if conn.deadline < now]:
            self._close(conn)
        if self.nr_conns >= self.worker_connections:
            self._make_room()

    def _make_room(self) -> None:
        """Close 5 % of the connections at the connection limit: lingering ones first, then idle ones, then those being read."""
        count = max(1, self.worker_connections // 20)
        idle = [conn for conn in self.keepalived_conns if not conn.is_waiting]
        for conn in [*sorted(self._lingering, key=_deadline), *idle, *sorted(self._reading, key=_deadline)][:count]:
            self._close(conn)

    def _reply(self, conn: _Connection, head: bytes, parts: list[bytes] | None) -> None:
        if conn.sock.fileno() < 0:
            return  # the connection was closed in the meantime
        if parts is None:
            conn.is_waiting = False
            self._read(conn, head)
            return
        self.nr += 1
        now = time.monotonic()
        if conn.timeout - now < self.cfg.keepalive - 1:  # once a second at most; the deque is ordered by timeout
            self.keepalived_conns.remove(conn)
            conn.timeout = now + self.cfg.keepalive
            self.keepalived_conns.append(conn)
        self._send(conn, parts)

    def _send(self, conn: _Connection, parts: list[bytes]) -> None:
        try:
            sent = conn.sock.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(conn)
            return
        if sent == sum(map(len, parts)):
            self._on_sent(conn)
            return
        unsent = b"".join(parts)[sent:]
        callback = partial(self._on_writable, conn, unsent)
        if conn.is_paused:
            conn.is_paused = False
            self.poller.register(conn.sock, selectors.EVENT_WRITE, callback)
        else:
            self.poller.modify(conn.sock, selectors.EVENT_WRITE, callback)

    def _on_writable(self, conn: _Connection, unsent: bytes, _client: Any) -> None:
        self.poller.unregister(conn.sock)
        conn.is_paused = True
        self._send(conn, [unsent])

    def _on_sent(self, conn: _Connection) -> None:
        conn.is_waiting = False
        if conn.is_paused:
            conn.is_paused = False
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _close(self, conn: _Connection) -> None:
        if not conn.is_paused:
            self.poller.unregister(conn.sock)
        if conn in self._reading:
            self._reading.discard(conn)
            self._release(conn)
        elif conn in self._lingering:
            self._lingering.discard(conn)
        else:
            self.keepalived_conns.remove(conn)
        self.nr_conns -= 1
        conn.close()

    def _run_in_thread(self, work: Any, then: Any) -> None:
        future = self.tpool.submit(work)
        future.add_done_callback(lambda _: self.method_queue.defer(then, future.result()))


def _deadline(conn: _Connection) -> float:
    return conn.deadline
