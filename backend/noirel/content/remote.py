"""Fetching a picture from an address that a stranger wrote: nothing inside, nothing large, nothing slow, nothing else."""

import ipaddress
import socket
from io import BytesIO
from urllib.parse import urljoin, urlsplit

import urllib3
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 60_000_000
TIMEOUT = urllib3.Timeout(connect=4.0, read=8.0)  # seconds
MAX_REDIRECTS = 3
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


class PictureRefused(Exception):
    """The address, or what came from it, is not a picture that we take. The message is for people."""


class HostUnreachable(PictureRefused):
    """The host doesn't answer; its other addresses won't either."""


def fetch_picture(url: str) -> Image.Image:
    """The picture at a public http(s) address, upright, without its metadata. Raises PictureRefused."""
    for _ in range(MAX_REDIRECTS + 1):
        status, location, body = _get(url)
        if status in {301, 302, 303, 307, 308} and location:
            url = urljoin(url, location)
            continue
        if status != 200:
            raise PictureRefused(f"It answered {status}.")
        return _picture(body)
    raise PictureRefused("It leads from one address to the next.")


def public_address(host: str, port: int) -> str:
    """An address of this host, if all of its addresses are public. Raises PictureRefused."""
    try:
        found = {item[4][0] for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise HostUnreachable(f"{host} can't be found.") from None
    for text in found:
        address = ipaddress.ip_address(str(text).split("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        if not (mapped or address).is_global or address.is_multicast:
            raise PictureRefused(f"{host} is not a public address.")
    return str(min(found, key=lambda text: ":" in str(text)))  # IPv4 first


def _get(url: str) -> tuple[int, str | None, bytes]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise PictureRefused("It is not an address.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise PictureRefused("Only http:// and https:// addresses are fetched.")
    # The name is looked up once and that address is used: a second look-up could answer something private.
    address = public_address(parts.hostname, port)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address, port, timeout=TIMEOUT, retries=False, server_hostname=parts.hostname, assert_hostname=parts.hostname
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=TIMEOUT, retries=False)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        answer = pool.request(
            "GET", target, headers={"Host": parts.netloc, "Accept": "image/*"}, redirect=False, preload_content=False
        )
        body = b""
        for piece in answer.stream(64 * 1024, decode_content=True):
            body += piece
            if len(body) > MAX_BYTES:
                raise PictureRefused(f"It is larger than {MAX_BYTES // 1024 // 1024} MB.")
        return answer.status, answer.headers.get("Location"), body
    except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError):
        raise HostUnreachable(f"{parts.hostname} doesn't answer.") from None
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise PictureRefused(f"It can't be read: {type(error).__name__}.") from None
    finally:
        pool.close()


def _picture(body: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(body), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PictureRefused(f"It has more than {MAX_PIXELS // 1_000_000} million pixels.")
            upright = ImageOps.exif_transpose(opened)
            has_alpha = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
            return upright.convert("RGBA" if has_alpha else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise PictureRefused("It is not a picture that we can read.") from None
