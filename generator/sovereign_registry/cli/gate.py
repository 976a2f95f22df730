"""``gate``: artifacts and verdicts of Gate 2."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import (
    FOLDER,
    by_options,
    counted,
    json_option,
    print_facts,
    print_json,
    registry_option,
)
from sovereign_registry.cli.versions import ID
from sovereign_registry.contracts.errors import CheckFailed, UsageError
from sovereign_registry.contracts.proof import TOOLCHAIN
from sovereign_registry.contracts.text import require_clean
from sovereign_registry.store import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.gate import ClaimVerdict


@click.group()
def gate() -> None:
    """Gate 2: re-run a claim's numbers under seal, or have its proof judged.

    \b
    In order:
      sovereign-registry gate doctor
      sovereign-registry gate attach sr-2605-0a1b2c3d ./my-artifact
      sovereign-registry gate accept sr-2605-0a1b2c3d 3f9a1c22 --claim c2 \\
        --by owner --reason "A fair test of the claim."
      sovereign-registry gate run sr-2605-0a1b2c3d
      sovereign-registry gate show sr-2605-0a1b2c3d
    """


@gate.command()
@ID
@click.argument("folder", metavar="DIR", type=FOLDER)
@registry_option
@json_option
def attach(record_id: str, folder: Path, root: Path, *, as_json: bool) -> None:
    """Check an artifact folder against its contract and keep it for a run.

    DIR holds repro.yaml (contract repro-v1) or lean.yaml (contract lean-v1) and the files that it
    names.  Nothing becomes public until a run of it gives a verdict.

    \b
    Example:
      sovereign-registry gate attach sr-2605-0a1b2c3d ./my-artifact
    """
    from sovereign_registry.wiring.gate import Gate  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.gate_report import notes_of, numbers_of  # noqa: PLC0415
    from sovereign_registry.wiring.history import read  # noqa: PLC0415

    gate = Gate(Registry(root))
    artifact = gate.attach(record_id, folder)
    claims = read(gate.registry, record_id).record.claims
    text = next(one.text for one in claims if one.id == artifact.spec.claim.id)
    numbers, notes = numbers_of(artifact, text), notes_of(artifact)
    found = {
        "record": record_id,
        "claim": artifact.spec.claim.id,
        "artifact": artifact.sha256,
        "files": len(artifact.listing),
        "numbers": numbers,
        "notes": notes,
    }
    if as_json:
        print_json(found)
        return
    click.echo(f"{record_id}  attached for claim {artifact.spec.claim.id}: {artifact.sha256}")
    _about(numbers, notes)
    click.echo(f"  next: sovereign-registry gate run {record_id}")


def _about(numbers: tuple[str, ...], notes: tuple[str, ...]) -> None:
    for number in numbers:
        click.echo(f"  to be run again: the number {number}")
    for note in notes:
        click.echo(f"  note: {note}")


@gate.command()
@ID
@click.argument("artifact")
@registry_option
@json_option
def detach(record_id: str, artifact: str, root: Path, *, as_json: bool) -> None:
    """Take an attached artifact away before it is published; what was published stays.

    ARTIFACT is the beginning of its digest, at least eight characters.

    \b
    Example:
      sovereign-registry gate detach sr-2605-0a1b2c3d 3f9a1c22
    """
    from sovereign_registry.wiring.gate import Gate  # noqa: PLC0415 - quick start

    digest = Gate(Registry(root)).detach(record_id, artifact)
    if as_json:
        print_json({"record": record_id, "artifact": digest})
    else:
        click.echo(f"{record_id}  took the attached {digest} away")


@gate.command()
@ID
@click.argument("artifact")
@click.option("--claim", "claim_id", required=True, help="The claim that it is a test of.")
@by_options
@registry_option
@json_option
def accept(  # noqa: PLR0913, PLR0917 - one parameter an option of the command
    record_id: str,
    artifact: str,
    root: Path,
    claim_id: str,
    role: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Say as the owner that an artifact is a fair test of a claim; only then may it falsify.

    ARTIFACT is the beginning of its digest, at least eight characters.

    \b
    Example:
      sovereign-registry gate accept sr-2605-0a1b2c3d 3f9a1c22 --claim c2 \\
        --by owner --reason "Computes the figure from the published configuration."
    """
    from sovereign_registry.wiring.gate import Gate  # noqa: PLC0415 - quick start

    view = Gate(Registry(root)).accept(
        record_id,
        artifact,
        claim_id,
        by=require_clean(role, "--by"),
        note=require_clean(reason, "--reason"),
    )
    entry = view.history[-1]
    if as_json:
        print_json(entry)
    else:
        click.echo(f"{record_id}  accepted for claim {claim_id}; wrote history/{entry.file_name}")


