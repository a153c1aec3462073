"""GETs on kept connections, one after the other on each, as fast as they are answered.

A process of its own, `python -m ops.bench.catalogue.load`: sockets and epoll, and nothing read but the status and the
length, so that it takes little of the machine it shares.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle


@dataclass
class Task:
    """asks: (path, further header lines) in turn; seconds: of measuring, after a tenth of that unmeasured."""

    port: int
    asks: list[tuple[str, str]]
    clients: int
    seconds: float


@dataclass
class Seen:
    """spans: ms of each answer; bytes of bodies; statuses, as text."""

    spans: list[float] = field(default_factory=list)
    seconds: float = 0.0
    size: int = 0
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.spans) / self.seconds if self.seconds else 0.0


class _Connection:
    """One question at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self.status = ""
        self.length = 0
        self._missing = -1
        self._head = b""

    def ask(self, request: bytes) -> None:
        self._missing, self._head = -1, b""
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def is_answered(self, room: memoryview) -> bool:
        """Read what has come; room is where bodies go, unread."""
        came = self.socket.recv_into(room)
        if not came:
            raise ConnectionError("the server hung up")
        if self._missing >= 0:
            self._missing -= came
        else:
            self._head += bytes(room[:came])
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.status = self._head[9:12].decode()
            at = self._head.lower().find(b"content-length:", 0, end)
            line_end = self._head.find(b"\r\n", at)
            self.length = int(self._head[at + 15 : line_end]) if at >= 0 and self.status != "304" else 0
            self._missing = self.length - (len(self._head) - end - 4)
        return self._missing <= 0


def run(task: Task) -> Seen:
    """Raises ConnectionError."""
    requests = _requests(task)
    connections = {}
    waiting = select.epoll()
    for _ in range(task.clients):
        connection = _Connection(task.port)
        connections[connection.socket.fileno()] = connection
        waiting.register(connection.socket.fileno(), select.EPOLLIN)
        connection.ask(next(requests))
    room = memoryview(bytearray(1 << 18))
    seen, statuses = Seen(), Counter[str]()
    begin = time.perf_counter() + task.seconds / 10
    end = begin + task.seconds
    while (now := time.perf_counter()) < end:
        for handle, _ in waiting.poll(1.0):
            connection = connections[handle]
            if not connection.is_answered(room):
                continue
            now = time.perf_counter()
            if begin <= now <= end:
                seen.spans.append((now - connection.began) * 1000)
                seen.size += connection.length
                statuses[connection.status] += 1
            connection.ask(next(requests))
    seen.seconds, seen.statuses = task.seconds, dict(statuses)
    return seen


def _requests(task: Task) -> Iterator[bytes]:
    # Those of a browser, as far as anything looks at them.
    lines = "Host: localhost\r\nAccept: application/json\r\nAccept-Encoding: gzip, br\r\n"
    return cycle([f"GET {path} HTTP/1.1\r\n{lines}{more}\r\n".encode() for path, more in task.asks])


def main() -> None:
    given = json.load(sys.stdin)
    given["asks"] = [(path, more) for path, more in given["asks"]]
    json.dump(asdict(run(Task(**given))), sys.stdout)


if __name__ == "__main__":
    main()
