"""Every setting with values that can't be meant: the start ends at once, and names the setting and what is allowed.

Each case goes the way of `make run`: the supervisor's plan, then what it gives to the API, the front and the gateway,
each of which reads its own settings. A setting without a row here fails the test.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ops.environment import WrongSetting, plan
from ops.paths import BACKEND, ROOT, WEB, node_bin
from ops.tests.test_settings_documented import documented

NUMBERS = ("-1", "x", "1e3", "nan", "inf", "99999999999999", "٣", "1_0", "0x1")
FRACTIONS = ("-1", "x", "nan", "inf", "99999999999999", "1e99")
SWITCHES = ("2", "maybe", "-")
ORIGINS = (
    "shop.example", "ftp://shop.example", "https://", "https://u:p@shop.example", "https://shop.example/path",
    "https://shop.example?x=1", "https://shop.example#x", "https://shop.example:99999", "https://shop.example:x",
    "https://two words", "https://x; script-src *", "https://shop.example\nX: y",
)  # fmt: skip
SECRETS = ("two words", "a\nb", "schlüssel")
HTTPS = {"PUBLIC_URL": "https://shop.example", "TRUST_PROXY": "1"}
KEYS = {"RAZORPAY_KEY_ID": "rzp_test_1", "RAZORPAY_KEY_SECRET": "s", "RAZORPAY_WEBHOOK_SECRET": "w"}

# Values of a setting; or, where others matter, the environment that makes it wrong.
WRONG: dict[str, tuple[str | dict[str, str], ...]] = {
    "PORT": (*NUMBERS, "0", "65536", {"PORT": "8001"}),
    "GATEWAY_PORT": (*NUMBERS, "0", "65536"),
    "PUBLIC_URL": ORIGINS,
    "DATABASE_URL": ("nonsense", "mysql://x/y", "postgresql://db", "postgresql://db:x/shop", "postgresql://db:99999/shop"),
    "REDIS_URL": ("nonsense", "http://cache", "redis://", "redis://cache:99999", "redis://cache/x"),
    "SEARCH_LANGUAGE": ("English; DROP", "x" * 64, "en-GB"),
    "NEW_FOR_DAYS": (*NUMBERS, "999999999"),
    "BEST_SELLERS": NUMBERS,
    "BEST_SELLER_DAYS": (*NUMBERS, "0", "9999999999"),
    "READS_KEPT_MB": (*NUMBERS, "-4"),
    "READS_KEPT_SECONDS": FRACTIONS,
    "READS_TRUSTED_MS": FRACTIONS,
    "SURROGATE_HEADER": ("Bad Header", "Content-Type", "Set-Cookie", "X:Y", "ä", "X\nY", "cache-control"),
    "CDN_PURGE_URL": ("nonsense", "file:///x", "https://"),
    "CDN_PURGE_KIND": ("akamai",),
    "CDN_PURGE_TOKEN": SECRETS,
    "RAZORPAY_KEY_ID": (
        *(KEYS | {"RAZORPAY_KEY_ID": value} for value in ("nonsense", "rzp_test_", "rzp_live_a b", "rzp_beta_1")),
        KEYS | HTTPS,
    ),
    "RAZORPAY_KEY_SECRET": tuple(KEYS | {"RAZORPAY_KEY_SECRET": value} for value in ("", *SECRETS)),
    "RAZORPAY_WEBHOOK_SECRET": tuple(KEYS | {"RAZORPAY_WEBHOOK_SECRET": value} for value in ("", *SECRETS)),
    "RAZORPAY_WEBHOOK_SECRET_PREVIOUS": SECRETS,
    "RAZORPAY_ACCOUNT_ID": ("nonsense", "acc_", "acc_a b"),
    "ALLOW_TEST_KEYS": tuple(HTTPS | {"ALLOW_TEST_KEYS": value} for value in SWITCHES),
    "CAPTURE_MODE": ("later", "auto"),
    "RAZORPAY_API_URL": tuple(KEYS | {"RAZORPAY_API_URL": value} for value in (*ORIGINS, "https://api.razorpay.com/v1")),
    "MEDIA_BUCKET": ("b", "Pictures", "a b", "x" * 64, "https://bucket"),
    "MEDIA_REGION": ("Mumbai (India)", "x" * 41),
    "MEDIA_ENDPOINT": ORIGINS,
    "MEDIA_PUBLIC_URL": ORIGINS,
    "HOST": ("nonsense", "300.1.1.1", "localhost:80", "*"),
    "API_ORIGIN": ORIGINS,
    "GATEWAY_ORIGIN": ORIGINS,
    "TRUST_PROXY": (*NUMBERS, "11"),
    "TRUSTED_PROXY_HOPS": (*NUMBERS, "11"),
    "ALLOWED_HOSTS": ("https://shop.example/", "shop.example:443", "a b", "shop.example,,x/y", "..", "ä"),
    "SECRET_KEY": ("short", " " * 40 + "x"),
    "DATABASE_CONN_MAX_AGE": NUMBERS,
    "SHIPPING_KEPT_SECONDS": FRACTIONS,
    "LOG_LEVEL": ("verbose", "10", "TRACE"),
    "DEBUG": (*SWITCHES, HTTPS | {"DEBUG": "1", "ALLOW_TEST_KEYS": "1"}),
    "MEDIA_ORIGINS": (
        *(value for value in ORIGINS if " " not in value), "https://x; script-src *", "https://x\nhttps://y", "'self'",
    ),
    "MEDIA_ROOT": ("relative", "/dev/null", "/proc/pictures"),
    "MEDIA_INBOX": ("relative", "/dev/null", "/proc/inbox", {"MEDIA_ROOT": "/tmp/m", "MEDIA_INBOX": "/tmp/m/inbox"}),
    "MEDIA_MAX_BYTES": (*NUMBERS, "0"),
    "MEDIA_MAX_PIXELS": (*NUMBERS, "0"),
    "MEDIA_MAX_SIDE": (*NUMBERS, "0"),
    "MEDIA_TIMEOUT_SECONDS": (*FRACTIONS, "0"),
    "EMAIL_URL": (
        "nonsense", "pigeon://x", "smtp://", "smtp://h:99999", "smtp://u:p@h:587?tls=0", "smtp://h?tls=yes", "smtp://h?ssl=1",
        "file://relative/x", "file:///proc/x", "smtps://h:587", "smtp://h/path",
    ),
    "EMAIL_FROM": (
        "nonsense", "a@", "a@b", "Shop <a@shop.example>\nBcc: x@y.example", "a@shop.example, b@shop.example",
        "Shop <a@shop.example> and more", "<>",
    ),
    "THROTTLE_SCALE": FRACTIONS,
    "DEMO_STAFF_PASSWORD": ("x", "password123", "owner-owner-owner"),
    "DEMO_STAFF_ROLES": ("nobody", "manager,nobody", "Owner"),
    "RUN_DIR": ("/dev/null", "/dev/null/run", "/proc/run"),
    "HOLD_SECONDS": (*NUMBERS, "0"),
    "HOLD_WITH_ATTEMPT_SECONDS": (*NUMBERS, "0", {"HOLD_SECONDS": "900", "HOLD_WITH_ATTEMPT_SECONDS": "899"}),
    "REQUEST_SECONDS": (*FRACTIONS, "0"),
    "SSR_API_SECONDS": (*FRACTIONS, "0", "1e9", "61"),
    "API_WORKERS": (*NUMBERS, "0", "65"),
    "API_THREADS": (*NUMBERS, "0", "257"),
    "GATEWAY_CONCURRENCY": (*NUMBERS, "0", "257"),
    "SHOP_NAME": ("x" * 61, "a\nb", "a\x1bb"),
    "SHOP_CURRENCY": ("RUPEES", "Rs", "inr", "XXX", "₹"),
    "SHOP_TIME_ZONE": ("Mars/Olympus", "IST+5:30", "../../etc/passwd"),
    "SHOP_COUNTRY": ("India", "XX", "IND"),
    "EXTRA_PIN_CODES": ("560999", "560999=ZZ", "000000=KA", "560999=KA;500999=TS"),
    "GATEWAY_DB": ("/dev/null/gateway.sqlite3", "/proc/gateway.sqlite3"),
    "GATEWAY_ID": ("nonsense", "acc_a b"),
    "GATEWAY_KEY_ID": ("nonsense", "rzp_test_a b"),
    "GATEWAY_KEY_SECRET": SECRETS,
    "GATEWAY_WEBHOOK_SECRET": SECRETS,
    "GATEWAY_WEBHOOK_URL": ("nonsense", "ftp://shop.example/hook", "http://", "http://shop.example:99999/hook"),
}  # fmt: skip
# Read by boto3, each in its own way; a region is MEDIA_REGION's.
OF_BOTO = {"AWS_*"}
# `make run` sets these for the front: in a deployment they are read from its own environment.
FRONT_ALONE = {"API_ORIGIN", "GATEWAY_ORIGIN"}
# Checked where they are used: the lock of the run folder, and the command that makes the account.
ELSEWHERE = {"RUN_DIR", "DEMO_STAFF_PASSWORD"}

CASES = [
    (name, value if isinstance(value, dict) else {name: value})
    for name, values in WRONG.items()
    if name not in ELSEWHERE
    for value in values
]

# Reads one environment a line and answers with a line of JSON, each in a child forked from a process that is warm.
READ_PYTHON = """
import json, os, sys
WARM
sys.argv = ["check"]
for line in sys.stdin:
    ends, begins = os.pipe()
    if not (child := os.fork()):
        os.dup2(begins, 2)
        os.environ.clear()
        os.environ.update(json.loads(line))
        try:
            READ
            code = 0
        except SystemExit as end:
            code = end.code
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            code = 1
        sys.stderr.flush()
        os._exit(code)
    os.close(begins)
    with os.fdopen(ends) as output:
        said = output.read()
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said]), flush=True)
"""
WARM_BACKEND = """
os.environ |= {"SECRET_KEY": "k" * 40, "DATABASE_URL": "postgresql://noirel@127.0.0.1/noirel"}
import noirel.config.check, noirel.config.settings
del sys.modules["noirel.config.settings"], noirel.config.settings
"""
READ_FRONT = """
import { createInterface } from "node:readline";
import { settingsFrom } from "./settings.ts";
for await (const line of createInterface({ input: process.stdin })) {
  try { settingsFrom(JSON.parse(line)); console.log("[0, null]"); }
  catch (error) { console.log(JSON.stringify([error.constructor.name === "SettingError" ? 78 : 1, error.message])); }
}
"""


def python(warm: str, read: str) -> list[str]:
    return [sys.executable, "-c", READ_PYTHON.replace("WARM", warm).replace("READ", read)]


class Reader:
    """A warm process that reads settings, many times."""

    def __init__(self, command: list[str], cwd: Path) -> None:
        self._process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": str(cwd)},
        )  # fmt: skip

    def refusal(self, environment: Mapping[str, str]) -> str:
        """What it says about the environment; empty if it would start."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(dict(environment)) + "\n")
        self._process.stdin.flush()
        code, said = json.loads(self._process.stdout.readline())
        assert code in (0, os.EX_CONFIG), said
        return str(said).strip() if code else ""

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def readers() -> Iterator[dict[str, Reader]]:
    found = {
        "backend": Reader(python(WARM_BACKEND, "noirel.config.check.main()"), BACKEND),
        "front": Reader([str(node_bin() / "node"), "--input-type=module-typescript", "-e", READ_FRONT], WEB / "front"),
        "gateway": Reader(python("import gateway.settings", "gateway.settings.from_environment()"), ROOT),
    }
    yield found
    for reader in found.values():
        reader.close()


