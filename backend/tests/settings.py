"""The shop's settings for tests and type checks: a key and an address that need no environment of their own."""

import os

os.environ.setdefault("SECRET_KEY", "a-key-for-tests-alone-0123456789abcdef")
os.environ.setdefault("DATABASE_URL", "postgresql://noirel@127.0.0.1:5432/noirel")
os.environ.setdefault("THROTTLE_SCALE", "0")
os.environ.setdefault("SHIPPING_KEPT_SECONDS", "0")  # each test has its own
os.environ.setdefault("READS_TRUSTED_MS", "0")  # tests change what they read without a request
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("RAZORPAY_KEY_ID", "rzp_test_NoirelTests")
os.environ.setdefault("RAZORPAY_KEY_SECRET", "secret-for-tests-alone")
os.environ.setdefault("RAZORPAY_WEBHOOK_SECRET", "webhook-secret-for-tests-alone")

from noirel.config.settings import *  # noqa: F403

# PBKDF2 is slow on purpose; a thousand tests that sign in needn't prove that again.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]  # noqa: F405
