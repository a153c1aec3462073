"""Operations without a body."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from noirel.core.http.serializers import NothingIn
from noirel.core.http.views import Request

View = Callable[..., HttpResponseBase]


def without_body(**schema: Any) -> Callable[[View], View]:
    """Like `extend_schema(**schema)`, for an operation without a request body. Any body except `{}` is refused."""

    def decorate(method: View) -> View:
        @wraps(method)
        def wrapper(self: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            NothingIn.checked(request.data)
            return method(self, request, *args, **kwargs)

        return cast(View, extend_schema(request=NothingIn, **schema)(wrapper))

    return decorate
