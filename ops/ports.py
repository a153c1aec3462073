"""Ports: the two that people see, and the free ones behind them."""

from __future__ import annotations

import errno
import socket


class PortTaken(Exception):
    """Something else listens there; the message names the port and the variable that moves it."""


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(port: int, *, variable: str) -> None:
    """Raises PortTaken if somebody listens on port, or it may not be used, on either loopback address."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT is not taken
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise PortTaken(f"Port {port} is taken: set {variable} to a free one.") from None
                if error.errno == errno.EACCES:
                    raise PortTaken(f"Port {port} may not be used: set {variable} to one above 1023.") from None
                # no IPv6 here: fine
