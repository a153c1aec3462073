from collections.abc import Mapping
from pathlib import Path

import pytest

from ops.environment import Plan, WrongSetting, plan


def planned(given: Mapping[str, str], run: Path) -> Plan:
    return plan(given, run, api_port=9001, database_port=9002)


def test_with_nothing_given_every_part_is_ours_and_speaks_one_set_of_keys(tmp_path: Path) -> None:
    shop = planned({}, tmp_path)
    assert shop.has_gateway
    assert shop.database_port == 9002
    assert shop.backend["DATABASE_URL"].endswith("@127.0.0.1:9002/postgres")
    assert shop.backend["RAZORPAY_API_URL"] == shop.front["GATEWAY_ORIGIN"] == "http://127.0.0.1:8001"
    for part in ("KEY_ID", "KEY_SECRET", "WEBHOOK_SECRET"):
        assert shop.backend[f"RAZORPAY_{part}"] == shop.gateway[f"GATEWAY_{part}"]
    assert shop.gateway["GATEWAY_WEBHOOK_URL"] == "http://127.0.0.1:8000/api/v1/webhooks/razorpay"


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    first, second = planned({}, tmp_path), planned({}, tmp_path)
    assert first == second
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert first.staff_password not in repr(first.backend["SECRET_KEY"])


def test_nothing_of_the_environment_reaches_a_part_that_does_not_read_it(tmp_path: Path) -> None:
    given = {
        "GITHUB_TOKEN": "t", "MAKEFLAGS": "-j", "REDIS_URL": "redis://:secret@cache", "AWS_SECRET_ACCESS_KEY": "k",
        "TRUST_PROXY": "1", "LC_ALL": "C.UTF-8", "EMAIL_FROM": "a@b.example", "SECRET_KEY_FILE": "",
        "GATEWAY_ID": "acc_9", "ALLOWED_HOSTS": "b.example", "MEDIA_MAX_BYTES": "1000",
    }  # fmt: skip
    shop = planned(given, tmp_path)
    parts = {"api": shop.api, "worker": shop.worker, "gateway": shop.gateway, "front": shop.front}
    seen = {name: {part for part, told in parts.items() if name in told} for name in given}
    backend = {"api", "worker"}
    assert seen == {
        "GITHUB_TOKEN": set(), "MAKEFLAGS": set(), "REDIS_URL": backend, "AWS_SECRET_ACCESS_KEY": backend,
        "TRUST_PROXY": {"front"}, "LC_ALL": set(parts), "EMAIL_FROM": backend, "SECRET_KEY_FILE": backend,
        "GATEWAY_ID": {"gateway"}, "ALLOWED_HOSTS": {*backend, "front"}, "MEDIA_MAX_BYTES": {*backend, "front"},
    }  # fmt: skip


def test_keys_alone_point_at_the_real_razorpay(tmp_path: Path) -> None:
    keys = {"RAZORPAY_KEY_ID": "rzp_live_x", "RAZORPAY_KEY_SECRET": "s", "RAZORPAY_WEBHOOK_SECRET": "w"}
    shop = planned(keys, tmp_path)
    assert not shop.has_gateway
    assert "RAZORPAY_API_URL" not in shop.backend
    assert shop.front["GATEWAY_ORIGIN"] == "https://api.razorpay.com"


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"^RAZORPAY_KEY_SECRET, RAZORPAY_WEBHOOK_SECRET must be set"):
        planned({"RAZORPAY_KEY_ID": "rzp_live_x"}, tmp_path)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    for name in ("id", "secret", "webhook"):
        (tmp_path / name).write_text(f"{name}-value\n")
    shop = planned(
        {
            "RAZORPAY_KEY_ID_FILE": str(tmp_path / "id"),
            "RAZORPAY_KEY_SECRET_FILE": str(tmp_path / "secret"),
            "RAZORPAY_WEBHOOK_SECRET_FILE": str(tmp_path / "webhook"),
        },
        tmp_path,
    )
    assert shop.backend["RAZORPAY_KEY_SECRET"] == "secret-value"
    assert not shop.has_gateway


def test_a_database_of_your_own_replaces_the_embedded_one(tmp_path: Path) -> None:
    shop = planned({"DATABASE_URL": "postgresql://me@db/shop"}, tmp_path)
    assert shop.database_port is None
    assert shop.backend["DATABASE_URL"] == "postgresql://me@db/shop"


def test_the_gateways_account_can_be_chosen(tmp_path: Path) -> None:
    shop = planned({"GATEWAY_KEY_ID": "rzp_test_chosen"}, tmp_path)
    assert shop.backend["RAZORPAY_KEY_ID"] == "rzp_test_chosen"


@pytest.mark.parametrize("value", ["http", "0", "70000", "-1"])
def test_a_wrong_port_is_named(value: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"^GATEWAY_PORT is"):
        planned({"GATEWAY_PORT": value}, tmp_path)


def test_a_wrong_public_url_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"^PUBLIC_URL is"):
        planned({"PUBLIC_URL": "shop.example"}, tmp_path)
