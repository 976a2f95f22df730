"""Addresses of model servers, checked before anything is sent to them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sovereign_registry.contracts.errors import UsageError

if TYPE_CHECKING:
    from sovereign_registry.adapters.models.secret import Secret

_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?|[0-9a-f:.]{2,45}")
"""A name in ASCII or a number, as it stands in an address, in lower case."""


@dataclass(frozen=True)
class Address:
    """The base address of a server, such as ``https://host/v1``, without a final slash."""

    url: str
    host: str
    """Host and port, as errors name it."""
    loopback: bool
    """Whether it is this machine."""
    encrypted: bool


def address_of(url: str, where: str = "--model-url") -> Address:
    """Check a base address.

    Raises:
        UsageError: it is no http or https address of a host, or carries a user, a query or a
            fragment.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _unfit(f"{_safe(url)!r} is no address ({error})", where) from error
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise _unfit(f"{_safe(url)!r} is no http or https address", where)
    if "@" in parts.netloc:
        raise _unfit("the address carries a user or a password", where)
    if parts.query or parts.fragment or re.search(r"[^\x21-\x7e]", url.strip()):
        raise _unfit(f"{_safe(url)!r} carries more than host and path", where)
    return Address(
        url=url.strip().rstrip("/"),
        host=f"{host}:{port}" if port else host,
        loopback=_is_loopback(host),
        encrypted=parts.scheme == "https",
    )


def require_safe(address: Address, key: Secret | None, where: str = "--model-url") -> None:
    """Refuse to send a key in the clear over a network.

    Raises:
        UsageError: there is a key, and the address is plain http to another machine.
    """
    if key is not None and not address.encrypted and not address.loopback:
        raise UsageError(
            f"the key would travel unencrypted to {address.host}",
            where=where,
            todo="Use https, a tunnel to this machine, or unset the key if the server needs none.",
        )


def is_nvidia(address: Address) -> bool:
    """Whether the host is one of NVIDIA's, the only ones that an NVIDIA key is sent to."""
    name = address.host.partition(":")[0]
    return address.encrypted and (name == "nvidia.com" or name.endswith(".nvidia.com"))


def _unfit(what: str, where: str) -> UsageError:
    return UsageError(
        what, where=where, todo="Give the base address, such as http://127.0.0.1:8000/v1."
    )


def _safe(url: str) -> str:
    """The address without what may be a password."""
    return re.split(r"[?#]", url.strip().rpartition("@")[2])[0][:200]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
