"""``show``, ``history`` and ``diff``: the versions of a published record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import json_option, print_facts, print_json, registry_option
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.pointers import as_text, in_words
from sovereign_registry.contracts.rules.states_v1 import tier_of
from sovereign_registry.contracts.settable import refusal
from sovereign_registry.contracts.text import shorten
from sovereign_registry.store import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.tombstone import Tombstone

ID = click.argument("record_id", metavar="ID")


def entry_lines(entry: HistoryEntry, record: Manifest) -> list[str]:
    """What an entry affects, in words: what was set, and how much followed from that by rule."""
    counts = entry.correction_type
    lines = [f"{entry.happened}: {f'a {counts} correction' if counts else 'no correction'}"]
    corrected = entry.happened is Event.CORRECTION
    chosen = [
        one
        for one in entry.affected_fields
        if not corrected or refusal(record, one, Event.CORRECTION) is None
    ]
    if chosen:
        lines.append("fields: " + "; ".join(map(in_words, chosen)))
    if entry.affected_claims:
        lines.append("claims: " + ", ".join(entry.affected_claims))
    if entry.rules:
        followed = len(entry.affected_fields) - len(chosen)
        lines.append(f"{followed} more fields follow by {', '.join(entry.rules)}")
    return lines


def _summary(view: RecordView) -> list[tuple[str, str]]:
    record = view.record
    standing = record.standing
    passed = sum(claim.verification.passed for claim in record.claims)
    basis = "lexical" if record.origin is Origin.COMPUTED else "declared, not checked here"
    facts = [
        ("version", str(len(view.history) + 1)),
        ("state", standing.record_state.value),
        ("corrections", str(standing.correction_count)),
        ("approval", standing.approval.value),
        ("review", f"{record.review.score or 'no score'}/10, {record.review.verdict}"),
        ("gate 2", record.gate.status.value),
        ("level", f"Level {record.assessment.level.paper_level} of 7"),
        ("tier", tier_of(record).value),
        ("claims", f"{passed} of {len(record.claims)} verified ({basis})"),
        ("registered", record.provenance.external_record or "Not registered"),
    ]
    if standing.superseded_by:
        facts.append(("replaced by", standing.superseded_by))
    return facts


def _show_tombstone(stone: Tombstone, *, as_json: bool) -> None:
    if as_json:
        print_json(stone)
        return
    click.echo(f"{stone.record}  REMOVED")
    print_facts(
        [
            ("removed", f"{stone.at} by {stone.by.role} (declared)"),
            ("reason", stone.note),
            ("legal reference", stone.legal_reference),
            ("policy", stone.policy),
            ("manifest", f"sha256 {stone.manifest.content_sha256}"),
            ("history", f"{len(stone.history)} entries, newest sha256 {stone.previous}"),
            ("artifacts", str(len(stone.artifacts))),
        ]
    )


@click.command()
@click.argument("record_id", metavar="[ID]", required=False)
@click.option("--at", type=int, metavar="N", help="Version N: 1 as published, 2 after entry 1 ...")
@registry_option
@json_option
def show(record_id: str | None, root: Path, at: int | None, *, as_json: bool) -> None:
    """Show a published record as it stands or as any earlier version; without an ID, list all.

    \b
    Example:
      sovereign-registry show sr-2605-0a1b2c3d --at 1
    """
    from sovereign_registry.wiring import history as wiring  # noqa: PLC0415 - quick start

    registry = Registry(root)
    if record_id is None:
        rows = list(wiring.listed(registry))
        if as_json:
            print_json([{"id": row[0], "state": row[1], "title": row[2]} for row in rows])
            return
        for name, state, title in rows:
            click.echo(f"{name}  {state:<21} {shorten(title, 90)}")
        return
    stone = registry.tombstone(record_id)
    if stone is not None and at is not None:
        raise UsageError(
            f"version {at} cannot be shown: the record's text was removed on {stone.at[:10]} "
            f"({stone.legal_reference})",
            where=record_id,
            todo="Without --at, the tombstone that stands in its place is shown.",
        )
    if stone is not None:
        _show_tombstone(stone, as_json=as_json)
        return
    view = wiring.version(registry, record_id, at)
    if as_json:
        print_json(view.record)
        return
    click.echo(view.record.work.title)
    print_facts(_summary(view))
    for claim in view.record.claims:
        tick = "verified    " if claim.verification.passed else "not verified"
        click.echo(f"  {claim.id:<4} {tick} {claim.verification.display}  {claim.text}")


@click.command()
@ID
@registry_option
@json_option
def history(record_id: str, root: Path, *, as_json: bool) -> None:
    """List what happened to a record, newest first: who, when, why, and what changed.

    \b
    Example:
      sovereign-registry history sr-2605-0a1b2c3d
    """
    from sovereign_registry.wiring import history as wiring  # noqa: PLC0415 - quick start

    view = wiring.read(Registry(root), record_id)
    if as_json:
        print_json(view.history)
        return
    for entry in reversed(view.history):
        click.echo(f"version {entry.sequence + 1}  {entry.at}  by {entry.by.role} (declared)")
        click.echo(f"  {entry.note}")
        for line in entry_lines(entry, view.record):
            click.echo(f"  {line}")
    click.echo(f"version 1  as published  sha256 {view.manifest_content_sha256}")


@click.command()
@ID
@click.argument("first", metavar="N", type=int)
@click.argument("second", metavar="M", type=int)
@registry_option
@json_option
def diff(record_id: str, first: int, second: int, root: Path, *, as_json: bool) -> None:
    """Compare two versions of a record, field by field.

    \b
    Example:
      sovereign-registry diff sr-2605-0a1b2c3d 1 3
    """
    from sovereign_registry.wiring import history as wiring  # noqa: PLC0415 - quick start

    changes = wiring.compare(Registry(root), record_id, first, second)
    if as_json:
        print_json(
            [
                {
                    "field": one.pointer,
                    "words": in_words(one.pointer),
                    "old": one.old,
                    "new": one.new,
                }
                for one in changes
            ]
        )
        return
    if not changes:
        click.echo(f"Version {first} and version {second} hold the same.")
    for one in changes:
        click.echo(f"{in_words(one.pointer)}  ({one.pointer})")
        click.echo(f"  - {as_text(one.old)}")
        click.echo(f"  + {as_text(one.new)}")


READING_COMMANDS = (show, history, diff)
