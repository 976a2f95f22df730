"""Files, outside addresses and citations."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.registry import Publish
from sovereign_registry.website.holdings import MADE
from sovereign_registry.website.views.files import cite, external, files, licences, problem
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://arxiv.org/abs/2601.00001v1", "https://arxiv.org/abs/2601.00001v1"),
        ("10.5281/zenodo.123", "https://doi.org/10.5281/zenodo.123"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//other.example/x", ""),
        ("https://a.example/ javascript:x", ""),
        ('https://a.example/"onmouseover=x', ""),
        (None, ""),
        ("", ""),
    ],
)
def test_only_web_addresses_become_links(address: str | None, expected: str) -> None:
    """Anything but http, https or a DOI stays text."""
    assert external(address) == expected


@given(st.text())
def test_no_text_becomes_a_link_of_another_kind(text: str) -> None:
    """Whatever comes in, a link begins with http."""
    assert external(text) == "" or external(text).startswith(("http://", "https://"))


def test_files_have_sizes_and_digests_and_lie_where_the_site_puts_them() -> None:
    """The bundle first; artifacts in their folder; what is kept out has no link."""
    first, *parts = files(imported.declared(), SITE)
    assert first.path == "records/sr-2605-1hd8qzp3/bundle.zip"
    assert [(part.name, part.path) for part in parts] == [
        ("manifest.yaml", "records/sr-2605-1hd8qzp3/manifest.yaml"),
        *((one.name, f"records/sr-2605-1hd8qzp3/{one.name}") for one in MADE),
        ("report.md", "records/sr-2605-1hd8qzp3/artifacts/report.md"),
        ("draft.txt", ""),
    ]
    assert parts[0].size == "20,480 bytes"
    assert len(parts[-2].sha256) == 64


def test_a_pdf_that_the_site_does_not_publish_is_not_linked() -> None:
    """Its digest stays."""
    carried = msgspec.structs.replace(SITE.publish, pdf=False)
    site = msgspec.structs.replace(SITE, publish=carried)
    pdf = [part for part in files(samples.computed(), site) if part.name == "report.pdf"]
    assert [(part.path, len(part.sha256)) for part in pdf] == [("", 64)]


def test_by_default_large_files_lead_to_the_bundle() -> None:
    """Each file is listed with its digest and says where it is; citations stand beside the page."""
    site = msgspec.structs.replace(SITE, publish=Publish())
    found = {part.name: part for part in files(imported.declared(), site)}
    bundle = "records/sr-2605-1hd8qzp3/bundle.zip"
    packed = {name for name, part in found.items() if part.path == bundle} - {"bundle.zip"}
    assert {"manifest.yaml", "record.json", "prov.json", "report.md"} <= packed
    assert all(found[name].about.startswith("In bundle.zip: ") for name in packed)
    assert found["cite.bib"].path == "records/sr-2605-1hd8qzp3/cite.bib"
    assert len(cite(imported.declared(), site).links) == 3


def test_without_bundles_only_what_stands_beside_the_page_is_listed() -> None:
    """An artifact that the site does not carry keeps its digest and has no link."""
    publish = Publish(bundles=False, beside=("manifest",))  # type: ignore[arg-type]
    site = msgspec.structs.replace(SITE, publish=publish)
    found = {part.name: part for part in files(imported.declared(), site)}
    assert {"manifest.yaml", "history.atom", "report.md", "draft.txt"} == found.keys()
    assert (found["report.md"].path, len(found["report.md"].sha256)) == ("", 64)
    assert cite(imported.declared(), site).links == ()


def test_licences_are_told_part_by_part() -> None:
    """What the publisher states is about the record; a source's own is about what it gave."""
    base = samples.manifest()
    more = msgspec.structs.replace(base.sources[0], ref="2601.00001v1", licence="CC BY-SA 4.0")
    own, *rest = licences(
        samples.view(msgspec.structs.replace(base, sources=(*base.sources, more))), SITE
    )
    assert own.startswith("The record itself")
    assert SITE.records_licence.rstrip(".") in own
    named = " ".join(rest)
    for source in (*base.sources, more):
        assert source.ref in named


def test_one_licence_of_all_sources_is_told_once() -> None:
    """Without the name of every source; one source alone is named."""
    base = samples.manifest()
    one = base.sources[0]
    for sources, named in (
        ((one, msgspec.structs.replace(one, ref="another")), "(all that are listed)"),
        ((one,), f"({one.ref})"),
    ):
        record = samples.view(msgspec.structs.replace(base, sources=sources))
        assert named in licences(record, SITE)[-1]


def test_bibtex_escapes_what_tex_reads() -> None:
    """A title cannot break out of its field."""
    text = cite(imported.hostile(), SITE).bibtex
    assert r"\textbraceleft{}\textbraceleft{}7*7\textbraceright{}" in text
    assert r"\&amp;" in text
    assert text.count("{") == text.count("}")


def test_a_way_to_report_may_be_words() -> None:
    """An address becomes a link, anything else stays words."""
    assert problem(SITE).href == "https://registry.example/problems"
    assert problem(msgspec.structs.replace(SITE, report_problem="Write to us")).href == ""
