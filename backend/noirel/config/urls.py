"""Every address: the apps' own under /api/v1/, the schema, and the two probes."""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from noirel.core.http import docs, health, problems

# The first one that fits answers: what is asked for most comes first. In one list, so that no room is entered in vain.
APPS = ["catalog", "cart", "checkout", "orders", "payments", "accounts", "drops", "inventory", "content", "backoffice"]
ROOMS = [pattern for app in APPS for pattern in import_module(f"noirel.{app}.urls").urlpatterns]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(ROOMS)),
    path("api/schema/", docs.schema, name="schema"),
    path("api/schema/swagger-ui/", docs.swagger_ui, name="swagger-ui"),
    path("api/schema/redoc/", docs.redoc, name="redoc"),
    path("api/schema/redoc/redoc.js", docs.redoc_script, name="redoc-script"),
    path("", include("noirel.catalog.feeds.views")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