@gate.command()
@click.argument("record_id", metavar="[ID]", required=False)
@click.option("--claim", "claim_id", help="Only this claim; says so where nothing can decide it.")
@click.option("--artifact", help="This artifact, tried before or not: the start of its digest.")
@click.option("--all-pending", is_flag=True, help="Every attached artifact of every record.")
@click.option(
    "--by", "role", default="gate", show_default=True, help="In what role; published, not verified."
)
@registry_option
@json_option
def run(  # noqa: PLR0913 - one parameter an option of the command
    record_id: str | None,
    root: Path,
    claim_id: str | None,
    artifact: str | None,
    role: str,
    *,
    all_pending: bool,
    as_json: bool,
) -> None:
    """Run what is attached and publish each verdict as an entry of the record's history.

    A script runs twice and once as its negative control, sealed by bubblewrap; a proof goes to the
    judge of the Lean toolchain.  What cannot be run stays UNVERIFIED with its reason: there is no
    unsealed mode.

    \b
    Example:
      sovereign-registry gate run sr-2605-0a1b2c3d
      sovereign-registry gate run --all-pending
    """
    from sovereign_registry.wiring.gate_batch import Order, run_batch  # noqa: PLC0415 - quick start

    if (record_id is None) != all_pending:
        raise UsageError("name a record, or --all-pending, and not both", todo="See --help.")
    if all_pending and (claim_id or artifact):
        raise UsageError("--all-pending runs everything that waits", todo="Name a record instead.")
    order = Order(
        record=record_id, claim=claim_id, artifact=artifact, by=require_clean(role, "--by")
    )
    found = []
    told = partial(click.echo, err=True)
    for outcome in run_batch(Registry(root), order, tell=_nothing if as_json else told):
        found.append(outcome)
        if not as_json:
            _tell(outcome.record, outcome.verdict, written=outcome.written)
    if as_json:
        print_json(
            [
                {"record": one.record, "written": one.written, "verdict": one.verdict}
                for one in found
            ]
        )
    elif not found:
        click.echo("nothing is pending")


def _nothing(_: str) -> None:
    """Programs that read JSON are told the outcome alone."""


def _tell(record_id: str, verdict: ClaimVerdict, *, written: bool) -> None:
    done = f"wrote history entry {verdict.entry}"
    if not written:
        done = "nothing written: it is about this machine, and the history holds an attempt"
    click.echo(f"{record_id}  {verdict.claim}: {verdict.status} ({verdict.reason_code}); {done}")
    click.echo(f"  {verdict.reason}")
    print_facts(
        (
            one.name,
            (
                f"observed {one.observed or 'nothing'}, expected {one.expected}, "
                f"control {one.control or 'nothing'}"
            ),
        )
        for one in verdict.metrics
    )


@gate.command()
@ID
@registry_option
@json_option
def show(record_id: str, root: Path, *, as_json: bool) -> None:
    """Show a record's claims with the judge that each may get, artifacts, and every attempt.

    \b
    Example:
      sovereign-registry gate show sr-2605-0a1b2c3d
    """
    from sovereign_registry.wiring.gate import Gate  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.gate_report import report  # noqa: PLC0415 - quick start

    found = report(Gate(Registry(root)), record_id)
    if as_json:
        print_json(found)
        return
    click.echo(f"{record_id}  {found.gate.status}: {found.gate.reason}")
    for claim in found.claims:
        click.echo(f"  {claim.id}  {claim.kind}, judge {claim.judge}: {claim.outcome}")
        click.echo(f"      {claim.text}")
    for one in found.artifacts:
        state = "accepted by the owner" if one.accepted else "not accepted"
        waiting = ", pending" if one.pending else ""
        click.echo(
            f"  artifact {one.sha256[:16]}  {one.contract} for {one.claim}, {state}{waiting}"
        )
        _about(one.numbers, one.notes)
    for lost in found.unfit:
        click.echo(f"  artifact {lost.sha256[:16]}  is attached and cannot be run: {lost.why}")
        click.echo(
            f"      take it away: sovereign-registry gate detach {record_id} {lost.sha256[:16]}"
        )
    for verdict in found.gate.verdicts:
        click.echo(
            f"  attempt {verdict.entry}, {verdict.evaluated_at}, {verdict.tool or 'no run'}:"
        )
        _tell(record_id, verdict, written=True)


