"""Speaks to the API as the browser does: JSON in, JSON out."""

from typing import Any

from rest_framework.test import APIClient

from noirel.accounts.models import User

API = "/api/v1/"


class Client(APIClient):
    """`client.get("products")` is GET /api/v1/products; other paths begin with a slash."""

    user: User | None = None

    def generic(self, method: str, path: Any, *args: Any, **kwargs: Any) -> Any:
        return super().generic(method, path if str(path).startswith("/") else API + path, *args, **kwargs)


def signed_in(user: User) -> Client:
    from noirel.accounts.services.tokens import access_token

    client = Client()
    client.user = user
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    return client


def with_key(key: str) -> dict[str, Any]:
    """`client.post("checkout", data, **with_key("k1"))`"""
    return {"HTTP_IDEMPOTENCY_KEY": key}
