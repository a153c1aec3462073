"""Every setting of the shop, from the environment. A wrong one stops the start and is named."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from noirel.accounts.permissions import ROLES
from noirel.config.email_url import email_settings
from noirel.config.env import (
    env_bool,
    env_choice,
    env_choices,
    env_country,
    env_currency,
    env_float,
    env_folder,
    env_header_name,
    env_header_value,
    env_hosts,
    env_int,
    env_line,
    env_match,
    env_origin,
    env_pin_codes,
    env_redis_url,
    env_secret,
    env_sender,
    env_str,
    env_url,
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
    if "\x00" in unquote(url):
        raise ImproperlyConfigured("DATABASE_URL has a NUL character.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "noirel.core.db.postgres",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": str(port or ""),
        # One connection a thread, kept: opening one costs more than most of our requests.
        "CONN_MAX_AGE": env_int("DATABASE_CONN_MAX_AGE", 60, maximum=86_400),
        "CONN_HEALTH_CHECKS": True,
        # Only core/db/prepared.py prepares statements: the ORM's statements carry their values in their text.
        "OPTIONS": {"prepare_threshold": 2**31, **query},
    }


DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_secret("SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is too short: it signs the access tokens and needs 32 characters or more.")
PUBLIC_URL = env_origin("PUBLIC_URL", "http://localhost:8000")
if DEBUG and is_public(PUBLIC_URL):
    raise ImproperlyConfigured(f"DEBUG is 1, and {PUBLIC_URL} is open to everyone: errors would show what they are about.")
ALLOWED_HOSTS = [*env_hosts("ALLOWED_HOSTS"), urlsplit(PUBLIC_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"]

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
TRUSTED_PROXY_HOPS = env_int("TRUSTED_PROXY_HOPS", 1, maximum=10)

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en-in"
SHOP_TIME_ZONE = env_zone("SHOP_TIME_ZONE", "Asia/Kolkata")
SHOP_CURRENCY = env_currency("SHOP_CURRENCY", "INR")
SHOP_NAME = env_line("SHOP_NAME", "NOIR’EL", longest=60)
# Where a phone number without a country code is from, and a postcode that is given without a country.
SHOP_COUNTRY = env_country("SHOP_COUNTRY", "IN")
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
REQUEST_SECONDS = env_float("REQUEST_SECONDS", 20.0, minimum=1, maximum=3600)

# Tries per seconds, times THROTTLE_SCALE, which 0 turns off. A view's `throttle_scope` counts the client's address where anyone
# may call, and the account that is signed in; the scopes that name a target (an account, a mailbox, an order) count that.
THROTTLE_SCALE = env_float("THROTTLE_SCALE", 1.0, maximum=1e6)
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

# How long an unpaid order keeps its stock: as placed, and once a payment can be made, which is never less.
_LONGEST_HOLD = 30 * 24 * 60 * 60
HOLD_SECONDS = env_int("HOLD_SECONDS", 15 * 60, minimum=1, maximum=_LONGEST_HOLD)
HOLD_WITH_ATTEMPT_SECONDS = env_int(
    "HOLD_WITH_ATTEMPT_SECONDS", max(30 * 60, HOLD_SECONDS), minimum=HOLD_SECONDS, maximum=_LONGEST_HOLD
)

# How long a process offers the methods of delivery it has read: so long may a change of theirs take to be seen everywhere.
SHIPPING_KEPT_SECONDS = env_float("SHIPPING_KEPT_SECONDS", 2.0, maximum=3600)

# Badges.
NEW_FOR_DAYS = env_int("NEW_FOR_DAYS", 45, maximum=3650)  # how long a product is a new arrival
BEST_SELLERS = env_int("BEST_SELLERS", 8, maximum=1000)  # how many there are
BEST_SELLER_DAYS = env_int("BEST_SELLER_DAYS", 30, minimum=1, maximum=3650)  # the days whose sales count

# The language of the catalogue's words: a text search configuration of PostgreSQL's (english, french, german, simple, …).
# When it changes, a job writes all words anew.
SEARCH_LANGUAGE = env_match("SEARCH_LANGUAGE", "english", r"[a-z_]{1,63}", allowed="a text search configuration of PostgreSQL")

# In-process cache of public responses (core/cache/responses.py): its size, 0 to disable; and how long an entry may stay
# that only the clock has changed (a launch, a badge). What anybody has changed is seen at once.
# SURROGATE_HEADER: what the shared cache in front calls the names of what is in an answer (Cloudflare: Cache-Tag).
SURROGATE_HEADER = env_header_name("SURROGATE_HEADER", "Surrogate-Key")
# Where a CDN is told what to forget (core/cache/cdn.py): Fastly's `https://api.fastly.com/service/<id>/purge`, Cloudflare's
# `https://api.cloudflare.com/client/v4/zones/<id>/purge_cache`; empty: nobody is told.
CDN_PURGE_URL = env_url("CDN_PURGE_URL", "")
CDN_PURGE_KIND = env_choice("CDN_PURGE_KIND", "fastly", {"fastly", "cloudflare"})
CDN_PURGE_TOKEN = env_header_value("CDN_PURGE_TOKEN")
REDIS_URL = env_redis_url("REDIS_URL")  # where processes and hosts share what was dear to work out; nothing needs it
# How long a process trusts a revalidation; responses to staff's changes are delayed by as much (core/cache/responses.py).
READS_TRUSTED_MS = env_float("READS_TRUSTED_MS", 5.0, maximum=60_000)
READS_KEPT_MB = env_int("READS_KEPT_MB", 64, maximum=65_536)
READS_KEPT_SECONDS = env_float("READS_KEPT_SECONDS", 30.0, maximum=86_400)

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

# How many threads of a process wait for the payment service at once; half of Gunicorn's, so that the others serve the rest.
GATEWAY_CONCURRENCY = env_int("GATEWAY_CONCURRENCY", 4, minimum=1, maximum=256)
RAZORPAY_API_URL = env_origin("RAZORPAY_API_URL", "https://api.razorpay.com")
RAZORPAY_KEY_ID = env_match(
    "RAZORPAY_KEY_ID", "", r"rzp_(test|live)_[A-Za-z0-9]{1,40}", allowed="rzp_test_… or rzp_live_…, as in Razorpay's dashboard"
)
RAZORPAY_KEY_SECRET = env_header_value("RAZORPAY_KEY_SECRET")
RAZORPAY_WEBHOOK_SECRET = env_header_value("RAZORPAY_WEBHOOK_SECRET")
# The one before: the gateway signs with it, for a day, what it tries again.
RAZORPAY_WEBHOOK_SECRET_PREVIOUS = env_header_value("RAZORPAY_WEBHOOK_SECRET_PREVIOUS")
RAZORPAY_ACCOUNT_ID = env_match(
    "RAZORPAY_ACCOUNT_ID", "", r"acc_[A-Za-z0-9]{1,40}", allowed="acc_…"
)  # empty: the first rightly signed event's
CAPTURE_MODE = env_choice("CAPTURE_MODE", "automatic", {"automatic", "manual"})
if bool(RAZORPAY_KEY_ID) != bool(RAZORPAY_KEY_SECRET):
    raise ImproperlyConfigured("RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET belong together: set both or neither.")
if RAZORPAY_KEY_ID and not RAZORPAY_WEBHOOK_SECRET:
    raise ImproperlyConfigured("RAZORPAY_WEBHOOK_SECRET is not set: without it nothing the gateway tells could be believed.")
if RAZORPAY_KEY_ID.startswith("rzp_test_") and is_public(PUBLIC_URL) and not env_bool("ALLOW_TEST_KEYS", False):
    raise ImproperlyConfigured(
        f"RAZORPAY_KEY_ID is a test key, and {PUBLIC_URL} is open to everyone: nobody would really pay."
        " ALLOW_TEST_KEYS=1 allows it."
    )

DEMO_STAFF_PASSWORD = env_secret("DEMO_STAFF_PASSWORD", "")
# Roles that get a demo account of their own (packer@noirel.example), with the same password as the owner. For tests and tours.
DEMO_STAFF_ROLES = env_choices("DEMO_STAFF_ROLES", ROLES)

MEDIA_ROOT = env_folder("MEDIA_ROOT", str(BACKEND.parent / ".run" / "media"))
MEDIA_URL = "/media/"
# What staff send waits here until it was looked at. Not below MEDIA_ROOT, which everyone may read.
MEDIA_INBOX = env_folder("MEDIA_INBOX", str(Path(MEDIA_ROOT).parent / "inbox"))
if Path(MEDIA_INBOX).resolve().is_relative_to(Path(MEDIA_ROOT).resolve()):
    raise ImproperlyConfigured("MEDIA_INBOX lies in MEDIA_ROOT: what nobody has looked at would be open to everyone.")
# With a bucket its keys are the AWS_* variables, as boto3 reads them.
MEDIA_BUCKET = env_match(
    "MEDIA_BUCKET",
    "",
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    allowed="the name of a bucket: 3 to 63 small letters, digits, - and .",
)
MEDIA_REGION = env_match(
    "MEDIA_REGION", env_str("AWS_REGION", env_str("AWS_DEFAULT_REGION", "")), r"[a-z0-9-]{1,40}", allowed="like ap-south-1"
)
MEDIA_ENDPOINT = env_origin("MEDIA_ENDPOINT", "") if env_str("MEDIA_ENDPOINT", "") else ""  # empty: Amazon's own
MEDIA_PUBLIC_URL = env_origin(
    "MEDIA_PUBLIC_URL",
    f"{MEDIA_ENDPOINT}/{MEDIA_BUCKET}"
    if MEDIA_ENDPOINT
    else f"https://{MEDIA_BUCKET or 'pictures'}.s3{'.' if MEDIA_REGION else ''}{MEDIA_REGION}.amazonaws.com",
)
MEDIA_TIMEOUT_SECONDS = env_float(
    "MEDIA_TIMEOUT_SECONDS", 8.0, minimum=0.1, maximum=300
)  # to connect to the bucket, and between its bytes
MEDIA_MAX_BYTES = env_int("MEDIA_MAX_BYTES", 20 * 1024 * 1024, minimum=1024, maximum=256 * 1024 * 1024)
MEDIA_MAX_PIXELS = env_int("MEDIA_MAX_PIXELS", 60_000_000, minimum=10_000, maximum=1_000_000_000)
MEDIA_MAX_SIDE = env_int("MEDIA_MAX_SIDE", 20_000, minimum=100, maximum=100_000)  # pixels
STORAGES = {
    "default": {"BACKEND": "noirel.content.s3.PictureBucket" if MEDIA_BUCKET else "noirel.content.storage.WholeFiles"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

EMAIL_URL = env_secret("EMAIL_URL", f"file://{quote(str(BACKEND.parent / '.run' / 'mail'))}")
EMAIL_FROM = env_sender("EMAIL_FROM", "NOIR’EL <night@noirel.example>")
EMAIL_TIMEOUT = 10
MAIL_FOLDER = ""  # only for file://
EMAIL_BACKEND, _email_settings = email_settings(EMAIL_URL)
globals().update(_email_settings)
DEFAULT_FROM_EMAIL = EMAIL_FROM

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(level=env_choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}))
