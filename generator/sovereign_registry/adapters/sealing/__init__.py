"""Sealed runs by bubblewrap: one fixed configuration, and nothing weaker to fall back to.

From the outside in: ``sandbox`` is the port; ``plan`` says what is sealed how; ``supervise`` runs a
plan and ends it at its limits, ``watch`` counts what its processes use; ``guard`` is a process of
ours that takes the seal down with everything in it, also when the command itself is killed; then
bubblewrap; then ``stage``, the first process inside, which starts the job and hands out what it
left.  ``docs/adr/0010-sealed-runs.md`` says why.
"""

from sovereign_registry.adapters.sealing.sandbox import BubblewrapSandbox

__all__ = ["BubblewrapSandbox"]
