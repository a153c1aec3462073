"""Webhooks: signed, kept until they are taken, sent again with exponential backoff for 24 hours."""

import asyncio
import contextlib
import http.client
import json
import sqlite3
import urllib.parse
from collections.abc import Mapping
from typing import Any

from gateway.errors import JSON
from gateway.faults import Faults
from gateway.ids import new_event_id
from gateway.settings import Account
from gateway.signatures import sign
from gateway.store import Store

ANSWER_WITHIN_SECONDS = 5
GIVE_UP_AFTER_SECONDS = 24 * 3600
_LONGEST_PAUSE_SECONDS = 3600
_AT_ONCE = 8


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST and answer the status; raises OSError or HTTPException when there is none within 5 seconds."""
    parts = urllib.parse.urlsplit(url)
    secure = parts.scheme == "https"
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(
        parts.hostname or "", parts.port, timeout=ANSWER_WITHIN_SECONDS
    )
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _about(contained: Mapping[str, JSON]) -> dict[str, str]:
    """The ids by which a fault can name what an event is about."""
    payment, order = contained.get("payment", {}), contained.get("order", {})
    return {
        "payment_id": str(payment.get("id") or ""),
        "order_id": str(payment.get("order_id") or order.get("id") or ""),
    }


class Webhooks:
    def __init__(self, store: Store, faults: Faults, account: Account, url: str) -> None:
        self._store, self._faults, self._account, self._url = store, faults, account, url
        self._under_way: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def emit(self, event: str, **contained: JSON) -> None:
        """Queue an event, in the transaction that made it happen. The payload is a snapshot of this moment."""
        now = self._store.now()
        body = json.dumps(
            {
                "entity": "event",
                "account_id": self._account.id,
                "event": event,
                "contains": list(contained),
                "payload": {name: {"entity": entity} for name, entity in contained.items()},
                "created_at": int(now),
            },
            separators=(",", ":"),
        )
        signature = sign(body.encode(), self._account.webhook_secret)
        due_at, state, copies = now, "waiting", 1
        if self._store.note("webhook_disabled") == "yes":
            state = "disabled"
        elif fault := self._faults.take("webhook", event=event, **_about(contained)):
            seconds = float(fault.get("seconds", 5))
            match fault["do"]:
                case "late":
                    due_at += seconds
                case "twice":
                    copies = 2
                case "drop":
                    state = "dropped"
                case "hold":
                    state = "held"
                case "tamper":
                    body, signature = self._tampered(body, signature, str(fault.get("what", "body")))
                case "as":
                    body = body.replace(self._account.id, str(fault["account_id"]), 1)
                    signature = sign(body.encode(), self._account.webhook_secret)
                case "reorder":
                    # What was made later within the window is sent earlier.
                    waiting = self._store.rows("SELECT count(*) AS n FROM webhook WHERE state = 'waiting'")[0]["n"]
                    due_at += max(0.0, seconds / 5 - 0.3 * int(waiting))
        event_id = new_event_id()
        for _ in range(copies):
            self._store.run(
                "INSERT INTO webhook (event_id, event, body, signature, created_at, due_at, state)"
                " VALUES (?,?,?,?,?,?,?)",
                event_id,
                event,
                body,
                signature,
                now,
                due_at,
                state,
            )

    @staticmethod
    def _tampered(body: str, signature: str, what: str) -> tuple[str, str]:
        if what == "signature":
            return body, ("0" if signature[0] != "0" else "1") + signature[1:]
        if what == "missing":
            return body, ""
        event = json.loads(body)
        for part in event["payload"].values():
            if "amount" in part["entity"]:
                part["entity"]["amount"] += 1
        return json.dumps(event, separators=(",", ":")), signature

    # The queue, as the test doors see it.

    def queue(self, *, about: str = "", state: str = "") -> list[JSON]:
        """All events, or those that name an id or are in a state."""
        rows = self._store.rows(
            "SELECT * FROM webhook WHERE instr(body, ?) > 0 AND ? IN ('', state) ORDER BY seq", about, state
        )
        return [self._seen(row) for row in rows]

    @staticmethod
    def _seen(row: sqlite3.Row) -> JSON:
        names = (
            "seq",
            "event_id",
            "event",
            "state",
            "attempts",
            "last_answer",
            "created_at",
            "due_at",
            "signature",
            "body",
        )
        return {name: row[name] for name in names}

    def replay(self, wanted: JSON) -> int:
        """Send events again, as they were: by `event_ids`, `event` or `state`; all without a filter. Returns how many.

        `order` is "created" (default) or "reversed".
        """
        rows = self._store.rows("SELECT * FROM webhook ORDER BY seq")
        ids = wanted.get("event_ids")
        chosen = [
            row
            for row in rows
            if (ids is None or row["event_id"] in ids)
            and wanted.get("event") in (None, row["event"])
            and wanted.get("state") in (None, row["state"])
        ]
        if wanted.get("order") == "reversed":
            chosen.reverse()
        now = self._store.now()
        for place, row in enumerate(chosen):
            self._store.run(
                "UPDATE webhook SET state = 'waiting', attempts = 0, created_at = ?, due_at = ? WHERE seq = ?",
                now,
                now + place * 0.3,
                row["seq"],
            )
        return len(chosen)

    def enable(self) -> None:
        """Switch the webhook on again after 24 hours of failures switched it off."""
        self._store.note("webhook_disabled", "no")

    # Delivery.

    def send_due(self) -> None:
        """Start sending what is due. Runs on the event loop; the waiting for answers happens in threads."""
        room = _AT_ONCE - len(self._under_way)
        if room <= 0:
            return
        rows = self._store.rows(
            "SELECT * FROM webhook WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, seq LIMIT ?",
            self._store.now(),
            _AT_ONCE + len(self._under_way),
        )
        for row in [row for row in rows if row["seq"] not in self._under_way][:room]:
            self._under_way.add(row["seq"])
            task = asyncio.create_task(self._deliver(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, row: sqlite3.Row) -> None:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Razorpay-Webhook/v1",
            "X-Razorpay-Event-Id": row["event_id"],
        }
        if row["signature"]:
            headers["X-Razorpay-Signature"] = row["signature"]
        try:
            status = await asyncio.to_thread(_post, self._url, row["body"].encode(), headers)
            answer, taken = f"HTTP {status}", 200 <= status < 300
        except (OSError, http.client.HTTPException) as error:
            answer, taken = f"{type(error).__name__}: {error}", False
        finally:
            self._under_way.discard(row["seq"])
        self._settle(row, taken=taken, answer=answer)

    def _settle(self, row: sqlite3.Row, *, taken: bool, answer: str) -> None:
        attempts, now = row["attempts"] + 1, self._store.now()
        changes: dict[str, Any] = {"attempts": attempts, "last_answer": answer}
        if taken:
            changes["state"] = "delivered"
        elif now - row["created_at"] >= GIVE_UP_AFTER_SECONDS:
            changes["state"] = "given_up"
            self._store.note("webhook_disabled", "yes")
        else:
            changes["due_at"] = now + min(2.0 ** (attempts - 1), _LONGEST_PAUSE_SECONDS)
        columns = ", ".join(f"{name} = ?" for name in changes)
        # Not if a test has reset, released or replayed it meanwhile.
        self._store.run(
            f"UPDATE webhook SET {columns} WHERE seq = ? AND event_id = ? AND attempts = ?",  # noqa: S608
            *changes.values(),
            row["seq"],
            row["event_id"],
            row["attempts"],
        )

    async def come_to_rest(self) -> None:
        """Wait until what is under way has been answered, or given up."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Let go of what is under way: it stays in the queue and is sent by the next start."""
        for task in list(self._tasks):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
