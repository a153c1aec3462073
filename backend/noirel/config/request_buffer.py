"""Reads one HTTP/1.1 request as its bytes arrive, without blocking, so that no thread waits for a slow client.

The head is framed strictly (RFC 9112 section 6): one decimal Content-Length, or `Transfer-Encoding: chunked` alone; anything
else is refused. A chunked body is decoded and the head rewritten with the Content-Length it turned out to have, because WSGI
applications read no body without one. Everything else in the head is left to Gunicorn's parser.
"""

import re
import tempfile
from collections.abc import Callable
from typing import IO

MAX_HEAD_BYTES = 64 * 1024
MAX_CHUNK_LINE_BYTES = 1024
MAX_TRAILER_BYTES = 8 * 1024
MEMORY_BYTES = 64 * 1024  # of a body; the rest of it goes to a temporary file

_LENGTH = re.compile(rb"[0-9]{1,15}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ ]+) HTTP/1\.([01])")


class Refused(Exception):
    """The request can't be read to its end. `status` is what to answer before the connection is closed."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class RequestBuffer:
    """One request. `limit_for(path)` is the largest body accepted at a path, in bytes."""

    def __init__(self, limit_for: Callable[[str], int]) -> None:
        self.head = bytearray()
        self.body: IO[bytes] | None = None
        self.received = 0  # bytes of the body so far
        self.rest = b""  # what came behind the request: the beginning of the next one
        self.expects_continue = False
        self._limit_for = limit_for
        self._limit = 0
        self._has_head = False
        self._remaining = 0  # bytes of a Content-Length body, or of the current chunk
        self._is_chunked = False
        self._chunk: Callable[[bytearray], bool] = self._chunk_size
        self._pending = bytearray()  # undecoded bytes of a chunked body
        self._trailer_bytes = 0

    @property
    def has_begun(self) -> bool:
        return bool(self.head)

    @property
    def has_head(self) -> bool:
        return self._has_head

    def feed(self, data: bytes) -> bool:
        """Take what has arrived; True once the request is complete. Raises Refused."""
        if not self._has_head:
            if not self.head:
                data = data.lstrip(b"\r\n")  # RFC 9112 section 2.2: empty lines before a request are ignored
            searched = max(0, len(self.head) - 3)
            self.head += data
            end = self.head.find(b"\r\n\r\n", searched)
            if end < 0 or end > MAX_HEAD_BYTES:
                if len(self.head) > MAX_HEAD_BYTES:
                    raise Refused(431)
                return False
            data = bytes(self.head[end + 4 :])
            del self.head[end + 4 :]
            self._has_head = True
            self._read_framing()
        return self._feed_chunked(data) if self._is_chunked else self._feed_length(data)

    def close(self) -> None:
        if self.body is not None:
            self.body.close()
            self.body = None

    def _read_framing(self) -> None:
        lowered = bytes(self.head).lower()
        if b"\r\ncontent-length" not in lowered and b"\r\ntransfer-encoding" not in lowered:
            return
        lines = bytes(self.head[:-4]).split(b"\r\n")
        lengths, encodings = self._framing_fields(lines[1:])
        request_line = _REQUEST_LINE.fullmatch(lines[0])
        if request_line is None or len(lengths) + len(encodings) > 1:
            raise Refused(400)
        path = request_line[2].partition(b"?")[0].decode("latin-1")
        if encodings:
            if encodings[0] != b"chunked":
                raise Refused(501)
            if request_line[3] == b"0":
                raise Refused(400)
            self._is_chunked, self._limit = True, self._limit_for(path)
        elif lengths:
            if not _LENGTH.fullmatch(lengths[0]):
                raise Refused(400)
            self._remaining = int(lengths[0])
            if self._remaining:
                self._limit = self._limit_for(path)
                if self._remaining > self._limit:
                    raise Refused(413)

    def _framing_fields(self, lines: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """The values of Content-Length and of Transfer-Encoding. Raises Refused for a folded line (RFC 9112, 5.2)."""
        lengths, encodings = [], []
        for line in lines:
            if line[:1] in {b" ", b"\t"}:
                raise Refused(400)
            name, _, value = line.partition(b":")
            match name.lower():
                case b"content-length":
                    lengths.append(value.strip(b" \t"))
                case b"transfer-encoding":
                    encodings.append(value.strip(b" \t").lower())
                case b"expect":
                    self.expects_continue = value.strip(b" \t").lower() == b"100-continue"
        return lengths, encodings

    def _write(self, data: bytes | bytearray) -> None:
        self.received += len(data)
        if self.received > self._limit:
            raise Refused(413)
        if self.body is None:
            self.body = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115
        self.body.write(data)

    def _feed_length(self, data: bytes) -> bool:
        if self._remaining:
            self._write(data[: self._remaining])
            data, self._remaining = data[self._remaining :], max(0, self._remaining - len(data))
        if self._remaining:
            return False
        return self._complete(data)

    def _feed_chunked(self, data: bytes) -> bool:
        self._pending += data
        while self._chunk(self._pending):
            if self._chunk == self._end:
                self._replace_headers({b"transfer-encoding", b"trailer"}, b"Content-Length: %d" % self.received)
                return self._complete(bytes(self._pending))
        return False

    def _chunk_size(self, pending: bytearray) -> bool:
        line = self._line(pending, MAX_CHUNK_LINE_BYTES)
        if line is None:
            return False
        size = _CHUNK_SIZE.fullmatch(line)
        if size is None or b"\r" in line or b"\n" in line:
            raise Refused(400)
        self._remaining = int(size[1], 16)
        if self._remaining > self._limit:
            raise Refused(413)
        self._chunk = self._chunk_data if self._remaining else self._trailer
        return True

    def _chunk_data(self, pending: bytearray) -> bool:
        if self._remaining:
            part = pending[: self._remaining]
            self._write(part)
            self._remaining -= len(part)
            del pending[: len(part)]
        if self._remaining or len(pending) < 2:
            return False
        if pending[:2] != b"\r\n":
            raise Refused(400)
        del pending[:2]
        self._chunk = self._chunk_size
        return True

    def _trailer(self, pending: bytearray) -> bool:
        line = self._line(pending, MAX_TRAILER_BYTES)
        if line is None:
            return False
        self._trailer_bytes += len(line)
        if self._trailer_bytes > MAX_TRAILER_BYTES:
            raise Refused(431)
        if not line:
            self._chunk = self._end
        return True

    def _end(self, pending: bytearray) -> bool:
        return False

    def _line(self, pending: bytearray, longest: int) -> bytes | None:
        end = pending.find(b"\r\n", 0, longest + 2)
        if end < 0:
            if len(pending) > longest:
                raise Refused(400)
            return None
        line = bytes(pending[:end])
        del pending[: end + 2]
        return line

    def _replace_headers(self, dropped: set[bytes], *added: bytes) -> None:
        lines = bytes(self.head[:-4]).split(b"\r\n")
        kept = [line for line in lines if line.partition(b":")[0].lower() not in dropped]
        self.head = bytearray(b"\r\n".join([*kept, *added, b"", b""]))

    def _complete(self, rest: bytes) -> bool:
        self.rest = rest
        if self.expects_continue:  # answered by whoever called feed(): Gunicorn would answer it once more
            self._replace_headers({b"expect"})
        if self.body is not None:
            self.body.seek(0)
        return True
