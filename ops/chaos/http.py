"""One question, one connection, one answer or none: what is killed in between must not be retried behind our back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

ANSWER_WITHIN = 35.0  # seconds: longer than Gunicorn lets a request live


class NoAnswer(Exception):
    """The other side was not there, hung up, or took too long: what it did is unknown."""


class NotReached(NoAnswer):
    """Nobody took the connection: nothing was done."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any

    @property
    def code(self) -> str:
        """The problem's code, for answers that are problems."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


async def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """Ask a program on this machine. Raises NotReached, NoAnswer."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 5)
    except (OSError, TimeoutError) as error:
        raise NotReached(str(error)) from error
    try:
        return await asyncio.wait_for(_exchange(reader, writer, method, path, body, headers), ANSWER_WITHIN)
    except (OSError, TimeoutError, ValueError, IndexError, asyncio.IncompleteReadError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    finally:
        writer.close()


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", f"Content-Length: {len(content)}"]
    if content:
        lines.append("Content-Type: application/json")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + content)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), None)
    told = await (reader.read() if length is None else reader.readexactly(length))
    return Answer(int(head.split(" ", 2)[1]), json.loads(told) if told[:1] in (b"{", b"[") else None)
