"""One request over HTTP: bounded in time and size, no redirects, the key in one header only."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from sovereign_registry import __version__
from sovereign_registry.adapters.models.failures import Retryable, raise_for, retry_after
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import ModelFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sovereign_registry.adapters.models.address import Address
    from sovereign_registry.adapters.models.secret import Secret
    from sovereign_registry.adapters.models.services import Service

USER_AGENT = f"sovereign-registry/{__version__}"
"""Our own: some hosted endpoints refuse those of well-known client libraries."""

_OK = 200
_ACCEPTED = 202
_MAX_ERROR_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of waiting and of size; seconds and bytes."""

    connect: float = 10.0
    whole: float = 300.0
    """From sending a request to the last byte of its reply; a model may think for long before
    the first byte."""
    tries: int = 6
    """Of one call; a 429 is the account's affair, not the call's, and only patience ends it."""
    backoff: float = 2.0
    """Before the second try; doubled for each further one."""
    longest_backoff: float = 60.0
    longest_wait: float = 120.0
    """The longest Retry-After that is waited for."""
    patience: float = 900.0
    """From the first failure of a call to its last try."""
    poll: float = 2.0
    """Between two looks at a pending reply."""
    max_bytes: int = 32 * 1024 * 1024
    """256 vectors of 4,096 numbers are about 20 MB."""


class Wire:
    """Sends requests to one server; used from one event loop only."""

    def __init__(
        self, service: Service, address: Address, key: Secret | None, limits: Limits
    ) -> None:
        self._service = service
        self._address = address
        self._key = key
        self._limits = limits
        self._client: httpx.AsyncClient | None = None

    def open(self) -> None:
        """Make ready what takes time, before the right to start is taken."""
        self._opened()

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def post(
        self,
        path: str,
        body: bytes,
        *,
        model: str,
        where: str,
        turn: Callable[[str], Awaitable[None]],
    ) -> bytes:
        """Send one request; the body of a reply with status 200.

        Args:
            path: Under the base address.
            body: JSON.
            model: For the words of an error.
            where: Host and path, for the same.
            turn: Waits for the right to look again where a reply is pending.

        Raises:
            Retryable: another try may help.
            SchemaRefused: the server does not take a JSON Schema.
            ModelFailure: nothing will help.
        """
        deadline = asyncio.get_running_loop().time() + self._limits.whole
        status, headers, reply = await self._exchange("POST", path, body, where)
        while status == _ACCEPTED and self._service.polls:
            name = headers.get("NVCF-REQID", "")
            if not re.fullmatch(r"[\w-]{1,80}", name):
                break
            if asyncio.get_running_loop().time() > deadline:
                raise Retryable(f"the reply was still pending after {self._limits.whole:.0f} s")
            await asyncio.sleep(self._limits.poll)
            await turn(where)
            status, headers, reply = await self._exchange("GET", f"status/{name}", None, where)
        if _OK < status < 300:  # noqa: PLR2004
            raise ModelFailure(
                f"the server answers with HTTP {status} and no reply",
                fault=CallFault.MALFORMED,
                where=where,
                todo="Check that the address is that of a model server.",
            )
        if status != _OK:
            wait = retry_after(headers.get("Retry-After", ""))
            raise_for(status, reply, wait=wait, model=model, where=where, key=self._key)
        self._require_discreet(reply, where)
        return reply

    def _require_discreet(self, reply: bytes, where: str) -> None:
        """A reply that repeats the key must not be kept."""
        if self._key is not None and self._key.reveal().encode() in reply:
            raise ModelFailure(
                "the reply repeats the key",
                fault=CallFault.MALFORMED,
                where=where,
                todo="Do not trust this server with the key; make a new one.",
            )

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            headers = {
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                # A compressed reply could unpack to any size.
                "Accept-Encoding": "identity",
            }
            if self._key is not None:
                headers["Authorization"] = f"Bearer {self._key.reveal()}"
            self._client = httpx.AsyncClient(
                headers=headers,
                timeout=httpx.Timeout(self._limits.whole, connect=self._limits.connect, pool=None),
                limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
                follow_redirects=False,
                # The user's proxies, but never between this machine and itself.
                trust_env=not self._address.loopback,
            )
        return self._client

    async def _exchange(
        self, method: str, path: str, body: bytes | None, where: str
    ) -> tuple[int, httpx.Headers, bytes]:
        url = f"{self._address.url}/{path}"
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            async with (
                asyncio.timeout(self._limits.whole),
                self._opened().stream(method, url, content=body, headers=headers) as response,
            ):
                return response.status_code, response.headers, await self._read(response, where)
        except TimeoutError as error:
            raise Retryable(f"no whole reply within {self._limits.whole:.0f} seconds") from error
        except httpx.TransportError as error:
            raise Retryable(f"the connection failed ({_named(error)})") from error

    async def _read(self, response: httpx.Response, where: str) -> bytes:
        """Read piece by piece, so that a reply of any size costs no more than the limit."""
        whole = response.status_code == _OK
        cap = self._limits.max_bytes if whole else _MAX_ERROR_BYTES
        body = bytearray()
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise ModelFailure(
                "the reply is compressed, though that was not asked for",
                fault=CallFault.MALFORMED,
                where=where,
                todo="Check what stands between this machine and the model server.",
            )
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > cap:
                if not whole:
                    break
                raise ModelFailure(
                    f"the reply is longer than {cap:,} bytes",
                    fault=CallFault.MALFORMED,
                    where=where,
                    todo="Check that the address is that of a model server.",
                )
        return bytes(body[:cap])


def _named(error: httpx.TransportError) -> str:
    """The kind of a broken connection, and its words where they say more."""
    words = " ".join(str(error).split())[:120]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
