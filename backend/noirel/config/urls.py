"""Every address: the apps' own under /api/v1/, the schema, and the two probes."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView

from noirel.core.api import health, problems

APPS = ["accounts", "catalog", "inventory", "drops", "cart", "orders", "payments", "checkout", "backoffice"]

urlpatterns: list[URLPattern | URLResolver] = [
    *(path("api/v1/", include(f"noirel.{app}.urls")) for app in APPS),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/schema/swagger-ui/", SpectacularSwaggerView.as_view(url_name="schema"), name="swagger-ui"),
    path("api/schema/redoc/", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
