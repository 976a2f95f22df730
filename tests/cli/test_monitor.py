"""``monitor``: a record is challenged once for what became of its sources; its page says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.store import Registry
from sovereign_registry.store.monitors import read_monitor
from tests.adapters.loopback import ENTRY, LoopbackArxiv, Scripted, feed
from tests.cli.console import call, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView


class Arxiv:
    """An arXiv that knows every paper at version 1, except for what a test changes."""

    def __init__(self, cache: Path) -> None:
        self.gone: set[str] = set()
        self.withdrawn: set[str] = set()
        self.server = LoopbackArxiv(self._answer)
        self._cache, self._looks = cache, 0

    def _answer(self, number: int) -> Scripted:
        asked = self.server.calls[number].query["id_list"][0].split(",")
        return Scripted(feed(*(self._entry(key) for key in asked if key not in self.gone)))

    def _entry(self, key: str) -> str:
        said = "This paper has been withdrawn." if key in self.withdrawn else "Trams wait."
        return ENTRY.format(key=f"{key}v1", title="Trams", summary=said)

    def look(self, root: Path, *more: str) -> dict[str, dict[str, object]]:
        """Run the command on another day; its rows by record."""
        self._looks += 1
        done = call(
            *("monitor", "--registry", str(root), "--json", "-q", *more),
            SOVEREIGN_ARXIV_URL=self.server.url,
            XDG_CACHE_HOME=str(self._cache / str(self._looks)),
        )
        assert 0 == done.returncode, done.stderr
        return {row["record"]: row for row in json.loads(done.stdout)["rows"]}


@pytest.fixture
def arxiv(tmp_path: Path) -> Iterator[Arxiv]:
    """The server."""
    found = Arxiv(tmp_path / "caches")
    with found.server.running():
        yield found


def view(root: Path, record_id: str) -> RecordView:
    """A record as it stands."""
    return Registry(root).read(record_id)


def paper_of(root: Path, record_id: str) -> str:
    """An arXiv paper that this record read."""
    found = (source.key for source in view(root, record_id).record.sources)
    return next(key for key in found if key[0].isdigit())


def test_a_record_is_challenged_once_and_a_person_closes_it(
    registry: tuple[Path, str, str], arxiv: Arxiv
) -> None:
    """Looking again adds nothing, closing is final, and another finding is another challenge."""
    root, strong, _ = registry
    arxiv.gone = {paper_of(root, strong)}
    (gone,) = arxiv.gone
    assert ["vanished"] == arxiv.look(root, strong)[strong]["active"]
    challenged = view(root, strong)
    assert "UNDER_REVIEW" == challenged.record.standing.record_state
    assert f"arXiv:{gone} is no longer listed." in challenged.history[-1].note
    assert "monitor" == challenged.history[-1].by.role

    before = tree(root / "manifests")
    assert "" == arxiv.look(root, strong)[strong]["wrote"]
    assert before == tree(root / "manifests")

    closing = ("--by", "editor", "--reason", "The claims do not rest on it.")
    done = call("challenge", strong, "--close", *closing, "--registry", str(root))
    assert 0 == done.returncode, done.stderr
    assert "" == arxiv.look(root, strong)[strong]["wrote"]
    assert "CURRENT" == view(root, strong).record.standing.record_state

    others = [source.key for source in view(root, strong).record.sources if source.key[0].isdigit()]
    arxiv.withdrawn = {next(key for key in others if key != gone)}
    assert "0003-state-change.yaml" == arxiv.look(root, strong)[strong]["wrote"]
    assert 0 == call("check", "--registry", str(root)).returncode


def test_beside_an_open_challenge_a_finding_is_a_note(
    registry: tuple[Path, str, str], arxiv: Arxiv
) -> None:
    """There is one challenge at a time; what is found meanwhile is added to the history."""
    root, strong, _ = registry
    asked = ("--by", "reader", "--reason", "Claim c1 lacks its unit.")
    assert 0 == call("challenge", strong, *asked, "--registry", str(root)).returncode
    arxiv.gone = {paper_of(root, strong)}
    assert "0002-annotation.yaml" == arxiv.look(root, strong)[strong]["wrote"]
    assert "" == arxiv.look(root, strong)[strong]["wrote"]


def test_a_withdrawn_record_is_not_challenged(
    registry: tuple[Path, str, str], arxiv: Arxiv
) -> None:
    """Nobody stands behind it; what happened to its sources is shown all the same."""
    root, strong, _ = registry
    asked = ("--by", "owner", "--reason", "Published too early.")
    assert 0 == call("withdraw", strong, *asked, "--registry", str(root)).returncode
    arxiv.gone = {paper_of(root, strong)}
    assert "" == arxiv.look(root, strong)[strong]["wrote"]
    found = read_monitor(Registry(root), strong)
    assert found is not None
    assert ("vanished",) == found.active_triggers


def test_a_dry_run_writes_nothing(registry: tuple[Path, str, str], arxiv: Arxiv) -> None:
    """It says what it found."""
    root, strong, _ = registry
    arxiv.gone = {paper_of(root, strong)}
    before = tree(root / "manifests")
    assert "is no longer listed" in str(arxiv.look(root, strong, "--dry-run")[strong]["new"])
    assert before == tree(root / "manifests")


def test_a_role_that_may_not_challenge_is_refused_before_anything_is_asked(
    registry: tuple[Path, str, str], arxiv: Arxiv
) -> None:
    """Exit 2, no request."""
    root, strong, _ = registry
    marker = root / "manifests" / "registry.yaml"
    roles = 'roles:\n  - role: "editor"\n    may: "anything"\n'
    marker.write_text(marker.read_text(encoding="utf-8") + roles, encoding="utf-8")
    done = call("monitor", strong, "--registry", str(root), SOVEREIGN_ARXIV_URL=arxiv.server.url)
    assert 2 == done.returncode
    assert "'monitor' is no role of this registry" in done.stderr
    assert [] == arxiv.server.calls


def test_an_arxiv_that_fails_leaves_everything_as_it_was(
    registry: tuple[Path, str, str], tmp_path: Path
) -> None:
    """Exit 3, one error, nothing written."""
    root, _, _ = registry
    before = tree(root)
    page = Scripted(b"<!DOCTYPE html><html>down</html>")
    with LoopbackArxiv(lambda _number: page).running() as world:
        done = call(
            *("monitor", "--registry", str(root), "-q"),
            SOVEREIGN_ARXIV_URL=world.url,
            XDG_CACHE_HOME=str(tmp_path / "cache"),
        )
    assert 3 == done.returncode
    assert "an HTML page came in place of an Atom feed" in done.stderr
    assert before == tree(root)


def test_pages_say_what_is_monitored_and_the_site_verifies(
    registry: tuple[Path, str, str], arxiv: Arxiv, tmp_path: Path
) -> None:
    """Never, then last looked on a date; an incremental build is the clean one; lies are found."""
    root, strong, weak = registry
    page = root / "output" / "records" / strong / "index.html"
    build = ("build", "--registry", str(root))
    assert 0 == call(*build).returncode
    assert "Not monitored: nobody has looked at these sources" in page.read_text(encoding="utf-8")
    arxiv.gone = {paper_of(root, strong)}
    arxiv.look(root, strong)
    assert 0 == call(*build).returncode
    text = page.read_text(encoding="utf-8")
    assert "Monitored for withdrawal or disappearance: last looked at" in text
    assert "is no longer listed." in text
    assert not (root / "output" / "records" / weak / "review-monitor.json").exists()
    clean = tmp_path / "clean"
    assert 0 == call(*build, "--output", str(clean)).returncode
    assert tree(clean) == tree(root / "output")
    done = call("verify", str(clean))
    assert 0 == done.returncode, done.stdout
    (clean / "records" / strong / "review-monitor.json").unlink()
    done = call("verify", str(clean))
    assert 1 == done.returncode
    assert "says that its sources are monitored, and there is no review-monitor.json" in done.stdout


def test_check_names_what_does_not_belong_to_the_monitors(
    registry: tuple[Path, str, str], arxiv: Arxiv
) -> None:
    """A file of no record, and one that was edited."""
    root, strong, _ = registry
    arxiv.look(root, strong)
    folder = root / "manifests" / "monitor"
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    file = folder / f"{strong}.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("arXiv API", "a guess"), "utf-8")
    assert 1 == (done := call("check", "--registry", str(root))).returncode
    assert "manifests/monitor/notes.txt: is of no published record" in done.stdout
    file.write_text(file.read_text(encoding="utf-8") + "more: 1\n", encoding="utf-8")
    assert "('more' was unexpected)" in call("check", "--registry", str(root)).stdout
    assert (
        0
        == call(
            "remove",
            strong,
            "--legal",
            "Order 1",
            "--by",
            "owner",
            "--reason",
            "Law.",
            "--registry",
            str(root),
        ).returncode
    )
    assert not file.exists()
