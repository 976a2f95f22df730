"""What a page shows of a record is compared with the record, whoever wrote the digest list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.verifier.files import MemoryFiles
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.hooks import hook_faults, read_hooks
from sovereign_registry.verifier.verify import Known, verify_site
from tests.verifier.sites import WITH_HISTORY, faults, look, without_seal
from tests.website.pages import odd_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.verifier.findings import Report
    from tests.verifier.conftest import Published

ROOT = Path(__file__).resolve().parents[2]
VIEWS = odd_records.KINDS | {
    name: lambda title=title: odd_records.titled(title)
    for name, title in odd_records.TITLES.items()
}
CHANGES = {
    "title": (r'(data-shown="title"[^>]*>)', r"\1Not "),
    "title twice": (r'(<bdi data-shown="title">)', r'<b data-shown="title">False</b>\1'),
    "state": (r'(data-shown="state"[^>]*>)[^<]*', r"\1Retracted"),
    "text": (r'(data-shown="c1 text"[^>]*>)', r"\1Never: "),
    "value": (r'(data-shown="c1 value"[^>]*>)[^<]*', r"\g<1>0.999"),
    "other": (r'(data-shown="c1 other"[^>]*>)[^<]*', r"\1✓ Corroborated, by two"),
    "a claim's hooks taken away": (r'data-shown="c1 ', r'data-hidden="c1 '),
    "a hook hidden": (r'data-shown="title"', r'data-shown="title" hidden'),
    "a claim that there is not": (r"</h1>", r'</h1><p data-shown="c99 text">Proved.</p>'),
}


def flipped_tick(page: str) -> str:
    """The page with the tick of its first claim turned around."""
    return re.sub(
        r'(data-shown="c1 tick"[^>]*>)(✓|✗) [^<]*',
        lambda found: found[1] + ("✗ Not verified" if found[2] == "✓" else "✓ Verified"),
        page,
        count=1,
    )


def changed(published: Published, record: str, name: str) -> dict[str, bytes]:
    """The site with one page changed and its digest list written anew."""
    path = f"records/{record}/index.html"
    page = published.now[path].decode()
    new = flipped_tick(page) if name == "tick" else re.sub(*CHANGES[name], page, count=0)
    assert new != page
    return without_seal({**published.now, path: new.encode()})


def of_pages(report: Report) -> list[str]:
    """The faults of pages."""
    return [str(found) for found in report.faults if found.check is Check.PAGES]


@pytest.mark.parametrize("name", [*(name for name in CHANGES if name != "other"), "tick"])
def test_a_false_page_is_found_though_its_digest_is_listed(published: Published, name: str) -> None:
    """Of a computed record, and of one with a history."""
    for record in (published.computed, WITH_HISTORY):
        if (
            record == WITH_HISTORY
            and b'data-shown="c1' not in published.now[f"records/{record}/index.html"]
        ):
            continue
        site = changed(published, record, name)
        (found, *_) = of_pages(look(site))
        assert found.startswith(f"records/{record}/index.html: ")


def test_a_false_corroboration_is_found(published: Published) -> None:
    """A page may add words to what it says, but not turn it around."""
    path = f"records/{published.computed}/index.html"
    page = published.now[path].decode()
    new = re.sub(
        r'(data-shown="c1 other"[^>]*>)([^<]*)',
        lambda found: (
            found[1] + ("✗ Not corroborated" if found[2].startswith("✓") else "✓ Corroborated")
        ),
        page,
    )
    found = of_pages(look(without_seal({**published.now, path: new.encode()})))
    assert "as 'c1 other', which the record does not" in found[0]


class _Server(MemoryFiles):
    """A site whose files cannot be listed, as at an address."""

    def names(self) -> None:
        """They cannot."""


@pytest.mark.parametrize("name", ["title", "text", "tick"])
def test_one_record_at_an_address_is_compared_as_well(published: Published, name: str) -> None:
    """No list of the site is read there, so nothing but the comparison tells."""
    site: Mapping[str, bytes] = changed(published, published.computed, name)
    report = verify_site(_Server(site), record=published.computed, known=Known())
    assert of_pages(report)
    honest = verify_site(_Server(published.now), record=published.computed, known=Known())
    assert faults(honest) == ""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Name of an odd record -> its page."""
    folder = tmp_path_factory.mktemp("odd-records")
    paths = odd_records.write(ROOT, folder)
    return {name: (folder / paths[name] / "index.html").read_bytes() for name in VIEWS}


@pytest.mark.parametrize("name", list(VIEWS))
def test_no_odd_record_raises_a_false_alarm(odd: dict[str, bytes], name: str) -> None:
    """Long titles, titles from right to left, titles of markup, imported and empty records."""
    view = VIEWS[name]()
    assert list(hook_faults(odd[name], view.record)) == []
    assert len(read_hooks(odd[name])) >= 2 + 4 * len(view.record.claims)


@pytest.mark.parametrize(
    "page",
    [
        '<template><b data-shown="title">T</b></template>',
        '<script>"<b data-shown=title>T</b>"</script>',
        '<!-- <b data-shown="title">T</b> -->',
        '<noscript><b data-shown="title">T</b></noscript>',
        '<b data-shown="title" hidden>T</b>',
    ],
)
def test_what_no_reader_sees_is_not_shown(page: str) -> None:
    """A true text in such a place stands for nothing."""
    assert read_hooks(page.encode()) == []


def test_a_hook_is_read_to_its_own_end() -> None:
    """Markup, entities and elements of the same name within it included."""
    page = '<b data-shown="x"> a &lt;i&gt; <b>b</b>\n<i data-shown=y>c</i></b> d <p data-shown=z>e'
    assert sorted(read_hooks(page.encode())) == [("x", "a <i> b c"), ("y", "c"), ("z", "e")]
