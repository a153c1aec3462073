"""A CDN's purge API over a real socket, for tests: Fastly's and Cloudflare's, as their documentation has them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class EdgeDouble:
    """purged: what it was told to forget, call by call. Each of `goes_wrong` is done to one call, in their order: a status, or
    seconds of silence."""

    def __init__(self) -> None:
        self.purged: list[list[str]] = []
        self.tokens: set[str] = set()
        self.goes_wrong: list[int | float] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                trouble = double.goes_wrong.pop(0) if double.goes_wrong else 200
                if isinstance(trouble, float):
                    time.sleep(trouble)
                elif trouble == 200:
                    if self.path.endswith("/purge_cache"):
                        double.purged.append(json.loads(body)["tags"])
                        double.tokens.add(self.headers["Authorization"])
                    else:
                        double.purged.append(self.headers["Surrogate-Key"].split(" "))
                        double.tokens.add(self.headers["Fastly-Key"])
                self.send_response(200 if isinstance(trouble, float) else trouble)
                if trouble == 429:
                    self.send_header("Retry-After", "60")
                told = json.dumps({"success": trouble == 200, "status": "ok"}).encode()
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.fastly = f"http://127.0.0.1:{self._server.server_port}/service/abc/purge"
        self.cloudflare = f"http://127.0.0.1:{self._server.server_port}/client/v4/zones/abc/purge_cache"

    @property
    def names(self) -> set[str]:
        return {name for call in self.purged for name in call}

    @contextmanager
    def running(self) -> Iterator["EdgeDouble"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
