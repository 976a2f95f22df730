"""What a page shows of a record is compared with the record, whoever wrote the digest list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_registry.verifier.files import MemoryFiles
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.hooks import hook_faults, read_any, read_hooks, read_plain
from sovereign_registry.verifier.verify import Known, verify_site
from tests.verifier.sites import WITH_HISTORY, faults, look, without_seal
from tests.website.pages import odd_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.verifier.findings import Report
    from tests.verifier.conftest import Published

ROOT = Path(__file__).resolve().parents[2]
OF_A_RECORD = r"records/sr-[^/]+/index\.html"
VIEWS = odd_records.KINDS | {
    name: lambda title=title: odd_records.titled(title)
    for name, title in odd_records.TITLES.items()
}
CHANGES = {
    "title": (r'(data-shown="title"[^>]*>)', r"\1Not "),
    "title twice": (r'(<bdi data-shown="title">)', r'<b data-shown="title">False</b>\1'),
    "headline": (r'(data-shown="headline"[^>]*>)[^<]*', r"\1Gate 2 verified 2 of 2 claims."),
    "headline's count": (r'(data-shown="headline"[^>]*>[^<]*?)\b(\d+) of', r"\g<1>9\2 of"),
    "gate": (r'(data-shown="gate"[^>]*>)[^<]*', r"\1Verified"),
    "level": (r'(data-shown="level"[^>]*>)[^<]*', r"\1L7, Independently reviewed"),
    "ticks": (r'(data-shown="ticks"[^>]*>)[^<]*', r"\g<1>99 of 99 claims"),
    "score": (r'(data-shown="score"[^>]*>)[^<]*', r"\g<1>9.9 of 10"),
    "verdict": (r'(data-shown="verdict"[^>]*>)[^<]*', r"\g<1>INCOMPLETE"),
    "a role's score": (r'(data-shown="round-0 SKEPTIC"[^>]*>)[^<]*', r"\g<1>9.9"),
    "the mean": (r'(data-shown="round-0 mean"[^>]*>)[^<]*', r"\g<1>9.9"),
    "a round's verdict": (r'(data-shown="round-0 verdict"[^>]*>)[^<]*', r"\g<1>INCOMPLETE"),
    "a role's hook taken away": (r' data-shown="round-0 SYNTHESIZER"', ""),
    "a control that there is not": (r"</h1>", r'</h1><p data-shown="round-0 control">9.9</p>'),
    "tier": (r'(data-shown="tier"[^>]*>)[^<]*', r"\1Flagship candidate"),
    "gate's hooks taken away": (r' data-shown="gate"', ""),
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


@pytest.mark.parametrize("name", ["records", "claims", "ticks", "verified", "changes"])
def test_a_false_total_on_the_first_page_is_found(published: Published, name: str) -> None:
    """One more of anything, or a figure that is not marked any more."""
    page = published.now["index.html"].decode()
    hook = f'data-shown="total {name}"'
    more = re.sub(rf"({hook}><a [^>]*>)(\d+)", lambda one: f"{one[1]}{int(one[2]) + 1}", page)
    assert more != page
    for new, said in ((more, f"as 'total {name}' where"), (page.replace(hook, ""), "not mark")):
        found = of_pages(look(without_seal({**published.now, "index.html": new.encode()})))
        assert [said in one for one in found] == [True], found


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


PIECES = st.sampled_from(
    [
        "<b>", "</b>", '<b data-shown="x">', "<p data-shown=y>", '<p class="a" data-shown="z">',
        "</p>", "<br>", "<br/>", '<img alt="">', "<!-- c -->", "<!-- <b> -->", "<!--->", "<!>",
        "<script>", "</script>", "<style>", "</style>", "<title>", "</title>", "<template>",
        "</template>", "<noscript>", "</noscript>", "<textarea>", "</textarea>", "<xmp>", "</xmp>",
        "<plaintext>", "a", " ", "&lt;", "&amp", "&#60;", "<", ">", '"', "'", "=", "/", "<script/>",
        '<b DATA-SHOWN="u">', '<B data-shown="v" hidden>', '<i title="a > b">', "<!DOCTYPE html>",
        '<b data-shown="w" data-shown="x">', '<b\n  data-shown="q">', "</b >", "</b x>", "<?php ?>",
        '<i title="&quot;" data-shown="r&amp;s">', "\x00", "\xa0", "]]>", "<![CDATA[", "é",
    ]
)  # fmt: skip


@settings(max_examples=1500)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_the_quick_reader_sees_what_the_other_sees(page: str) -> None:
    """Or it says that the page is none for it."""
    quick = read_plain(page)
    assert quick is None or quick == read_any(page)


def test_the_quick_reader_reads_every_page_that_is_made(
    published: Published, odd: dict[str, bytes]
) -> None:
    """No page of a record, however odd, takes the slow way."""
    pages = [*odd.values()]
    pages += [data for path, data in published.now.items() if re.fullmatch(OF_A_RECORD, path)]
    assert len(pages) > 4
    for page in pages:
        text = page.decode()
        assert read_plain(text) == read_any(text)
