"""Which variables of the environment each part of the shop is given. A part never sees another part's secrets.

Whatever else is in the environment of whoever starts the shop (tokens of a CI, keys of another program) reaches none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Of the machine: programs, languages, time zone, certificates, proxies. No secrets of the shop.
SYSTEM = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "TEMP", "TMP",
    "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA", "NODE_OPTIONS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
    "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
})  # fmt: skip
_SYSTEM_PREFIXES = ("LC_", "PYTHON", "COVERAGE_")

# Those of backend/noirel/config/settings.py. The secrets may be given as NAME_FILE.
BACKEND_SECRETS = frozenset({
    "CDN_PURGE_TOKEN", "CDN_PURGE_URL", "DATABASE_URL", "DEMO_STAFF_PASSWORD", "EMAIL_URL",
    "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET", "RAZORPAY_WEBHOOK_SECRET_PREVIOUS", "REDIS_URL",
    "SECRET_KEY",
})  # fmt: skip
BACKEND = BACKEND_SECRETS | {
    "ALLOWED_HOSTS", "ALLOW_TEST_KEYS", "BEST_SELLERS", "BEST_SELLER_DAYS", "CAPTURE_MODE", "CDN_PURGE_KIND",
    "DEMO_STAFF_ROLES",
    "DATABASE_CONN_MAX_AGE", "DEBUG", "EMAIL_FROM", "EXTRA_PIN_CODES", "GATEWAY_CONCURRENCY", "HOLD_SECONDS",
    "HOLD_WITH_ATTEMPT_SECONDS", "LOG_LEVEL", "MEDIA_BUCKET", "MEDIA_ENDPOINT", "MEDIA_INBOX",
    "MEDIA_MAX_BYTES", "MEDIA_MAX_PIXELS", "MEDIA_MAX_SIDE", "MEDIA_PUBLIC_URL", "MEDIA_REGION", "MEDIA_ROOT",
    "MEDIA_TIMEOUT_SECONDS", "NEW_FOR_DAYS", "PUBLIC_URL", "RAZORPAY_ACCOUNT_ID", "RAZORPAY_API_URL",
    "RAZORPAY_KEY_ID", "READS_KEPT_MB", "READS_KEPT_SECONDS", "READS_TRUSTED_MS", "REQUEST_SECONDS",
    "SEARCH_LANGUAGE", "SHIPPING_KEPT_SECONDS", "SHOP_COUNTRY", "SHOP_CURRENCY", "SHOP_NAME", "SHOP_TIME_ZONE",
    "SURROGATE_HEADER", "THROTTLE_SCALE", "TRUSTED_PROXY_HOPS",
}  # fmt: skip
BACKEND_PREFIXES = ("AWS_",)  # boto3's own, with a bucket
# Settings of the supervisor about the API: Gunicorn's processes and threads.
SERVER_BOUNDS = {"API_WORKERS": (2, 1, 64), "API_THREADS": (8, 1, 256)}  # default, least, most
SERVER = frozenset(SERVER_BOUNDS)
# The password of the first member of staff is for the command that makes the account; the CDN is the worker's business.
NOT_FOR_API = frozenset({"DEMO_STAFF_PASSWORD", "DEMO_STAFF_ROLES", "CDN_PURGE_URL", "CDN_PURGE_TOKEN"})
NOT_FOR_WORKER = frozenset({"DEMO_STAFF_PASSWORD", "DEMO_STAFF_ROLES"})

# web/front/settings.ts and the server-rendered pages: no secrets.
FRONT = frozenset({
    "ALLOWED_HOSTS", "API_ORIGIN", "GATEWAY_ORIGIN", "HOST", "MEDIA_MAX_BYTES", "MEDIA_ORIGINS", "MEDIA_ROOT",
    "NODE_ENV", "PORT", "PUBLIC_URL", "SSR_API_SECONDS", "TRUST_PROXY",
})  # fmt: skip
# gateway/settings.py
GATEWAY = frozenset({
    "GATEWAY_DB", "GATEWAY_ID", "GATEWAY_KEY_ID", "GATEWAY_KEY_SECRET", "GATEWAY_PORT",
    "GATEWAY_WEBHOOK_SECRET", "GATEWAY_WEBHOOK_URL",
})  # fmt: skip


def taken_from(given: Mapping[str, str], names: Iterable[str], prefixes: tuple[str, ...] = ()) -> dict[str, str]:
    """The machine's variables and these, with the NAME_FILE of each."""
    wanted = SYSTEM | set(names) | {f"{name}_FILE" for name in names}
    return {
        name: value
        for name, value in given.items()
        if name in wanted or name.startswith(_SYSTEM_PREFIXES) or (prefixes and name.startswith(prefixes))
    }


def without(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The environment without these, in either form."""
    refused = set(names) | {f"{name}_FILE" for name in names}
    return {name: value for name, value in environment.items() if name not in refused}
