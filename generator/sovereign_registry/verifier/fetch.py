"""A published site, read from its address: bounded, one origin, no redirect off it."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.log.seal import safe_path
from sovereign_registry.verifier.files import MAX_FILE, MAX_FILES, SiteFault

if TYPE_CHECKING:
    from urllib.parse import SplitResult

MAX_TOTAL = 8_000_000_000
"""Bytes of one site."""
TIMEOUT_SECONDS = 30.0
"""Silence after which a server counts as gone."""
FILE_SECONDS = 300.0
"""Time that one file may take."""
MAX_REDIRECTS = 3
ATTEMPTS = 2
_CHUNK = 65_536
_FOUND, _GONE = 200, frozenset({404, 410})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
AGENT = "sovereign-registry verify"


def _why(error: OSError | http.client.HTTPException) -> str:
    """What went wrong, without a class or a number of the system."""
    told = getattr(error, "strerror", None) or str(error).strip("'")
    return str(told) or type(error).__name__


class RemoteFiles:
    """A site at an address; requests go one after another over one connection.

    Args:
        address: The address of the folder in which the site's ``index.html`` stands.
        timeout: Seconds of silence after which the server counts as gone.

    Raises:
        UsageError: the address is none of the web, or names a user, a query or a fragment.
    """

    def __init__(self, address: str, timeout: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(address)
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
            raise UsageError(
                f"{address!r} is no address of a site",
                todo="Name it as https://host/path/, or name a folder.",
            )
        self._origin = _origin(parts)
        self._base = parts.path.removesuffix("index.html").rstrip("/") + "/"
        self.where = f"{parts.scheme}://{parts.netloc}{self._base}"
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None
        self._requests = 0
        self._bytes = 0

    def names(self) -> frozenset[str] | None:
        """None: a web server lists nothing."""
        return None

    def find(self, path: str) -> bytes | None:
        """Fetch a file; None where the server has none.

        Raises:
            SiteFault: it leads elsewhere, is too large, comes too slowly, or does not come.
        """
        if not safe_path(path):
            raise SiteFault("leads out of the site", where=path)
        target = self._base + quote(path)
        for _ in range(MAX_REDIRECTS + 1):
            status, location, data = self._get(target, path)
            if status == _FOUND:
                return data
            if status in _GONE:
                return None
            if status not in _REDIRECTS:
                raise SiteFault(f"the server answers {status}", where=path, todo="Try again later.")
            target = self._follow(target, location, path)
        raise SiteFault("is redirected over and over", where=path)

    def _follow(self, target: str, location: str, path: str) -> str:
        scheme, host, port = self._origin
        there = urlsplit(urljoin(f"{scheme}://{host}:{port}{target}", location))
        if _origin(there) != self._origin or not there.path.startswith(self._base):
            raise SiteFault(
                f"is redirected off the site, to {location[:200]!r}",
                where=path,
                todo="Name the address that it leads to, if you trust it.",
            )
        return there.path

    def _get(self, target: str, path: str) -> tuple[int, str, bytes]:
        self._requests += 1
        if self._requests > MAX_FILES:
            raise SiteFault(f"more than {MAX_FILES:,} files were asked for", where=path)
        for attempt in range(ATTEMPTS):
            try:
                return self._ask(target, path)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if attempt == ATTEMPTS - 1:
                    raise SiteFault(
                        f"cannot be fetched: {_why(error)}",
                        where=self.where + path,
                        todo="Check the address and the connection, and try again.",
                    ) from error
        raise AssertionError  # the last attempt returned or raised

    def _ask(self, target: str, path: str) -> tuple[int, str, bytes]:
        connection = self._connected()
        connection.request(
            "GET", target, headers={"Accept-Encoding": "identity", "User-Agent": AGENT}
        )
        with connection.getresponse() as reply:
            if reply.getheader("Content-Encoding", "identity") != "identity":
                self.close()
                raise SiteFault("is sent compressed, which was not asked for", where=path)
            data = self._body(reply, path)
            if reply.will_close:
                self.close()
            return reply.status, reply.getheader("Location", ""), data

    def _body(self, reply: http.client.HTTPResponse, path: str) -> bytes:
        deadline = time.monotonic() + FILE_SECONDS
        parts: list[bytes] = []
        size = 0
        while chunk := reply.read(_CHUNK):
            size += len(chunk)
            self._bytes += len(chunk)
            if size > MAX_FILE or self._bytes > MAX_TOTAL or time.monotonic() > deadline:
                self.close()
                raise SiteFault(
                    f"is more, or comes more slowly, than a site's file may ({size:,} bytes yet)",
                    where=path,
                )
            parts.append(chunk)
        if reply.length:
            raise http.client.IncompleteRead(b"".join(parts), reply.length)
        return b"".join(parts)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            scheme, host, port = self._origin
            kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
            self._connection = kind(host, port, timeout=self._timeout)
        return self._connection

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    try:
        port = parts.port
    except ValueError as error:
        raise UsageError("the address names no port that there is") from error
    return parts.scheme, parts.hostname or "", port or (443 if parts.scheme == "https" else 80)
