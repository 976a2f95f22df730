"""The commands that add to a published record's history; each writes one new file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sovereign_registry.cli.common import by_options, json_option, print_json, registry_option
from sovereign_registry.cli.versions import ID, entry_lines
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.history import CorrectionType, Event
from sovereign_registry.contracts.text import require_clean
from sovereign_registry.store import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView

TYPE = click.Choice([one.value for one in CorrectionType])


def _add(root: Path, record_id: str, event: Event, *, as_json: bool, **fields: Any) -> None:  # noqa: ANN401
    """Add one entry and say what it did."""
    from sovereign_registry.wiring.history import Request, add  # noqa: PLC0415 - quick start

    fields["by"] = require_clean(fields.pop("role"), "--by")
    fields["note"] = require_clean(fields.pop("reason"), "--reason")
    _tell(add(Registry(root), record_id, Request(event=event, **fields)), as_json=as_json)


def _tell(view: RecordView, *, as_json: bool) -> None:
    entry = view.history[-1]
    if as_json:
        print_json(entry)
        return
    state = view.record.standing.record_state
    click.echo(f"{view.record.id}  {state}; wrote history/{entry.file_name}")
    for line in entry_lines(entry, view.record):
        click.echo(f"  {line}")


@click.command()
@ID
@click.option("--type", "kind", type=TYPE, required=True, help="What sort of thing was wrong.")
@click.option(
    "--set",
    "sets",
    metavar="POINTER=VALUE",
    multiple=True,
    required=True,
    help="A field and its new value: JSON where the field takes that, else the text itself; "
    "claims are named by id, such as /claims/c3/text.",
)
@click.option("--affects", "claims", metavar="CLAIM", multiple=True, help="A claim also affected.")
@by_options
@registry_option
@json_option
def correct(  # noqa: PLR0913, PLR0917 - one parameter an option of the command
    record_id: str,
    root: Path,
    kind: str,
    sets: tuple[str, ...],
    claims: tuple[str, ...],
    role: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Correct fields of a published record; what follows from them by rule is made again.

    The manifest stays as it is: one numbered file is added that says what changed and why.

    \b
    Example:
      sovereign-registry correct sr-2605-0a1b2c3d --type METADATA \\
        --set "/work/title=Routing cost of sparse models" \\
        --reason "The title was cut." --by editor
    """
    _add(
        root,
        record_id,
        Event.CORRECTION,
        as_json=as_json,
        role=role,
        reason=reason,
        sets=sets,
        claims=claims,
        correction_type=CorrectionType(kind),
    )


