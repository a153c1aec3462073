"""The view that serves the OpenAPI schema."""

from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class FormatNegotiation(DefaultContentNegotiation):
    """Selects the renderer by `?format=json` or `?format=yaml`, else by the Accept header. An unknown format is a 404."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        if requested_format := format_suffix or request.query_params.get("format"):
            renderer = self.filter_renderers(renderers, requested_format)[0]
            return renderer, renderer.media_type
        return super().select_renderer(request, renderers)


class SchemaView(SpectacularAPIView):
    content_negotiation_class = FormatNegotiation

    def _get_filename(self, request: Request, version: str | None) -> str:
        """A name in ASCII: a header with the shop's own, which may hold any character, would be encoded as a whole."""
        suffix = "json" if "json" in request.accepted_renderer.format else "yaml"
        return f"openapi.{suffix}"


# The schema changes with a release. Without this a shared cache may guess how long to keep it.
_revalidated = cache_control(no_cache=True)
schema = _revalidated(SchemaView.as_view())
# Split: its script is a file of its own, because the front's policy allows no inline script.
swagger_ui = _revalidated(SpectacularSwaggerSplitView.as_view(url_name="schema"))
redoc = _revalidated(SpectacularRedocView.as_view(url_name="schema"))

_REDOC = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_NO_LOGO = b"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"


@require_safe
@cache_control(public=True, max_age=24 * 60 * 60)
def redoc_script(request: HttpRequest) -> HttpResponse:
    """Redoc from the sidecar package, without its maker's logo: no page of ours fetches anything from another host."""
    return HttpResponse(_redoc_script(), content_type="text/javascript; charset=utf-8")


@cache
def _redoc_script() -> bytes:
    return Path(str(finders.find(_REDOC))).read_bytes().replace(_LOGO, _NO_LOGO)
