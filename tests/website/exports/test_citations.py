"""Citations and linked data of any text: nothing breaks out of its field."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.verifier.exports import lacks, needed
from sovereign_registry.website.change_lists import FILTERS, PER_PAGE, filter_path, matches, plan
from sovereign_registry.website.citations import (
    bib_file,
    citation,
    csl_file,
    of_record,
    of_version,
    ris_file,
)
from sovereign_registry.website.crate import crate_json
from sovereign_registry.website.lineage import prov_json
from sovereign_registry.website.linked_data import in_script, licence_address, linked_data
from sovereign_registry.website.rows import trail_of
from tests.website.views import samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView

# A record is refused where a text holds a control character or a lone surrogate.
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1)


def titled(title: str) -> RecordView:
    """A sample record under another title and author."""
    record = samples.manifest()
    work = msgspec.structs.replace(record.work, title=title, kernel=title)
    return samples.view(msgspec.structs.replace(record, work=work))


@given(TEXT)
def test_braces_of_bibtex_are_balanced(title: str) -> None:
    """Whatever a title holds, every field and the entry close where they should."""
    text = bib_file(titled(title), SITE).decode()
    depth = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert text.splitlines()[-1] == "}"
    assert len(text.splitlines()) == 12


@given(TEXT)
def test_every_line_of_ris_is_a_tag(title: str) -> None:
    """A title cannot add a tag or end the reference."""
    lines = ris_file(titled(title), SITE).decode().split("\r\n")
    assert lines.pop() == ""
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)
    tags = [line[:2] for line in lines]
    assert (tags[0], tags[-1], tags.count("ER")) == ("TY", "ER", 1)


@given(TEXT)
def test_linked_data_says_the_same_and_cannot_end_its_element(title: str) -> None:
    """No character of markup is left in it, and it decodes to what went in."""
    text = str(in_script({"name": title}))
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"name": title}


@given(TEXT)
def test_data_exports_hold_the_title(title: str) -> None:
    """CSL-JSON, RO-Crate and PROV are JSON and carry it with its white space collapsed."""
    view, due = titled(title), " ".join(title.split())
    (item,) = json.loads(csl_file(view, SITE))
    graph = json.loads(crate_json(view, SITE))["@graph"]
    prov = json.loads(prov_json(view, SITE))
    assert item["title"] == due
    assert next(one for one in graph if one["@id"] == "./")["name"] == due
    assert prov["entity"][f"sr:{view.record.id}"]["prov:label"] == due


def test_a_citation_with_and_without_its_version() -> None:
    """One names version, digest and state; the other the record whatever becomes of it."""
    found = citation(samples.revised(), SITE)
    address = f"https://registry.example/ledger/records/{found.id}/"
    assert f"[{found.id}, version 3, {found.digest}; corrected]" in of_version(found)
    assert of_version(found).endswith(f"{address}history/#v3")
    assert f"[{found.id}]. " in of_record(found)
    assert of_record(found).endswith(address)


def test_a_registered_doi_stands_where_each_format_has_it() -> None:
    """BibTeX ``doi``, RIS ``DO``, CSL-JSON ``DOI``; no field where an address is no DOI."""
    record = samples.manifest()
    for outside, doi in (
        ("https://doi.org/10.1234/ab_c(d)", "10.1234/ab_c(d)"),
        ("https://example.org/10.1234/x", None),
        ("https://doi.org/10.1234/{x}", None),
        (None, None),
    ):
        view = samples.view(
            msgspec.structs.replace(
                record,
                provenance=msgspec.structs.replace(record.provenance, external_record=outside),
            )
        )
        bib, ris = bib_file(view, SITE).decode(), ris_file(view, SITE).decode()
        assert re.findall(r"^  doi = \{(.*)\},$", bib, re.MULTILINE) == ([doi] if doi else [])
        assert re.findall(r"^DO  - (.*)\r$", ris, re.MULTILINE) == ([doi] if doi else [])
        assert json.loads(csl_file(view, SITE))[0].get("DOI") == doi
        files = {"cite.bib": bib.encode(), "cite.ris": ris.encode()}
        files["cite.csl.json"] = csl_file(view, SITE)
        for name, data in files.items():
            assert [] == list(lacks(name, data, needed(view)[name]))
            if doi:
                without = data.replace(doi.encode(), b"10.1234/other")
                assert ["does not hold its DOI"] == list(lacks(name, without, needed(view)[name]))


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("CC-BY-SA-4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        (
            "CC BY 4.0 for the records; quotations keep theirs",
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("CC BY 4.0.1", ""),
        ("All rights reserved", ""),
        ("", ""),
    ],
)
def test_a_licence_has_an_address_only_where_its_name_is_known(licence: str, expected: str) -> None:
    """Anything else stays words."""
    site = msgspec.structs.replace(SITE, records_licence=licence)
    assert licence_address(site) == expected
    stated = json.loads(str(linked_data(samples.computed(), site))).get("license", "")
    assert stated == (expected or licence)


def test_what_a_crate_lists_is_what_the_folder_holds() -> None:
    """Every part has its own entity; digests and sizes are those of the manifest."""
    view = samples.revised()
    graph = {one["@id"]: one for one in json.loads(crate_json(view, SITE))["@graph"]}
    parts = [one["@id"] for one in graph["./"]["hasPart"]]
    assert all(graph[name]["@type"] == "File" for name in parts)
    assert {f"history/{entry.file_name}" for entry in view.history} <= set(parts)
    for artifact in view.record.artifacts:
        assert graph[f"artifacts/{artifact.name}"]["sha256"] == artifact.sha256
    assert graph["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    named = {
        value["@id"]
        for one in graph.values()
        for value in one.values()
        if isinstance(value, dict) and "@id" in value
    }
    assert {name for name in named if not name.startswith("https://")} <= set(graph)


def test_every_version_has_its_lineage() -> None:
    """Version n + 1 derives from version n through entry n, by a declared agent."""
    view = samples.revised()
    prov = json.loads(prov_json(view, SITE))
    name = f"sr:{view.record.id}"
    derived = {
        (one["prov:generatedEntity"], one["prov:usedEntity"])
        for one in prov["wasDerivedFrom"].values()
    }
    assert {(f"{name}-v2", f"{name}-v1"), (f"{name}-v3", f"{name}-v2")} <= derived
    assert prov["entity"][f"{name}-v3"]["terms:content_sha256"] == view.history[1].record_after
    assert prov["agent"][f"{name}-by-1"]["terms:identity"] == "declared"


def test_a_long_list_of_corrections_goes_on_to_more_pages() -> None:
    """Each filter is cut on its own; every entry stands in it exactly once."""
    (one,) = trail_of(samples.revised())
    many = tuple(
        msgspec.structs.replace(one, sequence=number) for number in range(1, 2 * PER_PAGE + 2)
    )
    pages = {spec.path: spec for spec in plan(many, ())}
    assert [len(pages[f"{filter_path('', n)}index.html"].entries) for n in (1, 2, 3)] == [
        PER_PAGE,
        PER_PAGE,
        1,
    ]
    assert f"{filter_path('claim', 3)}index.html" in pages
    assert filter_path("claim", 3) == "corrections/type/claim/page/3/"
    assert [name for name in FILTERS if matches(one, name)] == ["", "claim"]
    assert pages["corrections/type/retraction/index.html"].entries == ()
