"""A wrong setting stops the start, by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from noirel.config.env import env_bool, env_float, env_int, env_secret, is_public

BACKEND = Path(__file__).resolve().parents[3]
GOOD = {"SECRET_KEY": "k" * 40, "DATABASE_URL": "postgresql://noirel@127.0.0.1:5432/noirel"}

KEYS = {"RAZORPAY_KEY_ID": "rzp_test_1", "RAZORPAY_KEY_SECRET": "s", "RAZORPAY_WEBHOOK_SECRET": "w"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL has to look like"),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe'"),
        ({"THROTTLE_SCALE": "-1"}, "THROTTLE_SCALE is '-1'"),
        ({"PUBLIC_URL": "noirel.example"}, "PUBLIC_URL is 'noirel.example'"),
        ({"EMAIL_URL": "pigeon://"}, "EMAIL_URL has to look like"),
        ({"EMAIL_URL": "smtps://mail.example:587"}, "EMAIL_URL: port 587"),
        ({"EMAIL_URL": "smtps://mail.example?tls=0"}, "EMAIL_URL: tls=0 contradicts"),
        ({"EMAIL_URL": "smtp://mail.example:post"}, "EMAIL_URL has a port that is no number"),
        ({"RAZORPAY_KEY_ID": "rzp_test_1", "RAZORPAY_KEY_SECRET": ""}, "belong together"),
        ({**KEYS, "RAZORPAY_WEBHOOK_SECRET": ""}, "RAZORPAY_WEBHOOK_SECRET is not set"),
        ({**KEYS, "PUBLIC_URL": "https://noirel.example"}, "RAZORPAY_KEY_ID is a test key"),
        ({"MEDIA_ROOT": "/m", "MEDIA_INBOX": "/m/inbox"}, "MEDIA_INBOX lies in MEDIA_ROOT"),
        ({"MEDIA_BUCKET": "pictures", "MEDIA_ENDPOINT": "minio:9000"}, "MEDIA_ENDPOINT is 'minio:9000'"),
        ({"SHOP_TIME_ZONE": "Mars/Olympus"}, "SHOP_TIME_ZONE is 'Mars/Olympus'"),
        ({"CAPTURE_MODE": "later"}, "CAPTURE_MODE is 'later'"),
        ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE can't be read"),
    ],
)
def test_the_start_fails_and_names_what_is_wrong(change: dict[str, str], complaint: str) -> None:
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "noirel.config.settings", **GOOD, **change}
    done = subprocess.run(
        [sys.executable, "-c", "import noirel.config.settings"],
        cwd=BACKEND,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert complaint in done.stderr


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    monkeypatch.setenv("A_SECRET_FILE", str(secret))
    assert env_secret("A_SECRET") == "from a file"
    monkeypatch.setenv("A_SECRET", "from the environment")
    with pytest.raises(ImproperlyConfigured, match="both set"):
        env_secret("A_SECRET")


def test_numbers_and_switches_are_read_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IT", "on")
    assert env_bool("IT", False) is True
    monkeypatch.setenv("IT", "12")
    assert (env_int("IT", 0), env_float("IT", 0)) == (12, 12.0)
    monkeypatch.setenv("IT", "inf")
    for read in (env_int, env_float):
        with pytest.raises(ImproperlyConfigured, match="IT is 'inf'"):
            read("IT", 0)


@pytest.mark.parametrize(("bucket", "storage"), [("", "WholeFiles"), ("noirel-pictures", "PictureBucket")])
def test_pictures_go_to_the_bucket_that_is_named(bucket: str, storage: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "noirel.config.settings",
        **GOOD,
        "MEDIA_BUCKET": bucket,
    }
    told = "import django; django.setup(); "
    told += "from django.core.files.storage import default_storage as s; s.url('a.webp'); print(type(s._wrapped).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=BACKEND, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == storage, done.stderr


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://noirel.example", True), ("https://203.0.114.7", True), ("https://[2606:4700::1]:8443", True),
        ("http://noirel.example", False), ("https://localhost:8000", False), ("https://shop.localhost", False),
        ("https://192.168.1.4", False), ("https://[::1]", False), ("https://nightdesk", False), ("https://x.test", False),
    ],
)  # fmt: skip
def test_an_address_is_public_when_strangers_can_come_by_it(url: str, public: bool) -> None:
    assert is_public(url) is public


@pytest.mark.parametrize(
    "change",
    [
        {**KEYS, "PUBLIC_URL": "https://noirel.example", "ALLOW_TEST_KEYS": "1"},
        {**KEYS, "PUBLIC_URL": "https://noirel.example", "RAZORPAY_KEY_ID": "rzp_live_1"},
        {**KEYS, "PUBLIC_URL": "http://localhost:8000"},
    ],
)
def test_keys_that_fit_the_address_start(change: dict[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "noirel.config.settings", **GOOD, **change}
    subprocess.run([sys.executable, "-c", "import noirel.config.settings"], cwd=BACKEND, env=environment, check=True)
