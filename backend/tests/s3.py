"""A bucket on a real socket that believes nobody: it works out every signature and every policy again, as Amazon says.

Signature Version 4 in the Authorization header, and POST policies of HTML forms (signature, expiry, each condition).
Written from Amazon's pages, and not with boto3's own code, so that neither can be wrong alone.
"""

import hashlib
import hmac
import json
import re
import threading
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

KEY_ID, SECRET = "AKIATESTSALONE", "secret-for-tests-alone"


@dataclass
class Stored:
    content: bytes
    headers: dict[str, str]


@dataclass
class Bucket:
    """What is in it, and how it misbehaves: `fault` answers every request with this status and code, `delay` first waits."""

    url: str
    name: str = "noirel-pictures"
    objects: dict[str, Stored] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fault: tuple[int, str] | None = None
    delay: float = 0.0  # seconds


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    bucket = Bucket(url=f"http://127.0.0.1:{server.server_address[1]}")
    server.bucket = bucket  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def _answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        length = (headers or {}).get("Content-Length")
        if length is None and status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _do(self) -> None:
        bucket: Bucket = self.server.bucket  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        name, _, key = unquote(parts.path).lstrip("/").partition("/")
        bucket.asked.append(f"{self.command} {key}")
        try:
            time.sleep(bucket.delay)
            if bucket.fault:
                raise Refused(*bucket.fault)
            if name != bucket.name:
                raise Refused(404, "NoSuchBucket")
            if self.command == "POST":
                self._form(bucket, body)
            elif self.command == "GET" and "Authorization" not in self.headers and key.startswith("pictures/"):
                self._hand_out(bucket, key)  # the bucket's policy: everyone may read these
            else:
                _check_header(self.command, parts.path, parts.query, self.headers, body)
                self._do_as_owner(bucket, key, body)
        except Refused as refused:
            text = f"<?xml version='1.0'?><Error><Code>{refused.code}</Code><Message>{refused.code}</Message></Error>"
            self._answer(refused.status, text.encode(), {"Content-Type": "application/xml"})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked has given up

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _do  # noqa: N815  # names of http.server

    def _do_as_owner(self, bucket: Bucket, key: str, body: bytes) -> None:
        if self.command == "PUT":
            kept = ("content-type", "cache-control")
            bucket.objects[key] = Stored(body, {n: v for n, v in self.headers.items() if n.lower() in kept})
            self._answer(200, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})
        elif self.command == "DELETE":
            bucket.objects.pop(key, None)
            self._answer(204)
        else:
            self._hand_out(bucket, key)

    def _hand_out(self, bucket: Bucket, key: str) -> None:
        stored = bucket.objects.get(key)
        if stored is None:
            raise Refused(404, "NoSuchKey")
        headers = {**stored.headers, "Content-Length": str(len(stored.content))}
        self._answer(200, stored.content, headers | {"Last-Modified": "Mon, 23 Nov 2026 00:00:00 GMT", "ETag": '"x"'})

    def _form(self, bucket: Bucket, body: bytes) -> None:
        if "Authorization" in self.headers:
            raise Refused(400, "InvalidArgument")  # only one way of saying who one is
        form: Any = BytesParser(policy=HTTP).parsebytes(
            b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body
        )
        fields: dict[str, str] = {}
        content = b""
        for part in form.iter_parts():
            name = part.get_param("name", header="content-disposition")
            if name == "file":
                content = part.get_payload(decode=True)
                break  # what comes behind the file is not read
            fields[name.lower()] = part.get_payload(decode=True).decode()
        _check_policy(bucket.name, fields, len(content))
        bucket.objects[fields["key"]] = Stored(content, {"Content-Type": fields.get("content-type", "binary/octet-stream")})
        self._answer(204)


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _signature(scope: str, text: str) -> str:
    day, region, service, end = scope.split("/")
    key = _hmac(_hmac(_hmac(_hmac(b"AWS4" + SECRET.encode(), day), region), service), end)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _check_header(method: str, path: str, query: str, headers: Any, body: bytes) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html"""
    told = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\S+), ?SignedHeaders=(\S+), ?Signature=([0-9a-f]{64})",
        headers.get("Authorization", ""),
    )
    if not told or told[1] != KEY_ID:
        raise Refused(403, "AccessDenied")
    _, scope, names, signature = told.groups()
    hashed = headers["x-amz-content-sha256"]
    if hashed not in {"UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()}:
        raise Refused(400, "XAmzContentSHA256Mismatch")
    pairs = sorted((quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join([
        method, quote(unquote(path), safe="/-_.~"), "&".join(f"{n}={v}" for n, v in pairs),
        *(f"{name}:{' '.join(headers[name].split())}" for name in names.split(";")), "", names, hashed,
    ])  # fmt: skip
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    if not hmac.compare_digest(signature, _signature(scope, text)):
        raise Refused(403, "SignatureDoesNotMatch")


def _check_policy(bucket: str, fields: Mapping[str, str], size: int) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html"""
    key_id, _, scope = fields.get("x-amz-credential", "").partition("/")
    if key_id != KEY_ID or "policy" not in fields:
        raise Refused(403, "AccessDenied")
    if not hmac.compare_digest(fields.get("x-amz-signature", ""), _signature(scope, fields["policy"])):
        raise Refused(403, "SignatureDoesNotMatch")
    policy = json.loads(b64decode(fields["policy"]))
    if datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) < datetime.now(UTC):
        raise Refused(403, "AccessDenied")
    allowed = {"policy", "x-amz-signature"}
    for condition in policy["conditions"]:
        if isinstance(condition, list) and condition[0] == "content-length-range":
            if size < condition[1]:
                raise Refused(400, "EntityTooSmall")
            if size > condition[2]:
                raise Refused(400, "EntityTooLarge")
            continue
        match, name, value = (
            (condition[0], condition[1].lstrip("$").lower(), condition[2])
            if isinstance(condition, list)
            else ("eq", *next((n.lower(), v) for n, v in condition.items()))
        )
        actual = bucket if name == "bucket" else fields.get(name, "")
        if not (actual == value if match == "eq" else match == "starts-with" and actual.startswith(value)):
            raise Refused(403, "AccessDenied")
        allowed.add(name)
    if set(fields) - allowed:
        raise Refused(403, "AccessDenied")  # a field that no condition speaks of
