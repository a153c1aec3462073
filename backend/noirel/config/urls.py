"""Every address: the apps' own under /api/v1/, the schema, and the two probes."""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from noirel.core.http import health, problems
from noirel.core.http.docs import SchemaView

# The first one that fits answers: what is asked for most comes first. In one list, so that no room is entered in vain.
APPS = ["catalog", "cart", "checkout", "orders", "payments", "accounts", "drops", "inventory", "content", "backoffice"]
ROOMS = [pattern for app in APPS for pattern in import_module(f"noirel.{app}.urls").urlpatterns]

_revalidated = cache_control(no_cache=True)  # the next release has another schema

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(ROOMS)),
    path("api/schema/", _revalidated(SchemaView.as_view()), name="schema"),
    # Split: its script is a file of its own, because the front's policy allows no inline script.
    path("api/schema/swagger-ui/", _revalidated(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="swagger-ui"),
    path("api/schema/redoc/", _revalidated(SpectacularRedocView.as_view(url_name="schema")), name="redoc"),
    path("", include("noirel.catalog.feeds.views")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
