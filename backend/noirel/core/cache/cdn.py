"""Telling the shared cache in front of the shop, a CDN, what it has to forget: a job of the worker's, in a lane of its own.

Every public answer carries the names of what is in it (api/public.py). What changes leaves its name in `core_purge`, by
triggers, in the transaction that changes it: no writer can forget it, and what is rolled back is told to nobody. The job sends
what has been left since, many names in one call, and throws a name away when the edge has said that it did as told; so it is
told again after a crash, and what is told twice is forgotten twice. Nobody waits for it: an edge that is away keeps answers for
`s-maxage` at the longest, as without all this.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import requests
from django.conf import settings
from django.db import connection

from noirel.core.cache.responses import query_text
from noirel.core.cache.surrogate_keys import LISTS, PAGES, encoded
from noirel.core.cache.versions import SELECT_VERSION
from noirel.core.error_description import describe
from noirel.core.models import Purge

MAX_PURGED_KEYS: Final = 3_000  # more than that have changed: all pages are forgotten
_MAX_PENDING = 200_000
TIMEOUT = (2, 5)  # seconds to connect, and between two bytes
MAX_BACKOFF_SECONDS = 300.0
log = logging.getLogger("noirel.edge")


class PurgeFailed(Exception):
    """The edge did not do as it was told. after: seconds that it asked to be left alone for; 0: it said nothing of that."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.retry_after = after


@dataclass(frozen=True)
class PurgeApi:
    """url: where names are sent to be forgotten; kind: how.

    `fastly`: POST with the names in a `Surrogate-Key` header and the token in `Fastly-Key`, 256 at most (Fastly's API, "Purge
    multiple surrogate key tags"); Varnish with xkey can be taught the same. `cloudflare`: POST of `{"tags": […]}` with a bearer
    token (Cloudflare's API, "Purge cached content by tag"), of which 30 are taken on every plan.
    """

    url: str
    kind: str
    token: str

    @property
    def max_keys(self) -> int:
        return 30 if self.kind == "cloudflare" else 256

    def purge(self, names: Sequence[str]) -> None:
        """Raises NotPurged."""
        asked: dict[str, Any] = (
            {"headers": {"Authorization": f"Bearer {self.token}"}, "json": {"tags": list(names)}}
            if self.kind == "cloudflare"
            else {"headers": {"Fastly-Key": self.token, "Surrogate-Key": " ".join(names)}}
        )
        try:
            answer = requests.post(self.url, timeout=TIMEOUT, allow_redirects=False, **asked)
        except requests.RequestException as error:
            raise PurgeFailed(f"it cannot be reached: {describe(error)}") from error
        if not 200 <= answer.status_code < 300:
            raise PurgeFailed(
                f"it answered {answer.status_code}: {answer.text[:200]}", _seconds(answer.headers.get("Retry-After"))
            )
        if self.kind == "cloudflare" and '"success":true' not in answer.text.replace(" ", ""):
            raise PurgeFailed(f"it did not succeed: {answer.text[:200]}")


class Purger:
    """What a worker has told the edge."""

    def __init__(self) -> None:
        self._version: bytes | None = None  # of the lists that it was told to forget last; a worker that starts tells it anew
        self._not_before = 0.0
        self._backoff = 0.0

    def purge_pending(self, edge: PurgeApi) -> None:
        """Send what has changed since; after a refusal not before a while, which grows."""
        if time.monotonic() < self._not_before:
            return
        edition = query_text(SELECT_VERSION)
        left = list(Purge.objects.order_by("id").values_list("id", "name")[:_MAX_PENDING])
        if edition == self._version and not left:
            return
        # So long a process may give what it was told before (kept.py): the edge shall not fetch that again.
        time.sleep(settings.READS_TRUSTED_MS / 1000)
        try:
            if edition != self._version:
                edge.purge([LISTS])
                self._version = edition
            for ids, names in _batches(left, edge.max_keys):
                edge.purge(names)
                _delete_pending(ids)
        except PurgeFailed as refused:
            self._backoff = min(MAX_BACKOFF_SECONDS, max(refused.retry_after, 2 * self._backoff, 5.0))
            self._not_before = time.monotonic() + self._backoff
            log.warning("The edge keeps what has changed, and is told again in %d s: %s", self._backoff, str(refused))
        else:
            self._backoff = 0.0


def _batches(left: Sequence[tuple[int, str]], most: int) -> Iterator[tuple[list[int], list[str]]]:
    """What to send in each call, and which rows it is for."""
    rows: dict[str, list[int]] = {}
    for row, name in left:
        rows.setdefault(encoded(name), []).append(row)
    if len(rows) > MAX_PURGED_KEYS:
        yield [row for row, _ in left], [PAGES]
        return
    names = list(rows)
    for at in range(0, len(names), most):
        some = names[at : at + most]
        yield [row for name in some for row in rows[name]], some


def _delete_pending(rows: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_purge WHERE id = ANY(%s)", [list(rows)])


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else 0.0


_purger = Purger()


def purge_changed() -> None:
    """The job: tell the edge, if there is one; else throw away what would be told."""
    if settings.CDN_PURGE_URL:
        _purger.purge_pending(PurgeApi(settings.CDN_PURGE_URL, settings.CDN_PURGE_KIND, settings.CDN_PURGE_TOKEN))
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_purge")
