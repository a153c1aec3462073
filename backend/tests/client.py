"""Speaks to the API as the browser does: JSON in, JSON out."""

from typing import Any

from rest_framework.test import APIClient

from noirel.accounts.models import User
from tests.contract import conformance

API = "/api/v1/"


class Client(APIClient):
    """`client.get("products")` is GET /api/v1/products; other paths begin with a slash."""

    user: User | None = None
    is_checked = True

    def generic(self, method: str, path: Any, *args: Any, **kwargs: Any) -> Any:
        return super().generic(method, path if str(path).startswith("/") else API + path, *args, **kwargs)

    def generic_unchecked(self, *args: Any, **kwargs: Any) -> Any:
        """`generic` for a test that puts something else in a view's place: its answers are in no document."""
        self.is_checked = False
        try:
            return self.generic(*args, **kwargs)
        finally:
            self.is_checked = True

    def request(self, **kwargs: Any) -> Any:
        """Whatever a test looks at: each answer of the API is one that the OpenAPI document describes."""
        answer: Any = super().request(**kwargs)
        path = kwargs["PATH_INFO"]
        if self.is_checked and path.startswith(API):
            conformance.check(
                kwargs["REQUEST_METHOD"],
                path,
                status=answer.status_code,
                content_type=answer.get("Content-Type", ""),
                body=None if answer.streaming or not answer.content else answer.json,
            )
        return answer


def signed_in(user: User) -> Client:
    from noirel.accounts.services.tokens import access_token

    client = Client()
    client.user = user
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    return client


def with_key(key: str) -> dict[str, Any]:
    """`client.post("checkout", data, **with_key("k1"))`"""
    return {"HTTP_IDEMPOTENCY_KEY": key}
