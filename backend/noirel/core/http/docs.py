"""The schema and its two readers."""

from typing import Any

from drf_spectacular.views import SpectacularAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class FormatNegotiation(DefaultContentNegotiation):
    """`?format=json` or `?format=yaml` decides, else the Accept header. An unknown format is 404."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        if wanted := format_suffix or request.query_params.get("format"):
            renderer = self.filter_renderers(renderers, wanted)[0]
            return renderer, renderer.media_type
        return super().select_renderer(request, renderers)


class SchemaView(SpectacularAPIView):
    content_negotiation_class = FormatNegotiation