def _toolchain(context: click.Context, option: click.Parameter, value: str) -> str:
    """A toolchain as artifacts name it."""
    del context, option
    if re.fullmatch(TOOLCHAIN, value) is None:
        raise UsageError(
            f"{value[:80]!r} is no toolchain",
            where="--toolchain",
            todo="Name one as in lean.yaml: leanprover/lean4:v4.35.0.",
        )
    return value


@gate.command()
@click.option(
    "--toolchain",
    default="leanprover/lean4:v4.35.0",
    show_default=True,
    callback=_toolchain,
    help="The Lean toolchain to ask for.",
)
@json_option
def doctor(toolchain: str, *, as_json: bool) -> None:
    """Say which sandbox and judges work on this machine, proven by canaries, and how to get them.

    Exit 1 where no sealed run is possible; a missing proof judge is said and no failure.

    \b
    Example:
      sovereign-registry gate doctor
    """
    from sovereign_registry.wiring.gate_report import examine  # noqa: PLC0415 - quick start

    found = examine(toolchain)
    if as_json:
        print_json(found)
    else:
        seal, judge = found.seal, found.judge
        click.echo(f"sealed runs: {seal.tool if seal.available else 'not possible'}")
        for check in seal.checks:
            click.echo(f"  {'held ' if check.passed else 'BROKE'}  {check.name}: {check.what}")
        click.echo(f"requirements: {found.installer or 'pip is not installed'}")
        click.echo(f"proofs: {judge.tool if judge.available else 'no judge'}")
        for check in judge.checks or ():
            click.echo(f"  {'held ' if check.passed else 'BROKE'}  {check.name}: {check.what}")
        for part in (seal, judge):
            if not part.available:
                click.echo(f"  {part.why}")
                click.echo(f"  {part.fix}")
    if not found.seal.available:
        raise CheckFailed("this machine cannot seal a run", todo=found.seal.fix)


@gate.command("try")
@click.argument("place", metavar="DIR|URL")
@json_option
def try_(place: str, *, as_json: bool) -> None:
    """Run an artifact sealed on this machine without any registry; publishes nothing.

    Takes an artifact's folder, or a published one with its report (records/ID/gate/NNNN/, also at
    its web address).  Exit 1 where the numbers do not come out, or the control does not move.

    \b
    Example:
      sovereign-registry gate try https://example.org/records/sr-2605-0a1b2c3d/gate/0003/
    """
    from sovereign_registry.wiring.gate_try import try_out  # noqa: PLC0415 - quick start

    found = try_out(place)
    if as_json:
        print_json(found)
    else:
        for one in found.runs:
            code = "" if one.exit_code is None else f", exit code {one.exit_code}"
            click.echo(f"  {one.role}: {one.ended}{code}{f'. {one.fault}' if one.fault else ''}")
            if one.tail and not one.metrics:
                click.echo(f"    {one.tail}")
        for metric in found.metrics:
            within = {True: "within tolerance", False: "OUT OF TOLERANCE", None: "no value"}
            click.echo(
                f"  {metric.name}: observed {metric.observed or 'nothing'}, expected "
                f"{metric.expected}, control {metric.control or 'nothing'}: "
                f"{within[metric.within]}"
            )
    if not found.reproduced:
        raise CheckFailed(found.why, where=place)
    if not as_json:
        click.echo(
            f"{counted(len(found.metrics), 'number')} came out again, and the control moved; that "
            "is a re-run of a supplied script, no verdict"
        )
