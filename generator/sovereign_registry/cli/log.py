"""``log`` and ``keys``: the transparency log, and who may sign it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sovereign_registry.cli.common import json_option, print_facts, print_json, registry_option
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.text import require_clean
from sovereign_registry.store import Registry

if TYPE_CHECKING:
    from sovereign_registry.contracts.log.keys import KeyRing

KEY_FILE = click.Path(path_type=Path, dir_okay=False)
key_option = click.option(
    "--key",
    "key_path",
    type=KEY_FILE,
    envvar="SOVEREIGN_LOG_KEY",
    show_envvar=True,
    required=True,
    help="File of the private key; outside the registry, readable by you alone.",
)
reason_option = click.option("--reason", required=True, help="Why; published with the statement.")


@click.group()
def log() -> None:
    """Keep a signed, append-only log of everything that is published.

    \b
    Example:
      sovereign-registry log append --key ~/keys/registry.key
      sovereign-registry log prove sr-2605-0a1b2c3d
    """


@log.command()
@key_option
@click.option(
    "--extends",
    metavar="FILE|URL",
    help="Refuse unless the log continues this published checkpoint, or that of this site.",
)
@registry_option
@json_option
def append(key_path: Path, extends: str | None, root: Path, *, as_json: bool) -> None:
    """Log and sign what is published and not logged yet; again is harmless.

    Refused where the log, or a file that it holds, was changed.  Run it on the published branch:
    entries of two branches are rebased, never merged.

    \b
    Example:
      sovereign-registry log append --key ~/keys/registry.key --extends https://example.org/
    """
    from sovereign_registry.wiring.log import append_log  # noqa: PLC0415 - quick start

    done = append_log(Registry(root), key_path, extends=extends)
    if as_json:
        print_json(
            {"origin": done.origin, "size": done.size, "added": done.added, "root": done.root}
        )
        return
    if done.cleaned:
        click.echo(f"cleaned {done.cleaned} file(s) of an append that did not finish")
    what = f"added {done.added} entries" if done.added else "nothing to add"
    click.echo(f"{what}; {done.origin} has {done.size} entries, root {done.root}")


@log.command()
@click.argument("record_id", metavar="ID")
@click.option("--output", type=KEY_FILE, help="Write the proof here rather than to stdout.")
@registry_option
@json_option
def prove(record_id: str, output: Path | None, root: Path, *, as_json: bool) -> None:
    """Print the proof of one record: its entries, that they are logged, and that none is newer.

    The file is a C2SP tlog-proof and can be checked without the registry.

    \b
    Example:
      sovereign-registry log prove sr-2605-0a1b2c3d --output sr-2605-0a1b2c3d.tlog-proof
    """
    from sovereign_registry.store.log_reader import LogReader  # noqa: PLC0415 - quick start

    proof = LogReader(Registry(root)).prove(record_id)
    if as_json:
        print_json(proof)
    elif output:
        output.write_text(proof.tlog_proof(), encoding="utf-8")
        click.echo(f"{output}: {len(proof.entries)} entries of {record_id}, proved")
    else:
        click.echo(proof.tlog_proof(), nl=False)


@log.command()
@click.argument("old")
@click.argument("new", required=False)
@registry_option
@json_option
def consistency(old: str, new: str | None, root: Path, *, as_json: bool) -> None:
    """Prove that the log at NEW (the newest by default) continues the log at OLD.

    Each is the size of a kept checkpoint, a file with one, or the address of one or of a site.

    \b
    Example:
      sovereign-registry log consistency 120 240
    """
    from sovereign_registry.store.log_reader import LogReader  # noqa: PLC0415 - quick start
    from sovereign_registry.wiring.earlier import read_checkpoint  # noqa: PLC0415 - quick start

    reader = LogReader(Registry(root))
    before, after = (
        None
        if name is None
        else reader.kept(int(name))
        if name.isascii() and name.isdecimal()
        else read_checkpoint(name)
        for name in (old, new)
    )
    if before is None:
        raise UsageError("no older checkpoint is named")
    found = reader.consistency(before, after)
    if as_json:
        print_json(found)
        return
    click.echo(
        f"{found.origin}: the log of {found.new_size} entries continues that of {found.old_size}"
    )
    for line in found.proof:
        click.echo(line)


@log.command()
@registry_option
@json_option
def show(root: Path, *, as_json: bool) -> None:
    """Show the log: its name, size, checkpoints, keys, and what is not logged yet.

    \b
    Example:
      sovereign-registry log show
    """
    from sovereign_registry.store.log import audit_log  # noqa: PLC0415 - quick start
    from sovereign_registry.store.log_reader import LogReader  # noqa: PLC0415 - quick start

    registry = Registry(root)
    reader = LogReader(registry)
    faults, unfinished, pending = audit_log(registry)
    facts = {
        "origin": reader.ring.origin,
        "size": reader.size,
        "root": reader.note.decode().split("\n")[2],
        "signed_by": [str(key) for key in reader.signers],
        "checkpoints": reader.files.sizes(),
        "not_logged_yet": pending,
        "faults": [str(fault) for fault in (*faults, *unfinished)],
        "limit": "self-asserted: no witness or timestamp stands behind this log",
    }
    if as_json:
        print_json(facts)
        return
    print_facts(
        (label.replace("_", " "), ", ".join(map(str, value)) or "none")
        if isinstance(value, list)
        else (label.replace("_", " "), str(value))
        for label, value in facts.items()
    )


@log.command()
@key_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    show_default="output/ in the registry's folder",
    help="The built site.",
)
@registry_option
@json_option
def seal(key_path: Path, output: Path | None, root: Path, *, as_json: bool) -> None:
    """Sign the digest list of a built site: the last step before it is published.

    Every file is compared with the list first.  Append, build, seal: in this order.

    \b
    Example:
      sovereign-registry log seal --key ~/keys/registry.key --output output
    """
    from sovereign_registry.wiring.verify import seal_site  # noqa: PLC0415 - quick start

    place = output or root / "output"
    made = seal_site(Registry(root), key_path, place)
    if as_json:
        print_json(made)
        return
    click.echo(f"{place / 'seal'}: digests.txt {made.sha256}, beside a log of {made.log_size}")


@click.group()
def keys() -> None:
    """Say which key signs the log; every statement is published and stays.

    \b
    Example:
      sovereign-registry keys new --key ~/keys/registry.key --reason "The first key."
      sovereign-registry keys show
    """


def _print_ring(ring: KeyRing, *, as_json: bool) -> None:
    rows = [
        {
            "id": one.key.id.hex(),
            "state": one.state,
            "counts_until_size": one.until,
            "vouched_by": one.vouched_by,
            "key": str(one.key),
            "at": one.at,
            "note": one.note,
        }
        for one in ring.known.values()
    ]
    if as_json:
        print_json({"origin": ring.origin, "keys": rows})
        return
    click.echo(f"log {ring.origin}")
    for row in rows:
        until = row["counts_until_size"]
        limit = "" if until is None else f", counts up to {until} entries"
        vouched = "handed over by an earlier key" if row["vouched_by"] else "vouched for by no key"
        click.echo(f"{row['id']}  {row['state']}{limit}; {vouched}; {row['at']}: {row['note']}")
        click.echo(f"          {row['key']}")


@keys.command()
@key_option
@reason_option
@registry_option
@json_option
def new(key_path: Path, reason: str, root: Path, *, as_json: bool) -> None:
    """Make the log's first key, or a key after a compromised one.

    No earlier key vouches for it: tell readers its id in a place of its own.

    \b
    Example:
      sovereign-registry keys new --key ~/keys/registry.key --reason "The first key."
    """
    from sovereign_registry.wiring.log import new_key  # noqa: PLC0415 - quick start

    ring = new_key(Registry(root), key_path, note=require_clean(reason, "--reason"))
    _print_ring(ring, as_json=as_json)


@keys.command("show")
@registry_option
@json_option
def show_keys(root: Path, *, as_json: bool) -> None:
    """Show every key that the log ever had, and what each counts for.

    \b
    Example:
      sovereign-registry keys show --json
    """
    from sovereign_registry.contracts.log.keys import KeyRing  # noqa: PLC0415 - quick start
    from sovereign_registry.store.log_files import LogFiles  # noqa: PLC0415 - quick start
    from sovereign_registry.store.log_keys import read_keys  # noqa: PLC0415 - quick start

    file = read_keys(LogFiles(Registry(root)))
    if file is None:
        raise UsageError("there is no log yet", todo="Start one with `keys new`.")
    _print_ring(KeyRing(file), as_json=as_json)


@keys.command()
@key_option
@click.option(
    "--new-key", "new_path", type=KEY_FILE, required=True, help="File of the new private key."
)
@reason_option
@registry_option
@json_option
def rotate(key_path: Path, new_path: Path, reason: str, root: Path, *, as_json: bool) -> None:
    """Hand the log over to a new key; the old one signs the statement.

    \b
    Example:
      sovereign-registry keys rotate --key old.key --new-key new.key --reason "Once a year."
    """
    from sovereign_registry.wiring.log import rotate_key  # noqa: PLC0415 - quick start

    ring = rotate_key(Registry(root), key_path, new_path, note=require_clean(reason, "--reason"))
    _print_ring(ring, as_json=as_json)


@keys.command()
@click.argument("key_id", metavar="KEY_ID")
@click.option(
    "--good-until",
    type=click.IntRange(min=0),
    metavar="SIZE",
    help="Newest checkpoint that was signed before somebody else had the key.",
)
@reason_option
@registry_option
@json_option
def revoke(key_id: str, good_until: int | None, reason: str, root: Path, *, as_json: bool) -> None:
    """Publish a key as compromised: what it signed later counts for nothing.

    \b
    Example:
      sovereign-registry keys revoke 0a1b2c3d --good-until 120 --reason "The laptop was stolen."
    """
    from sovereign_registry.contracts.log.keys import way_back  # noqa: PLC0415 - quick start
    from sovereign_registry.store.log_files import LogFiles  # noqa: PLC0415 - as above
    from sovereign_registry.wiring.log import left_alone, revoke_key  # noqa: PLC0415 - as above

    note = require_clean(reason, "--reason")
    registry = Registry(root)
    ring = revoke_key(registry, key_id, note=note, good_until=good_until)
    _print_ring(ring, as_json=as_json)
    if alone := left_alone(registry, ring):
        until = max((size for size in LogFiles(registry).sizes() if size < alone[0]), default=0)
        sizes = ", ".join(map(str, alone))
        click.echo(
            f"warning: no key that counts vouches for the checkpoints of {sizes} entries any "
            f"more: `check` and every reader will refuse the log. {way_back(until)}",
            err=True,
        )
