"""A URL to the bytes behind it, without being led to where the user did not mean to go.

The name is resolved once, every address it has must be public, and the connection is made to the very address that
was checked: a name that changes its address in between (DNS rebinding) gains nothing. A proxy from the environment is
not used, because it would resolve the name by itself.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from rag.errors import ArticleError

if TYPE_CHECKING:
    import httpx

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]

LARGEST = 20_000_000  # bytes
_LONGEST = 30.0  # seconds for a page with all its redirects
_SILENCE = 10.0  # seconds without a byte
_MOST_REDIRECTS = 5
_HEADERS = {"User-Agent": "suwen (article indexing)", "Accept": "text/html,*/*;q=.5", "Accept-Encoding": "gzip"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server sent: the body, the media type without parameters, and the encoding it declared."""

    raw: bytes
    media_type: str
    charset: str


@dataclass(frozen=True, slots=True)
class Permission:
    """What a fetch may do beyond the public web and the page asked for."""

    private: bool = False
    redirects: bool = False


def resolve(host: str, port: int) -> Sequence[str]:
    """Return every address of a host name."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def fetch(url: str, permission: Permission, resolve: Resolve = resolve) -> Fetched:
    """Fetch a page of the http or https web.

    Raises:
        ArticleError: the address is not allowed, nobody answers, the answer is no page, too large or too slow.

    """
    deadline, at = time.monotonic() + _LONGEST, url
    for _ in range(_MOST_REDIRECTS + 1):
        answer = _get(at, permission, resolve, deadline)
        if isinstance(answer, Fetched):
            return answer
        if not permission.redirects:
            raise ArticleError(f"{at}: leads to {answer}; index that address, or add --follow-redirects")
        at = answer
    raise ArticleError(f"{url}: leads on more than {_MOST_REDIRECTS} times; index the last address")


def is_public(address: str) -> bool:
    """Tell whether an address is of the public internet, also where it wraps an IPv4 address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # with a zone, as only local ones have
        return False
    inner: ipaddress.IPv4Address | None = None
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return is_public(str(inner)) if inner else ip.is_global and not ip.is_multicast and not ip.is_reserved


def _get(url: str, permission: Permission, resolve: Resolve, deadline: float) -> Fetched | str:
    """Return the page, or the address that the server leads to."""
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ArticleError(f"{url!a}: not an address ({error}); check it") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ArticleError(f"{url}: not an address of the web; it begins with http:// or https:// and a host")
    if parsed.userinfo:
        raise ArticleError(
            f"{parsed.host}: an address with a name and password is not fetched; save the page as a file"
        )
    port = parsed.port or {"http": 80, "https": 443}[parsed.scheme]
    refused: httpx.TransportError = httpx.ConnectError("it has no address")
    for address in _addresses(url, parsed.raw_host.decode("ascii"), port, permission, resolve):
        try:
            return _get_from(address, parsed, deadline)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            refused = error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ArticleError(f"{url}: {_reason(error)}; try again, or save the page as a file") from error
    raise ArticleError(f"{url}: cannot be reached ({_reason(refused)}); check the address, no proxy is used")


def _addresses(url: str, host: str, port: int, permission: Permission, resolve: Resolve) -> Sequence[str]:
    try:
        addresses = resolve(host.strip("[]"), port)
    except (OSError, UnicodeError) as error:
        raise ArticleError(f"{url}: {host} has no address; check the name and the network") from error
    inside = [each for each in addresses if not is_public(each)]
    if inside and not permission.private:
        raise ArticleError(f"{url}: {inside[0]} is no address of the public internet; if meant, add --allow-private")
    return addresses


def _get_from(address: str, url: "httpx.URL", deadline: float) -> Fetched | str:
    import httpx

    host = f"[{address}]" if ":" in address else address
    pinned = url.copy_with(host=host, fragment=None)
    headers = {**_HEADERS, "Host": url.netloc.decode("ascii")}
    extensions = {"sni_hostname": url.raw_host.decode("ascii").strip("[]")}  # also what the certificate is checked for
    context = httpx.create_ssl_context()  # with the environment's own certificates, SSL_CERT_FILE
    timeout = min(_SILENCE, _left(url, deadline))
    with (
        httpx.Client(verify=context, trust_env=False, timeout=timeout) as client,
        client.stream("GET", pinned, headers=headers, extensions=extensions) as response,
    ):
        if response.has_redirect_location:
            return str(url.join(response.headers["Location"]).copy_with(fragment=None))
        if response.status_code != 200:
            raise ArticleError(f"{url}: the server says {response.status_code}; check the address, or save the page")
        return Fetched(_body(response, url, deadline), *_media_type(response))


def _body(response: "httpx.Response", url: "httpx.URL", deadline: float) -> bytes:
    if response.headers.get("Content-Encoding", "gzip").lower() not in ("gzip", "identity"):
        raise ArticleError(f"{url}: packed in a way that was not asked for; save the page as a file")
    body = bytearray()
    for piece in response.iter_bytes(65536):
        body += piece
        if len(body) > LARGEST:
            raise ArticleError(f"{url}: larger than {LARGEST // 1_000_000} MB; save it as a file and split it")
        _left(url, deadline)
    return bytes(body)


def _left(url: "httpx.URL", deadline: float) -> float:
    """Return the seconds until the deadline, which has to be in the future."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise ArticleError(f"{url}: takes longer than {_LONGEST:g} s; try again, or save the page as a file")
    return left


def _media_type(response: "httpx.Response") -> tuple[str, str]:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return media_type, response.charset_encoding or ""


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words[:200]
