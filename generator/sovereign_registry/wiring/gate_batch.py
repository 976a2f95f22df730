"""Running what is attached, one attempt after another, with the seal proven once a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.repro import Repro
from sovereign_registry.wiring.gate import Gate
from sovereign_registry.wiring.gate_artifacts import claim_of
from sovereign_registry.wiring.gate_judges import ProvenJudges
from sovereign_registry.wiring.gate_runs import Tools
from sovereign_registry.wiring.history import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.contracts.ports import Clock
    from sovereign_registry.contracts.sealing import Preflight
    from sovereign_registry.store import Registry
    from sovereign_registry.store.artifacts import Artifact


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be run."""

    record: str | None
    """None: everything that waits."""
    claim: str | None = None
    artifact: str | None = None
    by: str = "gate"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one attempt."""

    record: str
    verdict: ClaimVerdict
    written: bool
    """Whether it was written: what only says again that a tool is missing is not."""


def default_tools() -> Tools:
    """The sandbox, the installer and the judge of this machine."""
    from sovereign_registry.adapters.lean_judge import LakeJudge  # noqa: PLC0415 - quick start
    from sovereign_registry.adapters.requirements_install import PipInstaller  # noqa: PLC0415
    from sovereign_registry.adapters.sealing import BubblewrapSandbox  # noqa: PLC0415

    return Tools(sandbox=BubblewrapSandbox(), installer=PipInstaller(), judge=LakeJudge())


def _silent(_: str) -> None:
    """Tell nobody."""


def run_batch(
    registry: Registry,
    order: Order,
    tools: Tools | None = None,
    clock: Clock | None = None,
    tell: Callable[[str], None] = _silent,
) -> Iterator[Outcome]:
    """Make the attempts that an order asks for; each verdict is published as it comes.

    Args:
        registry: The registry.
        order: What is to be run.
        tools: The ports; those of this machine by default.
        clock: The clock.
        tell: Told what is being done, a line at a time; it can take long.

    Raises:
        RegistryError: there is nothing of that name, or a record does not allow it.
    """
    gate = Gate(registry, clock)
    if order.record is not None and order.claim is not None and order.artifact is None:
        view = read(registry, order.record)
        claim_of(view.record, order.claim)
        if not any(one.spec.claim.id == order.claim for one in gate.artifacts(view).values()):
            verdict = gate.not_applicable(order.record, order.claim, by=order.by)
            yield Outcome(record=order.record, verdict=verdict, written=True)
            return
    chosen = tools or default_tools()
    with gate.batch(tell) as work:
        seal: Preflight | None = None
        judges = ProvenJudges(chosen.judge)
        for record_id, artifact in _ordered(gate, order):
            if seal is None and isinstance(artifact.spec, Repro):
                tell("proving the seal")
                seal = chosen.sandbox.preflight()
            tell(_coming(record_id, artifact))
            verdict, written = gate.run(
                record_id,
                artifact,
                chosen,
                work / "attempt",
                by=order.by,
                seal=seal,
                judges=judges,
            )
            yield Outcome(record=record_id, verdict=verdict, written=written)


def _coming(record_id: str, artifact: Artifact) -> str:
    spec = artifact.spec
    what = f"{record_id}: trying claim {spec.claim.id} with {artifact.sha256[:16]}"
    if isinstance(spec, Repro):
        return f"{what}, two runs and a control of at most {spec.budget.wall_seconds} s each"
    return f"{what}, canaries of the judge, then at most {spec.budget.wall_seconds} s"


def _ordered(gate: Gate, order: Order) -> Iterator[tuple[str, Artifact]]:
    if order.record is None:
        for record_id in gate.attached_to():
            pending = gate.pending(read(gate.registry, record_id))
            yield from ((record_id, one) for one in pending.values())
        return
    view = read(gate.registry, order.record)
    if order.artifact is not None:
        _, artifact = gate.named(view, order.artifact)
        if order.claim not in {None, artifact.spec.claim.id}:
            raise BadInput(
                f"that artifact is about claim {artifact.spec.claim.id}", where=order.record
            )
        yield order.record, artifact
        return
    for artifact in gate.pending(view).values():
        if order.claim in {None, artifact.spec.claim.id}:
            yield order.record, artifact
