"""A registry of one shipped record, on which Gate 2 is played in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sovereign_registry.store.check import check_registry
from sovereign_registry.wiring.gate import Gate
from sovereign_registry.wiring.gate_batch import Order, run_batch
from tests.gate_world import (
    Ticking,
    repro,
    shipped_registry,
    tools,
    write_artifact,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.wiring.gate_runs import Tools


class World:
    """A registry of one record, and an artifact about one of its claims."""

    def __init__(self, folder: Path) -> None:
        self.registry, self.id, self.claim, self.number = shipped_registry(folder / "registry")
        self.folder = folder
        self.clock = Ticking()
        self.gate = Gate(self.registry, self.clock)

    def artifact(self, name: str = "art", **changes: object) -> str:
        """Attach an artifact that expects the claim's number; its digest."""
        spec = repro(self.claim, self.number, **changes)
        return self.gate.attach(self.id, write_artifact(self.folder / name, spec)).sha256

    def run(self, found: Tools, **order: Any) -> list[tuple[ClaimVerdict, bool]]:  # noqa: ANN401
        """Run what an order asks for."""
        asked = Order(**({"record": self.id} | order))
        done = run_batch(self.registry, asked, found, self.clock)
        return [(one.verdict, one.written) for one in done]

    def verdict(self, *values: object, **more: object) -> ClaimVerdict:
        """The verdict of one run that gave these values."""
        ((found, written),) = self.run(tools(*values, **more))  # type: ignore[arg-type]
        assert written
        return found

    def accept(self, digest: str) -> None:
        """The owner accepts."""
        self.gate.accept(self.id, digest[:16], self.claim.id, by="owner", note="A fair test.")

    @property
    def record(self) -> Any:  # noqa: ANN401 - Manifest
        """The record as it stands."""
        return self.registry.read(self.id).record

    def faults(self) -> list[str]:
        """What ``check`` finds."""
        return [str(one) for one in check_registry(self.registry.root).faults]


def far(number: str) -> float:
    """A value out of tolerance."""
    return float(number) + 1
