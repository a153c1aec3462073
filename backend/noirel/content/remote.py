"""Fetching a picture from an address that a stranger wrote: nothing inside, nothing large, nothing slow, nothing else."""

import http.client
import ipaddress
import socket
import threading
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

import urllib3
from django.conf import settings
from PIL import Image
from urllib3.connection import HTTPConnection, HTTPSConnection

from noirel.content.errors import PictureRefused, PictureTooLarge
from noirel.content.pixels import clean_picture

CONNECT_SECONDS, READ_SECONDS = 4.0, 8.0
TOTAL_SECONDS = 30.0  # of one answer, however steadily it drips
MAX_REDIRECTS = 3
PORTS = (80, 443)  # whatever else listens at a public address is no shop's picture
# The unicast addresses that are routed on the public Internet (IANA's registries). Everything else is not: unique local, site
# local and link local ones, and translations (IPv4-compatible, NAT64 of RFC 6052 and 8215), which lead to any IPv4 address.
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
_SPECIAL_IPV6 = [
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # Teredo and other protocols, examples, 6to4
]
_SPECIAL_IPV4 = [ipaddress.ip_network("192.88.99.0/24")]  # relays of 6to4; ipaddress knows the others


class HostUnreachable(PictureRefused):
    """The host doesn't answer; its other addresses won't either."""

    code = "picture_host_unreachable"
    default_detail = "The picture's host isn't responding."


def fetch_picture(url: str) -> Image.Image:
    """The clean pixels at a public http(s) address, of a moving picture the first frame. Raises PictureRefused."""
    for _ in range(MAX_REDIRECTS + 1):
        status, location, body = _get(url)
        if status in {301, 302, 303, 307, 308} and location:
            try:
                url = urljoin(url, location)
            except ValueError:
                raise PictureRefused("It leads to what is no address.") from None
            continue
        if status != 200:
            raise PictureRefused(f"It answered {status}.")
        return clean_picture(body, first_frame=True)
    raise PictureRefused("It leads from one address to the next.")


def public_address(host: str, port: int) -> str:
    """An address of this host, if all of its addresses are public and the port is a web server's. Raises PictureRefused."""
    if port not in PORTS:
        raise PictureRefused(f"Port {port} is not a web server's: only 80 and 443 are.")
    try:
        found = {item[4][0] for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise HostUnreachable(f"{host} can't be found.") from None
    if not all(_is_public(str(text).split("%")[0]) for text in found):
        raise PictureRefused(f"{host} is not a public address.")
    return str(min(found, key=lambda text: ":" in str(text)))  # IPv4 first


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if isinstance(address, ipaddress.IPv6Address):
        return address in _PUBLIC_IPV6 and not any(address in network for network in _SPECIAL_IPV6)
    if any(address in network for network in _SPECIAL_IPV4):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _get(url: str) -> tuple[int, str | None, bytes]:
    """Status, Location and body of one answer, whose body is read only where it may be the picture."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        target = urllib3.util.parse_url(url).request_uri
    except (ValueError, urllib3.exceptions.LocationParseError):
        raise PictureRefused("It is not an address.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise PictureRefused("Only http:// and https:// addresses are fetched.")
    # The name is looked up once and that address is used: a second look-up could answer something private.
    connection = _connection(parts.scheme, parts.hostname, public_address(parts.hostname, port), port)
    late = threading.Event()

    try:
        connection.connect()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        connection.close()
        if isinstance(error, urllib3.exceptions.ConnectTimeoutError | urllib3.exceptions.NewConnectionError):
            raise HostUnreachable(f"{parts.hostname} doesn't answer.") from None
        raise PictureRefused(f"It can't be read: {type(error).__name__}.") from None
    wire = connection.sock  # the connection lets go of it once an answer has begun

    def give_up() -> None:
        late.set()
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)  # whoever reads wakes up

    alarm = threading.Timer(TOTAL_SECONDS, give_up)
    alarm.daemon = True
    alarm.start()
    try:
        wire.settimeout(READ_SECONDS)
        # As it is: packed bytes would not be a picture, and never have to be unpacked.
        headers = {"Host": parts.netloc, "Accept": "image/*", "Accept-Encoding": "identity"}
        connection.request("GET", target, headers=headers, preload_content=False, decode_content=False)
        answer = connection.getresponse()
        body = _body(answer) if answer.status == 200 else b""
        if late.is_set():
            raise PictureRefused(f"It took longer than {TOTAL_SECONDS:.0f} seconds.")
        return answer.status, answer.headers.get("Location"), body
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError, AttributeError) as error:
        if late.is_set():
            raise PictureRefused(f"It took longer than {TOTAL_SECONDS:.0f} seconds.") from None
        raise PictureRefused(f"It can't be read: {type(error).__name__}.") from None
    finally:
        alarm.cancel()
        connection.close()


def _connection(scheme: str, host: str, address: str, port: int) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(address, port, timeout=CONNECT_SECONDS, server_hostname=host, assert_hostname=host)
    return HTTPConnection(address, port, timeout=CONNECT_SECONDS)


def _body(answer: urllib3.BaseHTTPResponse) -> bytes:
    body = bytearray()
    while piece := answer.read(64 * 1024):
        body += piece
        if len(body) > settings.MEDIA_MAX_BYTES:
            raise PictureTooLarge(f"It is larger than {settings.MEDIA_MAX_BYTES / 1024 / 1024:.3g} MB.")
    return bytes(body)
