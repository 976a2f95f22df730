"""One question's way to its record, in two halves.

``work`` does all that is costly and may be done for many questions at once, in any process.
``settle`` publishes, one record after another: a record is compared with all that is published
before it, so the order of ``settle`` decides its bytes and the order of ``work`` does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.review import Policy
from sovereign_registry.store import Queue
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.wiring.live import live_config, named_ports
from sovereign_registry.wiring.live_meaning import require_new_question
from sovereign_registry.wiring.live_options import EMBEDDED
from sovereign_registry.wiring.live_texts import with_texts
from sovereign_registry.wiring.models import check_live
from sovereign_registry.wiring.ports import build_ports, kind_of, neighbours

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.ports import Progress
    from sovereign_registry.pipeline.ports import Ports
    from sovereign_registry.pipeline.run import Prepared, Run
    from sovereign_registry.store import Registry
    from sovereign_registry.wiring.live_options import LiveOptions
    from sovereign_registry.wiring.ports import RegistryNeighbours


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


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question with its options; can be sent to another process."""

    question: str
    source: str = "corpus"
    as_of: str | None = None
    live: LiveOptions = EMBEDDED
    since: str | None = None
    """Take arXiv's answers of this UTC date or later where they are kept; of a batch, its first
    day, so that one that goes on over midnight finds the records that it made before."""

    @property
    def config(self) -> RunConfig:
        """The configuration that the options resolve to.

        Raises:
            UsageError: there is no such source, or a role has no model.
        """
        return RunConfig(source=kind_of(self.source), **live_config(self.live))


@dataclass(frozen=True, kw_only=True)
class Worked:
    """A question that was worked on and whose record is not written yet."""

    prepared: Prepared
    run: Run

    @property
    def row(self) -> tuple[str, str, str] | None:
        """What later records will be compared with, (id, question, title); None: it will wait."""
        record = self.run.manifest
        if record.review.policy is not Policy.AUTO_APPROVE:
            return None
        return record.id, record.question.text, record.work.title


def ask_ports(registry: Registry, ask: Ask, progress: Progress) -> Ports:
    """The ports of a question's run.

    Raises:
        RegistryError: a source cannot be read, or a library is missing.
    """
    ports = with_texts(
        build_ports(registry, ask.source, progress, ask.since), ask.source, ask.live.texts
    )
    return named_ports(registry, ports, ask.live)


def prepare_ask(registry: Registry, ask: Ask, progress: Progress) -> tuple[Prepared, Ports]:
    """Ask the sources, so that the record's id is known.

    Raises:
        RegistryError: whatever the user can act on.
    """
    from sovereign_registry.pipeline.conduct import prepare  # noqa: PLC0415 - heavy

    require_past(ask.as_of)
    check_live(ask.live)
    ports = ask_ports(registry, ask, progress)
    return prepare(ask.question, ports, ask.config, ask.as_of), ports


def work(prepared: Prepared, ports: Ports) -> Worked:
    """Do everything that comes before publishing.

    Raises:
        RegistryError: whatever the user can act on.
    """
    from sovereign_registry.pipeline.conduct import complete  # noqa: PLC0415 - heavy

    return Worked(prepared=prepared, run=complete(prepared, ports))


def settle(
    registry: Registry, worked: Worked, ports: Ports, live: LiveOptions | None = None
) -> Outcome:
    """Publish or queue what was worked on, compared with the registry as it stands.

    Args:
        registry: The registry.
        worked: What was worked on.
        ports: The ports that it was worked on with.
        live: Where given, a question that became a near-duplicate meanwhile is treated as one that
            was a near-duplicate from the start.

    Raises:
        RegistryError: whatever the user can act on.
    """
    from sovereign_registry.pipeline.conduct import compare_again  # noqa: PLC0415 - heavy

    while True:
        with registry.lock():
            written = _write(registry, worked.run)
        if isinstance(written, Outcome):
            return written
        # Records were published meanwhile: this one must be compared with them.
        ports = replace(ports, neighbours=written)
        run = compare_again(worked.prepared, worked.run, ports)
        if run is None and live is not None:
            require_new_question(worked.prepared, ports, live)
        worked = replace(worked, run=run) if run else work(worked.prepared, ports)


def _write(registry: Registry, run: Run) -> Outcome | RegistryNeighbours:
    """Publish or queue a run, under ``lock``; else what it was not compared with yet."""
    raced = known(registry, run.manifest.id)
    if raced:
        return raced
    held = neighbours(registry)
    if not _compared_with(run.manifest, held):
        return held
    data = emit(run.manifest)
    if run.manifest.review.policy is Policy.AUTO_APPROVE:
        registry.publish(data, dict(run.artifacts))
    else:
        Queue(registry).add(data, dict(run.artifacts))
    return outcome_of(registry, run.manifest, found=False)


def _compared_with(record: Manifest, held: RegistryNeighbours) -> bool:
    """Whether a run was compared with these records, and by meaning with all of their texts."""
    by_meaning = record.index.meaning
    texts = content_sha256(tuple(held.passages(without=record.id))) if by_meaning else None
    return held.sha256 == record.index.compared_sha256 and (
        not by_meaning or texts == by_meaning.compared_sha256
    )


def outcome_of(registry: Registry, record: Manifest, *, found: bool) -> Outcome:
    """What became of a record that is published or queued."""
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


def known(registry: Registry, record_id: str) -> Outcome | None:
    """What became of a record, where it is published or queued already."""
    if registry.has(record_id):
        return outcome_of(registry, registry.read(record_id).record, found=True)
    queue = Queue(registry)
    return outcome_of(registry, queue.read(record_id), found=True) if queue.has(record_id) else None


def require_past(as_of: str | None) -> None:
    """Refuse a date that is yet to come.

    Raises:
        UsageError: it is.
    """
    today = SystemClock().now().strftime("%Y-%m-%d")
    if as_of is not None and as_of > today:
        raise UsageError(
            f"{as_of} lies in the future", where="--as-of", todo=f"Today is {today} UTC."
        )
