"""Floor 4: the command line.  The only place that decides to exit.

Exit codes: 0 done; 1 a check found faults or a build failed; 2 wrong usage; 3 bad input;
4 a question that would be paid for is held already; 130 interrupted.
"""

from __future__ import annotations

import os
import sys

import click

from sovereign_registry import __version__
from sovereign_registry.cli.batch import batch
from sovereign_registry.cli.calls import calls
from sovereign_registry.cli.checking import check, schema
from sovereign_registry.cli.dump import dump
from sovereign_registry.cli.gate import gate
from sovereign_registry.cli.history import HISTORY_COMMANDS
from sovereign_registry.cli.log import keys, log
from sovereign_registry.cli.monitor import monitor
from sovereign_registry.cli.owner import owner
from sovereign_registry.cli.research import import_drafts, run
from sovereign_registry.cli.site import build, serve
from sovereign_registry.cli.start import init
from sovereign_registry.cli.verify import verify
from sovereign_registry.cli.versions import READING_COMMANDS
from sovereign_registry.contracts.errors import RegistryError

FAILED = 1
INTERRUPTED = 130


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done; 1 a check found faults or a build failed; 2 wrong usage; "
    "3 bad input; 4 a question that would be paid for is held already; 130 interrupted.",
)
@click.version_option(__version__, prog_name="sovereign-registry")
def commands() -> None:
    """Turn a research question into a public record that a stranger can check.

    \b
    A first round, in the folder of a registry:
      sovereign-registry run "How does routing decide the cost of sparse models?"
      sovereign-registry owner list
      sovereign-registry build
      sovereign-registry serve
    """


for command in (
    init,
    run,
    batch,
    calls,
    import_drafts,
    owner,
    *READING_COMMANDS,
    *HISTORY_COMMANDS,
    gate,
    monitor,
    log,
    keys,
    check,
    verify,
    build,
    serve,
    dump,
    schema,
):
    commands.add_command(command)


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        code = commands.main(prog_name="sovereign-registry", standalone_mode=False)
        sys.stdout.flush()
    except RegistryError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        click.echo("interrupted; nothing half-written was left, run the command again", err=True)
        code = INTERRUPTED
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("sovereign_registry"):
            raise
        click.echo(
            f"error: {error.name}: is not installed. This command needs the extra `research`: "
            "python -m pip install 'sovereign-registry[research]', or the same of the wheel in the "
            "registry's software/",
            err=True,
        )
        code = FAILED
    except BrokenPipeError:
        _drop_output()  # the reader of our output went away
        code = FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"error: {where}{error.strerror or error}", err=True)
        _drop_output()
        code = FAILED
    sys.exit(code or 0)


def _drop_output() -> None:
    """Let Python flush what could not be printed to nowhere, instead of complaining at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
