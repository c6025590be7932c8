"""HTTP to the outside: timeouts, no redirects, no private addresses, bounded answers (HUB 3.3, item 23).

The address is resolved once, checked, and the connection goes to that very address: a name that answers differently
the second time (DNS rebinding) cannot lead us anywhere else.
"""

import ipaddress
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError, NewConnectionError

from ofx.core import tracing

CONNECT_SECONDS = 5.0
MAX_BYTES = 5 * 1024 * 1024
_CHUNK = 64 * 1024


class NotSent(Exception):
    """The request has certainly not reached the other side; trying again is safe."""


class Forbidden(NotSent):
    """The address is one that we never talk to."""


class Unanswered(Exception):
    """The request may have been received and done: the outcome is unknown."""


@dataclass(frozen=True)
class Reply:
    """What came back. Header names are lower case; `truncated` when the body was longer than allowed."""

    status: int
    headers: dict[str, str]
    body: bytes
    truncated: bool = False


class _Pinned(HTTPAdapter):
    """Connects to the address that was checked, under the name that was asked for."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Swap the host for its checked address; TLS still verifies the name."""
        pool: Any
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = host["host"]
        if host["scheme"] == "https":
            pool.update(server_hostname=name, assert_hostname=name)
        return {**host, "host": checked_address(name, host["port"] or 0)}, pool


_local = threading.local()


def _session() -> requests.Session:
    """One session a thread: connections are kept, cookies and environment are not."""
    session: requests.Session | None = getattr(_local, "session", None)
    if session is None:
        session = requests.Session()
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Pinned(pool_maxsize=4, max_retries=0))
        _local.session = session
    return session


def checked_address(host: str, port: int) -> str:
    """The first address of the host that we may talk to. Raises Forbidden, or NotSent if the name is unknown.

    Private, loopback, link-local (cloud metadata), multicast and reserved addresses are refused unless the host
    stands in settings.OUTBOUND_ALLOW. One forbidden address among several refuses the host.
    """
    name = host.strip("[]")
    try:
        found = socket.getaddrinfo(name, port or None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f"the name {name} cannot be resolved") from error
    addresses = [str(entry[4][0]) for entry in found]
    if name not in settings.OUTBOUND_ALLOW:
        for address in addresses:
            if not _public(address):
                raise Forbidden(f"{name} is at {address}, an address that we do not connect to (OFX_OUTBOUND_ALLOW)")
    return addresses[0]


def _public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if mapped is not None:
        address = mapped
    return address.is_global and not address.is_multicast


def request(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 20.0,
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """One request, never redirected. `timeout` (seconds) bounds each wait and the whole body.

    Raises NotSent (Forbidden) where nothing was sent, Unanswered where it may have been received.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Forbidden(f"{url!r} is not an http address")
    sent = {
        "Accept-Encoding": "identity",
        "User-Agent": "OFX",
        **({tracing.HEADER: tracing.current()} if tracing.current() else {}),
        **(headers or {}),
        "Host": parts.netloc.rpartition("@")[2],
    }
    started = time.monotonic()
    try:
        with _session().request(
            method,
            url,
            headers=sent,
            data=body,
            timeout=(min(CONNECT_SECONDS, timeout), timeout),
            allow_redirects=False,
            stream=True,
        ) as answer:
            found, truncated = _body(answer, started + timeout, max_bytes)
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, names, found, truncated)
    except (NotSent, Unanswered):
        raise
    except requests.RequestException as error:
        raise _classified(error) from error
    except HTTPError as error:
        raise Unanswered(f"the answer was begun but not ended ({type(error).__name__})") from error
    finally:
        _session().cookies.clear()


def _body(answer: requests.Response, until: float, max_bytes: int) -> tuple[bytes, bool]:
    """Piece by piece as it arrives: a chunk that must be full would let a dripping answer run past its time."""
    found = bytearray()
    while chunk := answer.raw.read1(_CHUNK, decode_content=True):
        found += chunk
        if len(found) > max_bytes:
            return bytes(found[:max_bytes]), True
        if time.monotonic() > until:
            raise Unanswered("the answer was begun but not ended in time")
    return bytes(found), False


def _classified(error: requests.RequestException) -> NotSent | Unanswered:
    """NotSent only where the connection itself failed; everything else may have been received."""
    words = type(error).__name__
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NotSent("no connection in time")
    if isinstance(error, requests.exceptions.SSLError):
        return NotSent(f"the TLS certificate or handshake was refused: {_reason(error)}")
    if isinstance(error, requests.exceptions.ConnectionError) and _never_connected(error):
        return NotSent("connection refused")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader):
        return NotSent(f"the address or a header is not valid ({words})")
    if isinstance(error, requests.exceptions.Timeout):
        return Unanswered("no answer in time")
    return Unanswered(f"the connection was lost before an answer came ({words})")


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | NameResolutionError)


def _reason(error: Exception) -> str:
    return str(error.args[0] if error.args else error)[:200]
