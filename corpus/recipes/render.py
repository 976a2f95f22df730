"""Write every note of the corpus from its template and its recipe, or check the notes.

    python corpus/recipes/render.py [--check] [SLUG ...]

A template `notes/<slug>.tmpl.md` names its recipe in its front matter and holds a `{name:format}`
placeholder for every computed number; `compute()` of the recipe fills them.  The key `given` of the
front matter lists the names of published configurations that carry digits of their own; it is for
the tests and is left out of the note.  Exit codes: 0 all well, 1 a note is stale (named on stderr).
"""

from __future__ import annotations

import argparse
import importlib
import re
import string
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTES = HERE.parent / "notes"
SUFFIX = ".tmpl.md"
RECIPE_LINE = re.compile(r'^recipe: "recipes/([a-z0-9_]+)\.py"$', re.MULTILINE)
GIVEN_LINE = re.compile(r"^given: \[.*\]\n", re.MULTILINE)


class NoteError(ValueError):
    """A template does not name its recipe, or its placeholders do not fit the recipe."""


def slugs() -> list[str]:
    """Slugs of all templates, sorted."""
    return sorted(path.name.removesuffix(SUFFIX) for path in NOTES.glob(f"*{SUFFIX}"))


def template(slug: str) -> str:
    """Text of one template."""
    return (NOTES / f"{slug}{SUFFIX}").read_text(encoding="utf-8")


def placeholders(text: str) -> set[str]:
    """Names that the placeholders of a template ask for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def results(text: str) -> dict[str, float | int | str]:
    """Compute what the recipe of this template computes.

    Raises:
        NoteError: the front matter names no recipe.
    """
    found = RECIPE_LINE.search(text)
    if found is None:
        message = 'the front matter has no line recipe: "recipes/<name>.py"; add it'
        raise NoteError(message)
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    computed: dict[str, float | int | str] = importlib.import_module(found.group(1)).compute()
    return computed


def render(slug: str) -> str:
    """Return the note of one template.

    Raises:
        NoteError: a placeholder asks for a name that the recipe does not compute.
    """
    text = template(slug)
    values = results(text)
    unknown = sorted(placeholders(text) - values.keys())
    if unknown:
        message = f"{slug}{SUFFIX}: the recipe does not compute {', '.join(unknown)}"
        raise NoteError(message)
    return GIVEN_LINE.sub("", text, count=1).format_map(values)


def main(arguments: list[str] | None = None) -> int:
    """Write or check the notes; return the exit code."""
    parser = argparse.ArgumentParser(description="Write or check the notes of the corpus.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("slugs", nargs="*", help="notes to render (default: all)")
    options = parser.parse_args(arguments)
    stale = 0
    for slug in options.slugs or slugs():
        path, note = NOTES / f"{slug}.md", render(slug)
        same = path.is_file() and path.read_text(encoding="utf-8") == note
        if options.check and not same:
            print(f"stale: {path.name}; run python corpus/recipes/render.py", file=sys.stderr)
            stale += 1
        elif not same:
            path.write_text(note, encoding="utf-8")
            print(f"wrote {path.name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
