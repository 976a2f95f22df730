"""Runs and imports: from a question or a draft to a published or waiting record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.adapters.console import ConsoleProgress
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.errors import BadInput, UsageError
from sovereign_registry.contracts.review import Policy
from sovereign_registry.store import Queue, Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.wiring.ports import build_ports, kind_of, neighbours

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.pipeline.run import Run

MAX_DRAFT_BYTES = 1_000_000


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of a question or a draft."""

    id: str
    found: bool
    """True where the record was there already and nothing was changed."""
    state: str
    """``published``, ``waiting`` or ``refused``."""
    path: str
    title: str
    score: str | None
    verdict: str
    policy: str
    tier: str
    paper_level: int
    claims: int
    verified: int
    basis: str
    """``lexical`` where the ticks were computed, ``declared`` where a draft states them."""
    flags: tuple[str, ...]

    @property
    def headline(self) -> str:
        """One sentence: what happened, and what to do next."""
        before = "found" if self.found else "new"
        after = {
            "published": "public",
            "waiting": "waits for its owner: sovereign-registry owner show " + self.id,
            "refused": "was refused by its owner",
        }[self.state]
        return f"{self.id} ({before} record) {after}"

    def facts(self) -> Iterable[tuple[str, str]]:
        """Label and value of what a publisher asks first."""
        yield "score", f"{self.score or 'none'}/10, {self.verdict}, {self.policy}"
        yield "claims", f"{self.verified} of {self.claims} verified ({self.basis})"
        yield "tier", self.tier
        yield "level", f"Level {self.paper_level} of 7"
        if self.flags:
            yield "flags", ", ".join(self.flags)
        yield "written", self.path


def _outcome(registry: Registry, record: Manifest, *, found: bool) -> Outcome:
    queue = Queue(registry)
    published = registry.has(record.id)
    state = "published" if published else "refused" if queue.refusal(record.id) else "waiting"
    folder = registry.record_dir(record.id) if published else queue.folder / record.id
    return Outcome(
        id=record.id,
        found=found,
        state=state,
        path=registry.relative(folder / "manifest.yaml"),
        title=record.work.title,
        score=record.review.score,
        verdict=record.review.verdict,
        policy=record.review.policy,
        tier=record.assessment.tier.tier,
        paper_level=record.assessment.level.paper_level,
        claims=len(record.claims),
        verified=sum(claim.verification.passed for claim in record.claims),
        basis="lexical" if record.origin is Origin.COMPUTED else "declared",
        flags=tuple(flag.kind for flag in record.flags),
    )


def _known(registry: Registry, record_id: str) -> Outcome | None:
    if registry.has(record_id):
        return _outcome(registry, registry.read(record_id).record, found=True)
    queue = Queue(registry)
    return _outcome(registry, queue.read(record_id), found=True) if queue.has(record_id) else None


def run_question(  # noqa: PLR0913 - one parameter an option of the command
    root: Path, question: str, *, source: str, reviewers: str, as_of: str | None, quiet: bool
) -> Outcome:
    """Answer a question and publish or queue its record; find it where it exists.

    Raises:
        RegistryError: whatever the user can act on.
    """
    from sovereign_registry.pipeline.conduct import complete, prepare  # noqa: PLC0415 - heavy

    _require_past(as_of)
    registry = Registry(root)
    config = RunConfig(source=kind_of(source), reviewers=reviewers)
    with ConsoleProgress(quiet=quiet) as progress:
        ports = build_ports(registry, source, progress)
        prepared = prepare(question, ports, config, as_of)
        found = _known(registry, prepared.id)
        if found:
            return found
        while True:
            run = complete(prepared, ports)
            with registry.lock():
                written = _write(registry, run, ports.neighbours.sha256)
            if written:
                return written
            # Another run published meanwhile: this one must be compared with it.
            ports = replace(ports, neighbours=neighbours(registry))


def _require_past(as_of: str | None) -> None:
    today = SystemClock().now().strftime("%Y-%m-%d")
    if as_of is not None and as_of > today:
        raise UsageError(
            f"{as_of} lies in the future", where="--as-of", todo=f"Today is {today} UTC."
        )


def _write(registry: Registry, run: Run, compared_sha256: str) -> Outcome | None:
    """Publish or queue a run, under ``lock``; None where the registry grew since it compared."""
    raced = _known(registry, run.manifest.id)
    if raced:
        return raced
    if neighbours(registry).sha256 != compared_sha256:
        return None
    data = emit(run.manifest)
    if run.manifest.review.policy is Policy.AUTO_APPROVE:
        registry.publish(data, dict(run.artifacts))
    else:
        Queue(registry).add(data, dict(run.artifacts))
    return _outcome(registry, run.manifest, found=False)


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
            found = _known(registry, manifest.id)
            if not found:
                Queue(registry).add(emit(manifest), {})
            outcomes.append(found or _outcome(registry, manifest, found=False))
    return outcomes


def _held(registry: Registry) -> list[Manifest]:
    """All that is published or waits and was not refused."""
    queue = Queue(registry)
    published = [registry.read(record_id).record for record_id in registry.ids()]
    waiting = [queue.read(record_id) for record_id in queue.ids() if not queue.refusal(record_id)]
    return [*published, *waiting]
