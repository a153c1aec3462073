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
    """`extend_schema(**schema)` for an operation that takes no body, or `{}`: any other body is refused before it runs."""

    def decorate(method: View) -> View:
        @wraps(method)
        def checked(self: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            NothingIn.checked(request.data)
            return method(self, request, *args, **kwargs)

        return cast(View, extend_schema(request=NothingIn, **schema)(checked))

    return decorate
