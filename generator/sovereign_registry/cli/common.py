"""Options and printing that the commands share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

F = TypeVar("F", bound="Callable[..., Any]")
FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)

registry_option = click.option(
    "--registry",
    "root",
    type=FOLDER,
    default=Path(),
    show_default="this folder",
    help="The registry's folder: the one that holds manifests/.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")


def by_options(command: F) -> F:
    """Add ``--by`` and ``--reason``: who decides, in what role, and why; both become public."""
    command = click.option(
        "--reason", required=True, help="Why; published with the decision, in plain text."
    )(command)
    return click.option(
        "--by",
        "role",
        required=True,
        metavar="ROLE",
        help="In what role you decide, such as owner; published, and not verified.",
    )(command)


def print_json(value: Any) -> None:  # noqa: ANN401 - any record
    """Print a record or plain values as indented JSON."""
    click.echo(json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False))


def counted(count: int, one: str, many: str = "") -> str:
    """``1 record``, ``2 records``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print aligned ``label  value`` lines."""
    rows = list(facts)
    width = max((len(label) for label, _ in rows), default=0)
    for label, value in rows:
        click.echo(f"  {label:<{width}}  {value}")
