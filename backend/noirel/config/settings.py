"""Every setting of the shop, from the environment. A wrong one stops the start and is named."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from noirel.config.email_url import email_settings
from noirel.config.env import (
    env_bool,
    env_float,
    env_int,
    env_list,
    env_pin_codes,
    env_secret,
    env_str,
    env_zone,
    is_public,
)
from noirel.config.logging import logging_config

django_stubs_ext.monkeypatch()

BACKEND = Path(__file__).resolve().parents[2]


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or len(parts.path) < 2:
        raise ImproperlyConfigured("DATABASE_URL has to look like postgresql://user:password@host:5432/name.")
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL has a port that is no number.") from None
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "noirel.core.db.postgres",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": str(port or ""),
        # One connection a thread, kept: opening one costs more than most of our requests.
        "CONN_MAX_AGE": env_int("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
        # Only core/db/prepared.py prepares statements: the ORM's statements carry their values in their text.
        "OPTIONS": {"prepare_threshold": 2**31, **query},
    }


def _origin(name: str, default: str) -> str:
    url = env_str(name, default).rstrip("/")
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise ImproperlyConfigured(f"{name} is {url!r}: it has to be an http:// or https:// address.")
    return url


DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_secret("SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is too short: it signs the access tokens and needs 32 characters or more.")
PUBLIC_URL = _origin("PUBLIC_URL", "http://localhost:8000")
ALLOWED_HOSTS = [*env_list("ALLOWED_HOSTS"), urlsplit(PUBLIC_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"]

DATABASES = {"default": _database(env_secret("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "noirel.core",  # before drf_spectacular: it has a template of its
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "noirel.accounts",
    "noirel.content",
    "noirel.catalog",
    "noirel.inventory",
    "noirel.pricing",
    "noirel.ledger",
    "noirel.drops",
    "noirel.cart",
    "noirel.orders",
    "noirel.payments",
    "noirel.checkout",
    "noirel.notifications",
    "noirel.backoffice",
]
MIDDLEWARE = [
    "noirel.core.request_id.RequestIdMiddleware",
    "noirel.core.security_headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "noirel.core.http.problems.ProblemMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "noirel.config.urls"
WSGI_APPLICATION = "noirel.config.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": []}}
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # the docs' own files come from the sidecar package: nothing to collect
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False  # by default it sends Access-Control-Allow-Origin: *

# The front speaks plain HTTP to us on loopback and says what the browser used.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60  # sent over https only
TRUSTED_PROXY_HOPS = env_int("TRUSTED_PROXY_HOPS", 1)

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en-in"
SHOP_TIME_ZONE = env_zone("SHOP_TIME_ZONE", "Asia/Kolkata")
SHOP_CURRENCY = env_str("SHOP_CURRENCY", "INR")
SHOP_NAME = env_str("SHOP_NAME", "NOIR’EL")
# Where a phone number without a country code is from, and a postcode that is given without a country.
SHOP_COUNTRY = env_str("SHOP_COUNTRY", "IN").upper()
# PINs that are newer than core/data/in-postcodes.tsv, with the code of their state: 560999=KA,500999=TS.
EXTRA_PIN_CODES = env_pin_codes("EXTRA_PIN_CODES")

AUTH_USER_MODEL = "accounts.User"
# The first hashes; what another one of them has hashed is verified, and hashed again at the next sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"noirel.accounts.password_rules.{rule}"} for rule in ("LongEnough", "NotCommon", "NotPersonal")
]
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "USER_ID_FIELD": "pk",
    "USER_ID_CLAIM": "sub",
    "ISSUER": "noirel",
    "AUDIENCE": "noirel",
}
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
REFRESH_TOKEN_GRACE = timedelta(seconds=10)
DEVICE_LIFETIME = timedelta(days=365)
# Browsers count http://localhost as safe; a shop on another http:// address couldn't sign anyone in with Secure on.
COOKIES_SECURE = urlsplit(PUBLIC_URL).scheme == "https" or urlsplit(PUBLIC_URL).hostname in {"localhost", "127.0.0.1"}
# Browsers take a cookie with this prefix from https only, so nobody on the network or on a sibling domain can plant one.
# (`__Host-` would need the path /, and these are for the auth path alone.)
_COOKIE_PREFIX = "__Secure-" if urlsplit(PUBLIC_URL).scheme == "https" else ""
REFRESH_COOKIE = f"{_COOKIE_PREFIX}noirel_refresh"
DEVICE_COOKIE = f"{_COOKIE_PREFIX}noirel_device"
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60  # seconds

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["noirel.accounts.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["noirel.core.http.json.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["noirel.core.http.json.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["noirel.core.http.throttling.ScopedThrottle"],
    "DEFAULT_SCHEMA_CLASS": "noirel.core.http.schema.Schema",
    "EXCEPTION_HANDLER": "noirel.core.http.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,  # `?format=paperback` asks for an attribute, not for another renderer
}
MAX_BODY_BYTES = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES  # Django's own limit, for bodies that are read without DRF
# How long a client may take to send a request, in seconds; each 16 KB of its body give it one more (fastpath/worker.py).
REQUEST_SECONDS = env_float("REQUEST_SECONDS", 20.0)

# Tries per seconds, times THROTTLE_SCALE, which 0 turns off. A view's `throttle_scope` counts the client's address where anyone
# may call, and the account that is signed in; the scopes that name a target (an account, a mailbox, an order) count that.
THROTTLE_SCALE = env_float("THROTTLE_SCALE", 1.0)
THROTTLES = {
    "login": (20, 60),
    "login_account": (10, 300),  # strangers together; each device that has signed in before by itself
    "register": (10, 600),
    "register_email": (5, 3600),
    "refresh": (60, 60),
    "password": (10, 600),
    "forgot_email": (5, 3600),
    "change_email": (5, 3600),
    "confirm_password": (10, 600),  # for one session
    "carts": (60, 60),
    "coupon": (20, 60),
    "checkout": (20, 60),
    "lookup": (10, 600),
    "lookup_order": (5, 900),
    "lookup_email": (10, 3600),
    "webhook": (60, 60),  # of wrong signatures
    "drop_entry": (20, 600),
    "drop_mail": (3, 600),
    "upload": (240, 60),
    "feed": (10, 600),
    "sitemap": (200, 600),
}

# How long an unpaid order keeps its stock: as placed, and once a payment can be made.
HOLD_SECONDS = env_int("HOLD_SECONDS", 15 * 60)
HOLD_WITH_ATTEMPT_SECONDS = env_int("HOLD_WITH_ATTEMPT_SECONDS", 30 * 60)

# How long a process offers the methods of delivery it has read: so long may a change of theirs take to be seen everywhere.
SHIPPING_KEPT_SECONDS = env_float("SHIPPING_KEPT_SECONDS", 2.0)

# Badges.
NEW_FOR_DAYS = env_int("NEW_FOR_DAYS", 45)  # how long a product is a new arrival
BEST_SELLERS = env_int("BEST_SELLERS", 8)  # how many there are
BEST_SELLER_DAYS = env_int("BEST_SELLER_DAYS", 30)  # the days whose sales count

# The language of the catalogue's words: a text search configuration of PostgreSQL's (english, french, german, simple, …).
# When it changes, a job writes all words anew.
SEARCH_LANGUAGE = env_str("SEARCH_LANGUAGE", "english")

# In-process cache of public responses (core/cache/responses.py): its size, 0 to disable; and how long an entry may stay
# that only the # clock has changed (a launch, a badge). What anybody has changed is seen at once.
# SURROGATE_HEADER: what the shared cache in front calls the names of what is in an answer (Cloudflare: Cache-Tag).
SURROGATE_HEADER = env_str("SURROGATE_HEADER", "Surrogate-Key")
# Where a CDN is told what to forget (core/cache/cdn.py): Fastly's `https://api.fastly.com/service/<id>/purge`, Cloudflare's
# `https://api.cloudflare.com/client/v4/zones/<id>/purge_cache`; empty: nobody is told.
CDN_PURGE_URL = env_secret("CDN_PURGE_URL", "")
CDN_PURGE_KIND = env_str("CDN_PURGE_KIND", "fastly")
CDN_PURGE_TOKEN = env_secret("CDN_PURGE_TOKEN", "")
if CDN_PURGE_KIND not in {"fastly", "cloudflare"}:
    raise ImproperlyConfigured(f"CDN_PURGE_KIND is {CDN_PURGE_KIND!r}: say fastly or cloudflare.")
REDIS_URL = env_secret("REDIS_URL", "")  # where processes and hosts share what was dear to work out; nothing needs it
# How long a process trusts a revalidation; responses to staff's changes are delayed by as much (core/cache/responses.py).
READS_TRUSTED_MS = env_float("READS_TRUSTED_MS", 5.0)
READS_KEPT_MB = env_int("READS_KEPT_MB", 64)
READS_KEPT_SECONDS = env_float("READS_KEPT_SECONDS", 30.0)

EVENT_HANDLERS = "noirel.handlers"

SPECTACULAR_SETTINGS = {
    "TITLE": "NOIR’EL",
    "DESCRIPTION": "The shop's HTTP contract. Errors are RFC 9457 problems; money is an integer in the minor unit.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "SERVERS": [{"url": "/api/v1"}],
    "COMPONENT_SPLIT_REQUEST": False,
    "PATH_CONVERTER_OVERRIDES": {"natural": {"type": "integer", "format": "int64", "minimum": 0}},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ProductStatus": ["draft", "active", "archived"],
        "OrderStatus": ["pending_payment", "paid", "fulfilled", "delivered", "cancelled", "expired"],
        "PaymentStatus": ["pending", "authorized", "paid", "partially_refunded", "refunded", "failed"],
        "FulfilmentStatus": ["unfulfilled", "partial", "fulfilled", "returned"],
        "StockPolicy": ["deny", "backorder", "preorder"],
        "StockReason": ["received", "returned", "damaged", "counted", "gift", "correction"],
        "PictureFormat": ["avif", "webp", "jpeg", "png"],
        "DeskActName": ["refund", "accept", "retry", "respond", "dismiss"],
        "WebhookEventState": ["waiting", "parked", "left_alone", "set_aside", "applied"],
        "OutboxEventState": ["waiting", "parked", "set_aside", "told"],
        "JobStatus": ["queued", "running", "done", "failed", "cancelled"],
        "AttributeType": ["text", "number", "list", "colour", "json"],
        "RedirectKind": ["product", "category", "collection"],
        "BulkAct": ["publish", "unpublish", "archive", "category", "collect", "uncollect", "reprice"],
        "DeskKind": "noirel.backoffice.api.review_queue.KINDS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "noirel.core.http.schema.drop_inherited_descriptions",
        "noirel.core.http.schema.add_problems",
    ],
}

RAZORPAY_API_URL = _origin("RAZORPAY_API_URL", "https://api.razorpay.com")
RAZORPAY_KEY_ID = env_str("RAZORPAY_KEY_ID", "")
RAZORPAY_KEY_SECRET = env_secret("RAZORPAY_KEY_SECRET", "")
RAZORPAY_WEBHOOK_SECRET = env_secret("RAZORPAY_WEBHOOK_SECRET", "")
# The one before: the gateway signs with it, for a day, what it tries again.
RAZORPAY_WEBHOOK_SECRET_PREVIOUS = env_secret("RAZORPAY_WEBHOOK_SECRET_PREVIOUS", "")
RAZORPAY_ACCOUNT_ID = env_str("RAZORPAY_ACCOUNT_ID", "")  # empty: the first rightly signed event's
CAPTURE_MODE = env_str("CAPTURE_MODE", "automatic")
if bool(RAZORPAY_KEY_ID) != bool(RAZORPAY_KEY_SECRET):
    raise ImproperlyConfigured("RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET belong together: set both or neither.")
if RAZORPAY_KEY_ID and not RAZORPAY_WEBHOOK_SECRET:
    raise ImproperlyConfigured("RAZORPAY_WEBHOOK_SECRET is not set: without it nothing the gateway tells could be believed.")
if RAZORPAY_KEY_ID.startswith("rzp_test_") and is_public(PUBLIC_URL) and not env_bool("ALLOW_TEST_KEYS", False):
    raise ImproperlyConfigured(
        f"RAZORPAY_KEY_ID is a test key, and {PUBLIC_URL} is open to everyone: nobody would really pay."
        " ALLOW_TEST_KEYS=1 allows it."
    )
if CAPTURE_MODE not in {"automatic", "manual"}:
    raise ImproperlyConfigured(f"CAPTURE_MODE is {CAPTURE_MODE!r}: say automatic or manual.")

DEMO_STAFF_PASSWORD = env_secret("DEMO_STAFF_PASSWORD", "")
# Roles that get a demo account of their own (packer@noirel.example), with the same password as the owner. For tests and tours.
DEMO_STAFF_ROLES = env_list("DEMO_STAFF_ROLES")

MEDIA_ROOT = env_str("MEDIA_ROOT", str(BACKEND.parent / ".run" / "media"))
MEDIA_URL = "/media/"
# What staff send waits here until it was looked at. Not below MEDIA_ROOT, which everyone may read.
MEDIA_INBOX = env_str("MEDIA_INBOX", str(Path(MEDIA_ROOT).parent / "inbox"))
if Path(MEDIA_INBOX).resolve().is_relative_to(Path(MEDIA_ROOT).resolve()):
    raise ImproperlyConfigured("MEDIA_INBOX lies in MEDIA_ROOT: what nobody has looked at would be open to everyone.")
# With a bucket its keys are the AWS_* variables, as boto3 reads them.
MEDIA_BUCKET = env_str("MEDIA_BUCKET", "")
MEDIA_REGION = env_str("MEDIA_REGION", env_str("AWS_REGION", env_str("AWS_DEFAULT_REGION", "")))
MEDIA_ENDPOINT = _origin("MEDIA_ENDPOINT", "") if env_str("MEDIA_ENDPOINT", "") else ""  # empty: Amazon's own
MEDIA_PUBLIC_URL = _origin(
    "MEDIA_PUBLIC_URL",
    f"{MEDIA_ENDPOINT}/{MEDIA_BUCKET}"
    if MEDIA_ENDPOINT
    else f"https://{MEDIA_BUCKET or 'pictures'}.s3{'.' if MEDIA_REGION else ''}{MEDIA_REGION}.amazonaws.com",
)
MEDIA_TIMEOUT_SECONDS = env_float("MEDIA_TIMEOUT_SECONDS", 8.0)  # to connect to the bucket, and between its bytes
MEDIA_MAX_BYTES = env_int("MEDIA_MAX_BYTES", 20 * 1024 * 1024)
MEDIA_MAX_PIXELS = env_int("MEDIA_MAX_PIXELS", 60_000_000)
MEDIA_MAX_SIDE = env_int("MEDIA_MAX_SIDE", 20_000)  # pixels
STORAGES = {
    "default": {"BACKEND": "noirel.content.s3.PictureBucket" if MEDIA_BUCKET else "noirel.content.storage.WholeFiles"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

EMAIL_URL = env_secret("EMAIL_URL", f"file://{quote(str(BACKEND.parent / '.run' / 'mail'))}")
EMAIL_FROM = env_str("EMAIL_FROM", "NOIR’EL <night@noirel.example>")
EMAIL_TIMEOUT = 10
MAIL_FOLDER = ""  # only for file://
EMAIL_BACKEND, _email_settings = email_settings(EMAIL_URL)
globals().update(_email_settings)
DEFAULT_FROM_EMAIL = EMAIL_FROM

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(level=env_str("LOG_LEVEL", "INFO").upper())
