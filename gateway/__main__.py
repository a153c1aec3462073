"""`python -m gateway`: serve on 127.0.0.1:GATEWAY_PORT until told to stop."""

import socket
import sys

import uvicorn

from gateway.app import make_app
from gateway.settings import from_environment


def main() -> None:
    settings = from_environment()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", settings.port))
    except OSError as error:
        sys.exit(f"gateway: port {settings.port} can't be used ({error.strerror}); set GATEWAY_PORT to a free one")
    # Without this, the answer's two small packets wait for each other's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"gateway: http://127.0.0.1:{settings.port}  key {settings.account.key_id}", flush=True)
    print(f"gateway: webhooks go to {settings.webhook_url}", flush=True)
    config = uvicorn.Config(
        make_app(settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ws="none",
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
