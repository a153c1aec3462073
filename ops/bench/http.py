"""As much HTTP/1.1 as two programs need that must cost next to nothing: one request at a time on a kept connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Handler = Callable[[str, str, dict[bytes, bytes], bytes], tuple[int, bytes]]


class _Messages(asyncio.Protocol):
    """Cuts a stream into a first line, headers and a body of the length it states."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (cut := self._buffer.find(b"\r\n\r\n")) >= 0:
            first, *lines = self._buffer[:cut].split(b"\r\n")
            headers = {}
            for line in lines:
                name, _, value = line.partition(b":")
                headers[name.strip().lower()] = value.strip()
            end = cut + 4 + int(headers.get(b"content-length", b"0"))
            if len(self._buffer) < end:
                return
            body, self._buffer = self._buffer[cut + 4 : end], self._buffer[end:]
            self.message(first.decode(), headers, body)

    def message(self, first: str, headers: dict[bytes, bytes], body: bytes) -> None:
        raise NotImplementedError


class Answering(_Messages):
    """The server's end of a connection."""

    def __init__(self, handler: Handler) -> None:
        super().__init__()
        self._handler = handler

    def message(self, first: str, headers: dict[bytes, bytes], body: bytes) -> None:
        method, path, _ = first.split(" ", 2)
        status, answer = self._handler(method, path, headers, body)
        head = f"HTTP/1.1 {status} .\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        self.transport.write(head.encode() + answer)


class Asking(_Messages):
    """The client's end of a connection. Raises ConnectionError for a question that gets no answer."""

    _answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(f"the connection ended: {error or 'closed'}"))

    def message(self, first: str, headers: dict[bytes, bytes], body: bytes) -> None:
        assert self._answer is not None
        if not self._answer.done():
            self._answer.set_result((int(first.split(" ", 2)[1]), body))

    def ask(self, path: str, body: bytes, more: str = "") -> Awaitable[tuple[int, bytes]]:
        """POST, and the answer to it. more: further header lines, each with its line end."""
        self._answer = asyncio.get_running_loop().create_future()
        if self.transport.is_closing():
            self._answer.set_exception(ConnectionError("the connection was closed"))
        else:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}"
            self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return self._answer


async def connect(port: int) -> Asking:
    _, asking = await asyncio.get_running_loop().create_connection(Asking, "127.0.0.1", port)
    return asking
