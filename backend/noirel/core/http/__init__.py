"""The parts of the HTTP layer that the API modules of all apps use."""

from noirel.core.http.bodies import without_body
from noirel.core.http.caching import check_if_match, etag, public_cache
from noirel.core.http.fields import EmailField, SlugField, without_link
from noirel.core.http.pagination import paginate
from noirel.core.http.params import bool_param, choice_param, choices_param, day_param
from noirel.core.http.serializers import In, MoneyField, MoneyOut, NothingIn, Out, ProblemOut, TextField, TextIn, page_of
from noirel.core.http.views import APIView, Request

__all__ = [
    "APIView", "EmailField", "In", "MoneyField", "MoneyOut", "NothingIn", "Out", "ProblemOut", "Request", "SlugField",
    "TextField", "TextIn", "bool_param", "check_if_match", "choice_param", "choices_param", "day_param", "etag", "page_of",
    "paginate", "public_cache", "without_body", "without_link",
]  # fmt: skip
