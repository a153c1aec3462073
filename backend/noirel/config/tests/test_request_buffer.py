"""A request is read the same however its bytes arrive, and only if there is one way to read it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noirel.config.request_buffer import Refused, RequestBuffer

LIMIT = 10_000


def read(data: bytes, cuts: list[int]) -> tuple[bytes, bytes, bytes] | int | None:
    """Head, body and what follows; the status of a refusal; None for a request that isn't complete."""
    buffer = RequestBuffer(lambda path: LIMIT if path == "/x" else 0)
    edges = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    rest = b""
    is_complete = False
    try:
        for start, end in pairwise(edges):
            if is_complete:
                rest += data[start:end]
            elif buffer.feed(data[start:end]):
                is_complete, rest = True, buffer.rest
        return (bytes(buffer.head), buffer.body.read() if buffer.body else b"", rest) if is_complete else None
    except Refused as refused:
        return refused.status
    finally:
        buffer.close()


def head(*lines: bytes) -> bytes:
    return b"\r\n".join([b"POST /x?a=b HTTP/1.1", b"Host: localhost", *lines, b"", b""])


CUTS = st.lists(st.integers(0, 5000), max_size=20)


@given(body=st.binary(max_size=500), rest=st.binary(max_size=50), cuts=CUTS)
def test_a_body_of_known_length_ends_where_it_says(body: bytes, rest: bytes, cuts: list[int]) -> None:
    request = head(b"Content-Length: %d" % len(body))
    assert read(request + body + rest, cuts) == (request, body, rest)


@given(chunks=st.lists(st.binary(min_size=1, max_size=100), max_size=8), rest=st.binary(max_size=50), cuts=CUTS)
def test_a_chunked_body_is_decoded_and_given_its_length(chunks: list[bytes], rest: bytes, cuts: list[int]) -> None:
    coded = b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\nTrailer: x\r\n\r\n"
    body = b"".join(chunks)
    told = read(head(b"transfer-encoding: Chunked", b"Accept: */*") + coded + rest, cuts)
    assert told == (head(b"Accept: */*", b"Content-Length: %d" % len(body)), body, rest)


@given(size=st.integers(LIMIT + 1, LIMIT * 2), cuts=CUTS)
def test_a_body_beyond_the_limit_is_refused_before_it_is_held(size: int, cuts: list[int]) -> None:
    assert read(head(b"Content-Length: %d" % size), cuts) == 413
    assert read(head(b"Transfer-Encoding: chunked") + b"%x\r\n" % size, cuts) == 413
    many = b"".join(b"64\r\n%b\r\n" % bytes(100) for _ in range(size // 100 + 1))
    assert read(head(b"Transfer-Encoding: chunked") + many, cuts) == 413


@given(noise=st.binary(max_size=300), cuts=CUTS)
def test_whatever_is_sent_is_read_refused_or_waited_for(noise: bytes, cuts: list[int]) -> None:
    read(head(b"Transfer-Encoding: chunked") + noise, cuts)
    read(noise, cuts)
    assert read(head(b"Content-Length: 5", b"Transfer-Encoding: chunked") + noise, cuts) == 400


@pytest.mark.parametrize("line", [b"Content-Length : 5", b"Content_Length: 5"])
def test_a_header_that_only_looks_like_a_length_is_left_to_gunicorn(line: bytes) -> None:
    assert read(head(line) + b"hello", []) == (head(line), b"", b"hello")
