"""Security headers for every response of the API, so that they don't depend on a proxy. The front sets its own."""

from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

# For JSON, feeds and files, none of which a browser may execute or embed.
CONTENT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# For the API's documentation pages, its only HTML. Their scripts are served from our own static files.
DOCS_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class SecurityHeadersMiddleware(SecurityMiddleware):
    """Django's SecurityMiddleware (HSTS, nosniff, Referrer-Policy, COOP), a content security policy and CORP."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        is_html = response.get("Content-Type", "").startswith("text/html")
        response.setdefault("Content-Security-Policy", DOCS_POLICY if is_html else CONTENT_POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
