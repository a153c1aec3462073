"""The application: its pages, its error answers, and the loop that does what is due."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.bank import Bank
from gateway.doors import Doors
from gateway.errors import Refusal, outside_a_payment, unknown_url
from gateway.faults import Faults
from gateway.rest import Rest
from gateway.settings import Settings
from gateway.store import Store
from gateway.webhooks import Webhooks
from gateway.window import Window

_log = logging.getLogger("gateway")
_TICK_SECONDS = 0.1


class _Doorkeeper:
    """Outermost: gives faults a way to cut the connection, and keeps strange pages away from the test doors."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for_tests = scope["type"] == "http" and scope["path"].startswith("/_test/")
        # A page in a browser sends Origin with every POST; scripts and tests don't. A page whose own name was pointed at
        # 127.0.0.1 (DNS rebinding) sends none with a GET, but names itself in Host.
        headers = scope["headers"] if for_tests else []
        if any(name == b"origin" or (name == b"host" and not _is_loopback(value)) for name, value in headers):
            await JSONResponse(outside_a_payment("Not for browsers.", status=403).body, 403)(scope, receive, send)
            return
        # ASGI knows no way to hang up without an answer; uvicorn's `send` is a method of the cycle that can.
        scope["hang_up"] = lambda: send.__self__.transport.abort()  # type: ignore[attr-defined]
        await self._app(scope, receive, send)


def _is_loopback(host: bytes) -> bool:
    return re.fullmatch(rb"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?", host.lower()) is not None


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return JSONResponse(error.body, error.status)


async def _not_found(request: Request, error: Exception) -> Response:
    """Razorpay answers 400 for addresses and methods it doesn't know."""
    return JSONResponse(unknown_url().body, 400)


def make_app(settings: Settings) -> ASGIApp:
    store = Store(settings.database)
    faults = Faults(store)
    webhooks = Webhooks(store, faults, settings.account, settings.webhook_url)
    bank = Bank(store, faults, webhooks, settings.account)

    async def work() -> None:
        while True:
            try:
                bank.do_due()
                webhooks.send_due()
            except Exception:  # the loop must outlive one bad row; it is logged and tried again
                _log.exception("what was due could not be done")
            await asyncio.sleep(_TICK_SECONDS)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        worker = asyncio.create_task(work())
        yield
        worker.cancel()
        await webhooks.stop()
        store.close()

    async def healthz(request: Request) -> Response:
        store.rows("SELECT 1")
        return JSONResponse({"status": "ok"})

    app = Starlette(
        routes=[
            Route("/healthz", healthz, methods=["GET"]),
            *Doors(bank).routes(),
            *Window(bank).routes(),
            *Rest(bank).routes(),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _not_found, 404: _not_found, 405: _not_found},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return _Doorkeeper(app)
