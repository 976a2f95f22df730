"""In what NIM differs from other servers of OpenAI's protocol: one row each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Service:
    """How to talk to one kind of server."""

    name: str
    label: str
    default_url: str | None
    """None: the user names the address."""
    retrieval_keys: bool
    """Whether embedding requests carry ``input_type`` and ``truncate``; strict servers of OpenAI's
    own shape refuse unknown keys, so for them the purpose of a text has no effect."""
    polls: bool
    """Whether a 202 means that the reply is fetched later under ``status/ID``."""


NIM = Service(
    name="nim",
    label="NVIDIA NIM",
    default_url="https://integrate.api.nvidia.com/v1",
    retrieval_keys=True,
    polls=True,
)
OPENAI = Service(
    name="openai",
    label="OpenAI-compatible server",
    default_url=None,
    retrieval_keys=False,
    polls=False,
)
SERVICES = {service.name: service for service in (NIM, OPENAI)}