def refusals(given: Mapping[str, str], run: Path, readers: Mapping[str, Reader]) -> list[str]:
    """What the parts of the shop say about an environment, in the order of the start."""
    try:
        shop = plan(given, run, api_port=9001, database_port=9002)
    except WrongSetting as wrong:
        return [str(wrong)]
    front = shop.front | {name: given[name] for name in FRONT_ALONE & set(given)}
    said = [
        readers["backend"].refusal(shop.backend),
        readers["front"].refusal(front),
        readers["gateway"].refusal(shop.gateway) if shop.has_gateway else "",
    ]
    return [line for line in said if line]


def test_every_documented_setting_has_wrong_values_here() -> None:
    assert set(WRONG) | OF_BOTO == documented()


def test_a_shop_with_nothing_set_may_start(tmp_path: Path, readers: dict[str, Reader]) -> None:
    assert refusals({}, tmp_path, readers) == []


@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{name}-{given.get(name)!a}" for name, given in CASES])
def test_a_wrong_value_is_refused_by_name(
    name: str, given: dict[str, str], tmp_path: Path, readers: dict[str, Reader]
) -> None:
    said = refusals(given, tmp_path, readers)
    assert said, f"{given} would start"
    for line in said:
        assert name in line, line
        assert "\n" not in line, line
        assert "Traceback" not in line
