"""Purges changed responses from the CDN: a job of the worker, in a lane of its own.

Every public response carries surrogate keys (surrogate_keys.py). Triggers write the key of whatever changes to `core_purge` in
the transaction of the change, so no writer can forget it and a rollback leaves nothing behind. The job sends the accumulated
keys, many in one call, and deletes a key once the CDN has confirmed the purge. After a crash keys are sent again, harmlessly.
Nothing waits for the job: while the CDN's API is unreachable, responses stay cached for `s-maxage` at most.
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

MAX_PURGED_KEYS: Final = 3_000  # beyond that, all pages are purged at once
_MAX_PENDING = 200_000
TIMEOUT = (2, 5)  # seconds: to connect, and between two received bytes
MAX_BACKOFF_SECONDS = 300.0
log = logging.getLogger("noirel.cdn")


class PurgeFailed(Exception):
    """The CDN did not confirm a purge. retry_after: the seconds of its Retry-After header, or 0."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True)
class PurgeApi:
    """A CDN's purge endpoint and the protocol (`kind`) it speaks.

    `fastly`: POST with up to 256 keys in a `Surrogate-Key` header and the token in `Fastly-Key` (Fastly's API, "Purge multiple
    surrogate key tags"). Varnish with xkey can be configured to accept the same.
    `cloudflare`: POST of `{"tags": […]}` with a bearer token (Cloudflare's API, "Purge cached content by tag"). Every plan
    accepts 30 tags per call.
    """

    url: str
    kind: str
    token: str

    @property
    def max_keys(self) -> int:
        return 30 if self.kind == "cloudflare" else 256

    def purge(self, keys: Sequence[str]) -> None:
        """Purge everything with one of these surrogate keys. Raises PurgeFailed."""
        request: dict[str, Any] = (
            {"headers": {"Authorization": f"Bearer {self.token}"}, "json": {"tags": list(keys)}}
            if self.kind == "cloudflare"
            else {"headers": {"Fastly-Key": self.token, "Surrogate-Key": " ".join(keys)}}
        )
        try:
            response = requests.post(self.url, timeout=TIMEOUT, allow_redirects=False, **request)
        except requests.RequestException as error:
            raise PurgeFailed(f"it can't be reached: {describe(error)}") from error
        if not 200 <= response.status_code < 300:
            raise PurgeFailed(
                f"it answered {response.status_code}: {response.text[:200]}", _seconds(response.headers.get("Retry-After"))
            )
        if self.kind == "cloudflare" and '"success":true' not in response.text.replace(" ", ""):
            raise PurgeFailed(f"it did not succeed: {response.text[:200]}")


class Purger:
    """The purging state of one worker process."""

    def __init__(self) -> None:
        self._version: bytes | None = None  # of the catalogue when LISTS was last purged; None: purge it first
        self._not_before = 0.0
        self._backoff = 0.0

    def purge_pending(self, api: PurgeApi) -> None:
        """Purge what has changed since the last call. After a failure, do nothing until an exponential back-off has passed."""
        if time.monotonic() < self._not_before:
            return
        version = query_text(SELECT_VERSION)
        pending = list(Purge.objects.order_by("id").values_list("id", "name")[:_MAX_PENDING])
        if version == self._version and not pending:
            return
        # Processes may serve the old response for as long (responses.py), and the CDN must not fetch it again.
        time.sleep(settings.READS_TRUSTED_MS / 1000)
        try:
            if version != self._version:
                api.purge([LISTS])
                self._version = version
            for ids, keys in _batches(pending, api.max_keys):
                api.purge(keys)
                _delete_pending(ids)
        except PurgeFailed as failure:
            self._backoff = min(MAX_BACKOFF_SECONDS, max(failure.retry_after, 2 * self._backoff, 5.0))
            self._not_before = time.monotonic() + self._backoff
            log.warning("The CDN was not purged; next attempt in %d s: %s", self._backoff, str(failure))
        else:
            self._backoff = 0.0


def _batches(pending: Sequence[tuple[int, str]], max_keys: int) -> Iterator[tuple[list[int], list[str]]]:
    """For each call: the ids of the `core_purge` rows it covers, and the keys to send."""
    rows: dict[str, list[int]] = {}
    for row, name in pending:
        rows.setdefault(encoded(name), []).append(row)
    if len(rows) > MAX_PURGED_KEYS:
        yield [row for row, _ in pending], [PAGES]
        return
    keys = list(rows)
    for start in range(0, len(keys), max_keys):
        batch = keys[start : start + max_keys]
        yield [row for key in batch for row in rows[key]], batch


def _delete_pending(rows: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_purge WHERE id = ANY(%s)", [list(rows)])


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else 0.0


_purger = Purger()


def purge_changed() -> None:
    """Scheduled job: purge changed responses from the CDN, or discard the recorded keys where no CDN is configured."""
    if settings.CDN_PURGE_URL:
        _purger.purge_pending(PurgeApi(settings.CDN_PURGE_URL, settings.CDN_PURGE_KIND, settings.CDN_PURGE_TOKEN))
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_purge")
