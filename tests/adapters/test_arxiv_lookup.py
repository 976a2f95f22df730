"""Papers by id over real HTTP: what is listed, withdrawn, missing, and not to be believed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.adapters.arxiv_lookup import ArxivLookup
from sovereign_registry.contracts.errors import SourceFailure
from sovereign_registry.contracts.monitor import Listed
from tests.adapters.loopback import ENTRY, LoopbackArxiv, Scripted, feed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        """One noon."""
        return datetime(2026, 7, 1, 12, tzinfo=UTC)


def paper(key: str, summary: str = "Trams wait.", comment: str = "") -> str:
    """One entry of a feed."""
    text = ENTRY.format(key=key, title="Trams", summary=summary)
    return text.replace("</entry>", f"<arxiv:comment>{comment}</arxiv:comment></entry>")


def listing(papers: Mapping[str, str], *absences: set[str]) -> LoopbackArxiv:
    """An arXiv that knows these papers; it forgets some of them in its first answers."""

    def answer(number: int) -> Scripted:
        asked = found.calls[number].query["id_list"][0].split(",")
        left_out = absences[number] if number < len(absences) else set()
        known = [papers[key] for key in asked if key in papers and key not in left_out]
        return Scripted(feed(*known, total=len(asked)))

    found = LoopbackArxiv(answer)
    return found


def lookup(world: LoopbackArxiv, folder: Path) -> ArxivLookup:
    """The adapter, without waiting."""
    return ArxivLookup(folder, Noon(), base_url=world.url, interval=0.0, tries=2)


@pytest.mark.parametrize(
    ("summary", "comment", "withdrawn"),
    [
        ("This paper has been withdrawn by the authors.", "", True),
        ("This  submission\n was withdrawn.", "", True),
        ("Trams wait.", "Withdrawn by arXiv administrators", True),
        ("We study why papers were withdrawn by their authors.", "12 pages", False),
        ("Trams wait.", "Money withdrawn from banks, 3 figures", False),
    ],
)
def test_a_withdrawal_is_recognised_where_it_is_said(
    tmp_path: Path, summary: str, comment: str, *, withdrawn: bool
) -> None:
    """In how the abstract begins, or in the comment; not in words about other papers."""
    with listing({"2603.00001": paper("2603.00001v4", summary, comment)}).running() as world:
        found = lookup(world, tmp_path).look({"2603.00001"})
    assert {"2603.00001": Listed(version=4, withdrawn=withdrawn)} == found


def test_papers_are_asked_for_in_batches_and_kept_for_the_day(tmp_path: Path) -> None:
    """150 papers take two requests, and none when somebody looks again."""
    papers = {f"2603.{n:05}": paper(f"2603.{n:05}v1") for n in range(150)}
    with listing(papers).running() as world:
        asked = lookup(world, tmp_path)
        assert papers.keys() == asked.look(papers).keys()
        assert "2026-07-01" == asked.date
        assert papers.keys() == lookup(world, tmp_path).look(papers).keys()
        assert 2 == len(world.calls)


def test_a_paper_that_is_left_out_once_has_not_vanished(tmp_path: Path) -> None:
    """What is missing is asked for again; only what stays away is gone."""
    papers = {key: paper(f"{key}v1") for key in ("2603.00001", "2603.00002", "2603.00003")}
    with listing(papers, {"2603.00002"}).running() as world:
        found = lookup(world, tmp_path).look({*papers, "2603.00009"})
        assert papers.keys() == found.keys()
        assert ["2603.00002", "2603.00009", "2603.00001"] == (
            world.calls[1].query["id_list"][0].split(",")
        )


def test_an_arxiv_that_forgets_most_papers_is_not_believed(tmp_path: Path) -> None:
    """A failure, instead of a hundred challenges."""
    keys = {f"2603.{n:05}" for n in range(20)}
    papers = {"2603.00001": paper("2603.00001v1")}
    with (
        listing(papers).running() as world,
        pytest.raises(SourceFailure, match="19 of 20 papers are missing"),
    ):
        lookup(world, tmp_path).look(keys)


def test_an_answer_about_another_paper_is_refused(tmp_path: Path) -> None:
    """A paper that nobody asked for makes the whole answer worthless."""
    with (
        listing({"2603.00001": paper("2603.00777v1")}).running() as world,
        pytest.raises(SourceFailure, match=r"2603\.00777, which was not asked for"),
    ):
        lookup(world, tmp_path).look({"2603.00001"})
