"""``owner``: the desk for what waits in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec import UnsetType

from sovereign_registry.cli.common import (
    by_options,
    json_option,
    print_facts,
    print_json,
    registry_option,
)
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.rules.tribunal_v2 import untried
from sovereign_registry.contracts.text import require_clean, shorten
from sovereign_registry.store import Queue, Registry

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.review import Review


@click.group()
def owner() -> None:
    """Decide about records that wait: escalated by policy, or imported.

    \b
    Example:
      sovereign-registry owner list
      sovereign-registry owner show sr-2605-0a1b2c3d
      sovereign-registry owner approve sr-2605-0a1b2c3d --by owner --reason "Kept as an example."
    """


def _due(text: str, option: str) -> str:
    """A text that becomes public with the decision.

    Raises:
        UsageError: it is empty.
    """
    if not text.strip():
        raise UsageError("is empty", where=option, todo="It is published with the decision.")
    return require_clean(text, option)


def _summary(record: Manifest, *, refused: bool) -> dict[str, object]:
    return {
        "id": record.id,
        "state": "refused" if refused else "waiting",
        "title": record.work.title,
        "origin": record.origin,
        "score": record.review.score,
        "verdict": record.review.verdict,
        "policy": record.review.policy,
        "tier": record.assessment.tier.tier,
        "paper_level": record.assessment.level.paper_level,
        "claims": len(record.claims),
        "verified": sum(claim.verification.passed for claim in record.claims),
        "flags": [flag.kind for flag in record.flags],
    }


@owner.command("list")
@registry_option
@json_option
def list_waiting(root: Path, *, as_json: bool) -> None:
    """List what waits in the queue, and what was refused.

    \b
    Example:
      sovereign-registry owner list --json
    """
    queue = Queue(Registry(root))
    rows = [
        _summary(queue.read(record_id), refused=queue.refusal(record_id) is not None)
        for record_id in queue.ids()
    ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("Nothing waits.")
    for row in rows:
        click.echo(
            f"{row['id']}  {row['state']:<8} {row['score'] or '-':>4}/10 {row['verdict']:<10} "
            f"{row['verified']}/{row['claims']} verified  {shorten(str(row['title']), 70)}"
        )


def _print_opinions(review: Review) -> None:
    """What language models said, with the control beside; nothing where the rubric judged."""
    if isinstance(review.control, UnsetType):
        return
    for opinion in review.rounds[-1].opinions:
        click.echo(f"  {opinion.role} {opinion.score} ({opinion.reviewer}): {opinion.rationale}")
    for judged in review.control[-1:]:
        click.echo(f"  control {judged.score} {judged.verdict}: the deterministic rubric")


@owner.command()
@click.argument("record_id", metavar="ID")
@registry_option
@json_option
def show(record_id: str, root: Path, *, as_json: bool) -> None:
    """Show one waiting record: what was found, and why it waits.

    \b
    Example:
      sovereign-registry owner show sr-2605-0a1b2c3d
    """
    queue = Queue(Registry(root))
    record = queue.read(record_id)
    if as_json:
        print_json(record)
        return
    refusal = queue.refusal(record_id)
    click.echo(record.work.title)
    print_facts(
        (label, str(value))
        for label, value in _summary(record, refused=refusal is not None).items()
        if label not in {"title", "flags"}
    )
    _print_opinions(record.review)
    for guard in record.review.guards:
        if not guard.held:
            said = f"failed: {guard.name}: {guard.found}"
            if untried(guard):
                said = f"{guard.found}: {guard.name}"
            click.echo(f"  guard {said}; required: {guard.required}")
    for flag in record.flags:
        click.echo(f"  flag {flag.kind}: {flag.message}")
    for claim in record.claims:
        tick = "verified    " if claim.verification.passed else "not verified"
        click.echo(f"  {claim.id:<4} {tick} {claim.verification.display}  {claim.text}")
    if refusal:
        click.echo(f"  refused at {refusal.at} by {refusal.by.role}: {refusal.note}")


@owner.command()
@click.argument("record_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that waits and was not refused.")
@by_options
@registry_option
@json_option
def approve(  # noqa: PLR0913 - one parameter an option of the command
    record_ids: tuple[str, ...],
    root: Path,
    role: str,
    reason: str,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Publish waiting records, with your decision as their first history entry.

    A record that policy has published already gets your decision added to its history.

    \b
    Example:
      sovereign-registry owner approve --all --by owner --reason "Reviewed the sources."
    """
    if everything == bool(record_ids):
        raise UsageError("name either ids or --all", todo="See `sovereign-registry owner list`.")
    from sovereign_registry.wiring.owner import approve_records  # noqa: PLC0415 - quick start

    views = approve_records(
        Registry(root),
        None if everything else record_ids,
        role=_due(role, "--by"),
        note=_due(reason, "--reason"),
    )
    _report(views, as_json=as_json)


def _report(views: list[RecordView], *, as_json: bool) -> None:
    if as_json:
        print_json([view.record.id for view in views])
        return
    if not views:
        click.echo("Nothing waits.")
    for view in views:
        entry = view.history[-1]
        click.echo(f"{view.record.id}  published; entry {entry.file_name} by {entry.by.role}")


@owner.command()
@click.argument("record_id", metavar="ID")
@by_options
@registry_option
@json_option
def reject(record_id: str, root: Path, role: str, reason: str, *, as_json: bool) -> None:
    """Refuse a waiting record: nothing becomes public, the decision stays in the queue.

    \b
    Example:
      sovereign-registry owner reject sr-2605-0a1b2c3d --by owner --reason "Off topic."
    """
    from sovereign_registry.wiring.owner import reject_record  # noqa: PLC0415 - quick start

    refusal = reject_record(
        Registry(root),
        record_id,
        role=_due(role, "--by"),
        note=_due(reason, "--reason"),
    )
    if as_json:
        print_json(refusal)
    else:
        click.echo(f"{record_id}  refused; it stays in the queue, and is not public")
