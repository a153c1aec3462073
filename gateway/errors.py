"""Refusals, in exactly the form of Razorpay's error answers."""

from typing import Any

JSON = dict[str, Any]


class Refusal(Exception):
    """An error answer: its HTTP status and the object under `error`."""

    def __init__(
        self,
        description: str,
        *,
        field: str | None = None,
        status: int = 400,
        code: str = "BAD_REQUEST_ERROR",
        source: str = "business",
        step: str = "payment_initiation",
        reason: str = "input_validation_failed",
        metadata: JSON | None = None,
    ) -> None:
        super().__init__(description)
        self.status = status
        self.error: JSON = {
            "code": code,
            "description": description,
            "source": source,
            "step": step,
            "reason": reason,
            "metadata": metadata or {},
        }
        if field is not None:
            self.error["field"] = field

    @property
    def body(self) -> JSON:
        return {"error": self.error}


def outside_a_payment(description: str, *, status: int = 400, code: str = "BAD_REQUEST_ERROR") -> Refusal:
    """An error that has nothing to do with a payment: Razorpay says NA for where and why."""
    return Refusal(description, status=status, code=code, source="NA", step="NA", reason="NA")


def unknown_id() -> Refusal:
    return Refusal("The id provided does not exist", reason="input_validation_failed")


def unknown_url() -> Refusal:
    return outside_a_payment("The requested URL was not found on the server.")
