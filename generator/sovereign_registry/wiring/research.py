"""Runs and imports: from a question or a draft to a published or waiting record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.adapters.console import ConsoleProgress
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.store import Queue, Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.wiring.answering import Ask, known, outcome_of, prepare_ask, settle, work
from sovereign_registry.wiring.live import live_ports
from sovereign_registry.wiring.live_meaning import require_new_question
from sovereign_registry.wiring.live_options import EMBEDDED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.wiring.answering import Outcome
    from sovereign_registry.wiring.live_options import LiveOptions

MAX_DRAFT_BYTES = 1_000_000


def run_question(  # noqa: PLR0913 - one parameter an option of the command
    root: Path,
    question: str,
    *,
    source: str,
    as_of: str | None,
    quiet: bool,
    live: LiveOptions = EMBEDDED,
) -> Outcome:
    """Answer a question and publish or queue its record; find it where it exists.

    Raises:
        RegistryError: whatever the user can act on.
    """
    registry = Registry(root)
    ask = Ask(question=question, source=source, as_of=as_of, live=live)
    with ConsoleProgress(quiet=quiet) as progress:
        prepared, ports = prepare_ask(registry, ask, progress)
        if found := known(registry, prepared.id):
            return found
        with live_ports(registry, ports, prepared.id, live) as ports:
            require_new_question(prepared, ports, live)
            return settle(registry, work(prepared, ports), ports)


def _read_draft(path: Path) -> bytes:
    if not path.is_file():
        raise BadInput("is no file", where=str(path), todo="Name a draft's text file.")
    if path.stat().st_size > MAX_DRAFT_BYTES:
        raise BadInput(
            f"holds {path.stat().st_size:,} bytes; the limit is {MAX_DRAFT_BYTES:,}",
            where=str(path),
            todo="A draft is a short text file.",
        )
    return path.read_bytes()


def import_files(root: Path, drafts: Sequence[Path], page: Path | None) -> list[Outcome]:
    """Import drafts into the queue; those that are known already are found.

    Raises:
        RegistryError: a draft cannot be read; then none of the batch is imported.
    """
    from sovereign_registry.pipeline import drafts as importing  # noqa: PLC0415 - heavy

    registry = Registry(root)
    files = [(path.name, _read_draft(path)) for path in drafts]
    pages: dict[int, bytes] = {}
    if page:
        data = _read_draft(page)
        pages[importing.draft_of_page(files, (page.name, data))] = data
    batch = [
        importing.import_manifest(data, pages.get(number), name=name)
        for number, (name, data) in enumerate(files)
    ]
    outcomes = []
    with registry.lock():
        held = _held(registry)
        threshold = RunConfig().near_duplicate_at
        for manifest in importing.near_duplicates(batch, threshold, known=held):
            found = known(registry, manifest.id)
            if not found:
                Queue(registry).add(emit(manifest), {})
            outcomes.append(found or outcome_of(registry, manifest, found=False))
    return outcomes


def _held(registry: Registry) -> list[Manifest]:
    """All that is published or waits and was not refused."""
    queue = Queue(registry)
    published = [registry.read(record_id).record for record_id in registry.ids()]
    waiting = [queue.read(record_id) for record_id in queue.ids() if not queue.refusal(record_id)]
    return [*published, *waiting]