@click.command()
@ID
@click.option("--claims", metavar="CLAIM", multiple=True, help="Only this claim; may be repeated.")
@click.argument("more", metavar="[CLAIM]...", nargs=-1)
@click.option("--type", "kind", type=TYPE, help="What was wrong.", show_default="CLAIM")
@by_options
@registry_option
@json_option
def retract(  # noqa: PLR0913, PLR0917 - one parameter an option of the command
    record_id: str,
    root: Path,
    claims: tuple[str, ...],
    more: tuple[str, ...],
    kind: str | None,
    role: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Say that a record, or some of its claims, must not be relied on; all text stays.

    \b
    Example:
      sovereign-registry retract sr-2605-0a1b2c3d --claims c1 c2 --by editor --reason "Misread."
    """
    if more and not claims:
        raise UsageError(f"{more[0]!r}: claims stand behind --claims", todo="See --help.")
    _add(
        root,
        record_id,
        Event.PARTIAL_RETRACTION if claims else Event.RETRACTION,
        as_json=as_json,
        role=role,
        reason=reason,
        claims=(*claims, *more),
        correction_type=CorrectionType(kind) if kind else None,
    )


@click.command()
@ID
@by_options
@registry_option
@json_option
def withdraw(record_id: str, root: Path, role: str, reason: str, *, as_json: bool) -> None:
    """Take a record back without saying that it is wrong; all text stays.

    \b
    Example:
      sovereign-registry withdraw sr-2605-0a1b2c3d --by owner --reason "Published too early."
    """
    _add(root, record_id, Event.WITHDRAWAL, as_json=as_json, role=role, reason=reason)


@click.command()
@ID
@click.option("--with", "successor", metavar="ID2", required=True, help="The record instead.")
@by_options
@registry_option
@json_option
def supersede(  # noqa: PLR0913 - one parameter an option of the command
    record_id: str, root: Path, successor: str, role: str, reason: str, *, as_json: bool
) -> None:
    """Say that another published record replaces this one; all text stays.

    \b
    Example:
      sovereign-registry supersede sr-2605-0a1b2c3d --with sr-2606-4e5f6g7h \\
        --by editor --reason "The same question with more sources."
    """
    _add(
        root,
        record_id,
        Event.SUPERSESSION,
        as_json=as_json,
        role=role,
        reason=reason,
        superseded_by=successor,
    )


@click.command()
@ID
@click.option("--lift", is_flag=True, help="Lift the concern that is open.")
@by_options
@registry_option
@json_option
def concern(  # noqa: PLR0913 - one parameter an option of the command
    record_id: str, root: Path, role: str, reason: str, *, lift: bool, as_json: bool
) -> None:
    """Publish that the record is doubted while the publisher is still looking, or lift that.

    \b
    Example:
      sovereign-registry concern sr-2605-0a1b2c3d --by editor --reason "A source was withdrawn."
    """
    event = Event.CONCERN_LIFTED if lift else Event.CONCERN
    _add(root, record_id, event, as_json=as_json, role=role, reason=reason)


@click.command()
@ID
@click.option(
    "--close", is_flag=True, help="Close the challenge that is open; the reason says how."
)
@by_options
@registry_option
@json_option
def challenge(  # noqa: PLR0913 - one parameter an option of the command
    record_id: str, root: Path, role: str, reason: str, *, close: bool, as_json: bool
) -> None:
    """Record that somebody questions the record, or close that question.

    \b
    Example:
      sovereign-registry challenge sr-2605-0a1b2c3d --by reader --reason "Claim c2 lacks its unit."
    """
    event = Event.CHALLENGE_CLOSED if close else Event.CHALLENGE
    _add(root, record_id, event, as_json=as_json, role=role, reason=reason)


@click.command()
@ID
@by_options
@registry_option
@json_option
def reinstate(record_id: str, root: Path, role: str, reason: str, *, as_json: bool) -> None:
    """Undo a retraction, withdrawal or supersession; the history keeps both.

    \b
    Example:
      sovereign-registry reinstate sr-2605-0a1b2c3d --by editor --reason "The reason was wrong."
    """
    _add(root, record_id, Event.REINSTATEMENT, as_json=as_json, role=role, reason=reason)


@click.command()
@ID
@click.option("--affects", "claims", metavar="CLAIM", multiple=True, help="A claim it is about.")
@by_options
@registry_option
@json_option
def annotate(  # noqa: PLR0913 - one parameter an option of the command
    record_id: str, root: Path, claims: tuple[str, ...], role: str, reason: str, *, as_json: bool
) -> None:
    """Add a note; no field changes, and it is no correction.

    \b
    Example:
      sovereign-registry annotate sr-2605-0a1b2c3d --by editor --reason "See also the new survey."
    """
    _add(root, record_id, Event.ADDENDUM, as_json=as_json, role=role, reason=reason, claims=claims)


@click.command()
@ID
@click.option("--doi", help="A DOI such as 10.1234/abcd.")
@click.option("--url", help="The address of the external record.")
@by_options
@registry_option
@json_option
def register(  # noqa: PLR0913, PLR0917 - one parameter an option of the command
    record_id: str,
    root: Path,
    doi: str | None,
    url: str | None,
    role: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Record that the record is registered elsewhere; history, but no correction.

    \b
    Example:
      sovereign-registry register sr-2605-0a1b2c3d --doi 10.1234/abcd --by owner --reason Filed.
    """
    from sovereign_registry.wiring import history as wiring  # noqa: PLC0415 - quick start

    view = wiring.register(
        Registry(root),
        record_id,
        wiring.external_address(doi, url),
        by=require_clean(role, "--by"),
        note=require_clean(reason, "--reason"),
    )
    _tell(view, as_json=as_json)


@click.command()
@ID
@click.option("--legal", metavar="REFERENCE", required=True, help="The order, statute or request.")
@by_options
@registry_option
@json_option
def remove(  # noqa: PLR0913 - one parameter an option of the command
    record_id: str, root: Path, legal: str, role: str, reason: str, *, as_json: bool
) -> None:
    """Take a record's text away because the law requires it; a tombstone with digests stays.

    This is the one command that deletes.  Copies in git's history and in caches are not touched.

    \b
    Example:
      sovereign-registry remove sr-2605-0a1b2c3d --legal "Court order 12/345" \\
        --by owner --reason "It quoted a private letter."
    """
    from sovereign_registry.wiring import history as wiring  # noqa: PLC0415 - quick start

    stone = wiring.remove(
        Registry(root),
        record_id,
        legal=require_clean(legal, "--legal"),
        by=require_clean(role, "--by"),
        note=require_clean(reason, "--reason"),
    )
    if as_json:
        print_json(stone)
    else:
        click.echo(f"{record_id}  REMOVED; a tombstone with all digests stands in its place")


HISTORY_COMMANDS = (
    correct,
    retract,
    withdraw,
    supersede,
    concern,
    challenge,
    reinstate,
    annotate,
    register,
    remove,
)
