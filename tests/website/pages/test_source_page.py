"""An imported record's page against the public page that was imported with it, field by field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import lxml.html
import pytest

from tests.cli.console import call, new_registry
from tests.pipeline.drafts.documents import draft, page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIFFERENT = {
    # the words of the record's guide are the registry's own; the link leads to its own guide
    "Quality guide",
}
SECTIONS = (
    "Abstract",
    "Research Question",
    "Verification Level",
    "Truth-Engine Gate Verdict",
    "Quality Tier",
    "Quality Dimensions",
    "Correction Record",
    "Provenance",
)


def shared_documents(shared: Path) -> tuple[bytes, bytes]:
    """The real draft and page."""
    folder = shared / "seeds"
    return (
        next(folder.glob("000_*")).read_bytes(),
        next(folder.glob("002_*")).read_bytes(),
    )


def rows(text: str) -> Iterator[tuple[str, str]]:
    """(label, value) of every table row of a public page."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if line.startswith("|") and len(cells) >= 2:
            yield cells[0], cells[1]


def built_page(folder: Path, documents: tuple[bytes, bytes]) -> lxml.html.HtmlElement:
    """The page of the record that the documents give, imported, approved and built."""
    root = new_registry(folder / "registry")
    files = [folder / "draft.txt", folder / "page.txt"]
    for path, data in zip(files, documents, strict=True):
        path.write_bytes(data)
    where = ("--registry", str(root))
    for step in (
        ("import", str(files[0]), "--page", str(files[1]), *where),
        ("owner", "approve", "--all", "--by", "owner", "--reason", "As declared.", *where),
        ("check", str(root), "--quiet"),
        ("build", "--quiet", *where),
    ):
        done = call(*step)
        assert done.returncode == 0, done.stderr + done.stdout
    (made,) = (root / "output" / "records").glob("sr-*/index.html")
    return lxml.html.fromstring(made.read_bytes())


def flat(text: str) -> str:
    """Text with white space folded, dashes and case aside."""
    return re.sub(r"\s+", " ", text.replace("\u2014", "-")).strip().casefold()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["our own", "the real ones"])
def test_the_page_states_what_the_imported_page_states(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    """Every section in its order, and every label with its value; differences are named above."""
    documents = (
        (draft(), page())
        if kind == "our own"
        else shared_documents(request.getfixturevalue("shared"))
    )
    made = built_page(tmp_path, documents)
    titles = [flat(heading.text_content()) for heading in made.xpath("//h2")]
    places = [titles.index(flat(title)) for title in SECTIONS]
    assert places == sorted(places)
    shown: dict[str, list[str]] = {}
    for term in made.xpath("//dt"):
        value = term.getnext()
        shown.setdefault(flat(term.text_content()), []).append(flat(value.text_content()))
    stated = [row for row in rows(documents[1].decode()) if row[0] not in DIFFERENT]
    assert len(stated) >= 20
    for label, value in stated:
        assert any(flat(value) in found for found in shown.get(flat(label), [])), (label, value)
