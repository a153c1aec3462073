"""One floor: the same bytes from memory, by the same Gunicorn. It knows nothing, looks nothing up and writes no log.

`gunicorn ops.bench.catalogue.trivial:application`, with BODIES naming a folder of files; a question with If-None-Match
is answered 304.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

BODIES = {
    f"/{file.name}": file.read_bytes()
    for file in Path(os.environ.get("BODIES", "/nowhere")).glob("*")
    if file.is_file()
}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if "HTTP_IF_NONE_MATCH" in environ:
        start_response("304 Not Modified", [("ETag", environ["HTTP_IF_NONE_MATCH"])])
        return []
    body = BODIES[environ["PATH_INFO"]]
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
