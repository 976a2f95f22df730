"""The reader of full texts, where the user asked for it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.wiring.ports import kind_of, user_cache

if TYPE_CHECKING:
    from sovereign_registry.pipeline.ports import Ports


def with_texts(ports: Ports, source: str, texts: str) -> Ports:
    """The ports with a reader of full texts where ``texts`` is ``full``; else as they are.

    Raises:
        UsageError: the source's papers are not arXiv's, or a library is not installed.
    """
    if texts != "full":
        return ports
    if kind_of(source) == "corpus":
        raise UsageError(
            "the bundled sample carries its own texts",
            where="--texts",
            todo="Full texts are fetched from arXiv: use --source arxiv or --source snapshot:FILE.",
        )
    try:
        from sovereign_registry.adapters.clock import SystemClock  # noqa: PLC0415
        from sovereign_registry.adapters.fulltexts import fetch, reader  # noqa: PLC0415
        from sovereign_registry.adapters.fulltexts.crew import Crew  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the library {error.name} is not installed",
            todo="Full texts need the research libraries: pip install "
            '"sovereign-registry[research]".',
        ) from error
    reader.require_parsers()
    fetcher = fetch.TextFetcher(
        user_cache() / "arxiv",
        SystemClock(),
        base_url=fetch.base_of(os.environ.get("SOVEREIGN_ARXIV_URL")),
        note=ports.progress.note,
    )
    return replace(ports, texts=reader.FullTextReader(fetcher, Crew(), ports.progress))
