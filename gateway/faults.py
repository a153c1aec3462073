"""Faults a test can ask for: what goes wrong, where, and how many times.

A fault is `{"on": operation, "do": what, "times": n | null, ...}`; null stays until it is removed. Operations are
those of the REST API (`order.create`, `payment.capture`, ...; `*` for any), `report` (what fetches say of a
payment), `refund` (how a refund ends) and `webhook`.
"""

import json

from gateway.errors import JSON, Refusal
from gateway.store import Store

_ALLOWED = {
    # accepted, then: no answer at all / the connection is cut / an answer after `seconds`
    # not accepted: 500 and 503 in JSON / 502 in HTML / never an answer / 429 / the connection is cut at once
    "api": {"timeout", "cut", "slow", "error_500", "error_503", "html_502", "hang", "throttle", "refuse"},
    "report": {"change"},
    "refund": {"pending", "failed"},
    "webhook": {"late", "twice", "drop", "tamper", "as", "reorder", "hold"},
}


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, fault: JSON) -> JSON:
        """Keep a fault; raises Refusal when it isn't one."""
        on, do = str(fault.get("on", "")), str(fault.get("do", ""))
        group = on if on in _ALLOWED else "api"
        if do not in _ALLOWED[group]:
            raise Refusal(
                f"do must be one of {', '.join(sorted(_ALLOWED[group]))} for {on or 'an operation'}", field="do"
            )
        if group == "api" and on != "*" and "." not in on:
            raise Refusal("on must name an operation like order.create, or be *", field="on")
        if do == "as" and not isinstance(fault.get("account_id"), str):
            raise Refusal("account_id must say whose event it is", field="account_id")
        times = fault.get("times", 1)
        if times is not None and (not isinstance(times, int) or times < 1):
            raise Refusal("times must be a positive integer or null", field="times")
        kept = fault | {"on": on, "do": do, "times": times}
        self._store.run("INSERT INTO fault (doc) VALUES (?)", json.dumps(kept))
        return kept

    def all(self) -> list[JSON]:
        return [json.loads(row["doc"]) for row in self._store.rows("SELECT doc FROM fault ORDER BY seq")]

    def clear(self) -> None:
        self._store.run("DELETE FROM fault")

    def take(self, on: str, **facts: str) -> JSON | None:
        """The first fault that applies here, used up once; None if all is well.

        facts narrow it: a fault with `event`, `payment_id`, ... applies only where they are equal.
        """
        for row in self._store.rows("SELECT seq, doc FROM fault ORDER BY seq"):
            fault: JSON = json.loads(row["doc"])
            if fault["on"] != on and not (fault["on"] == "*" and "." in on):
                continue
            if any(name in fault and fault[name] != value for name, value in facts.items()):
                continue
            if fault["times"] is not None:
                left = fault["times"] - 1
                if left:
                    self._store.run(
                        "UPDATE fault SET doc = ? WHERE seq = ?", json.dumps(fault | {"times": left}), row["seq"]
                    )
                else:
                    self._store.run("DELETE FROM fault WHERE seq = ?", row["seq"])
            return fault
        return None
