import pytest

from sovereign_registry.contracts.assessment import DimensionLevel, DimensionName, Tier
from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.pipeline.drafts import import_manifest, parse_page
from tests.pipeline.drafts.documents import ABSTRACT, PAGE, QUESTION, draft, page


def test_every_field_is_read() -> None:
    """Typed fields, rows under their labels, and notes under their sections."""
    found = parse_page(PAGE, "page.txt")
    assert (found.question, found.abstract) == (QUESTION, ABSTRACT)
    assert (found.paper_level, found.grounded, found.public_level) == (2, 3, 3)
    assert found.tier is Tier.QUARANTINE_CANDIDATE
    assert found.evaluated_at == "2026-04-01T06:30:49+00:00"
    assert dict(found.dimensions) == {
        DimensionName.EVIDENCE_STRENGTH: DimensionLevel.LOW,
        DimensionName.CITATION_GROUNDING: DimensionLevel.MEDIUM,
        DimensionName.UNCERTAINTY_DISCLOSURE: DimensionLevel.MEDIUM,
        DimensionName.REPRODUCIBILITY_STATUS: DimensionLevel.MEDIUM,
    }
    assert found.value("Truth-Engine Gate Verdict", "Status") == "Unverified"
    assert found.value("Correction Record", "Status") == "CURRENT"
    assert found.value("Provenance", "Nothing") is None
    assert len(found.notes) == 5


def test_line_ends_make_no_difference() -> None:
    """CRLF and a byte order mark read the same."""
    assert parse_page("\ufeff" + PAGE.replace("\n", "\r\n"), "p") == parse_page(PAGE, "p")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Research Question\n", "Question\n", "where Research Question is due"),
        ("L2, Source-grounded claims", "L9, Unknown", "line 7: Paper level is 'L9, Unknown'"),
        ("| 3 | |", "| three | |", "line 8: Source-grounded claims is 'three'"),
        ("Quarantine candidate", "Golden", "unknown tier 'Golden'"),
        ("| Evidence strength | LOW", "| Evidence strength | BAD", "Evidence strength is 'BAD'"),
        ("Evidence strength", "Charm", "unknown dimension 'Charm'"),
        ("2026-04-01T06:30:49+00:00", "2026-04-01", "Evaluated is '2026-04-01'"),
        ("2026-04-01T06:30:49+00:00", "today", "Evaluated is 'today'"),
        ("| Publisher | Tram Press |\n", "", "has no row Publisher"),
        ("| Publisher | Tram Press |", "| Publisher |", "has 1 cells"),
        ("| Correction count | 0 |", "| Status | CURRENT |", "Status stands twice"),
        ("Tram Press", "Tram\u202ePress", "RIGHT-TO-LEFT OVERRIDE"),
    ],
)
def test_bad_pages_are_one_clear_error(old: str, new: str, words: str) -> None:
    """The error names the page, the line and what to do."""
    with pytest.raises(BadInput) as caught:
        parse_page(page(**{old: new}).decode(), "page.txt")
    assert words in str(caught.value)
    assert str(caught.value).startswith("page.txt")


def test_a_page_cut_off_is_refused() -> None:
    """Every section is needed."""
    with pytest.raises(BadInput, match="Provenance is missing"):
        parse_page(PAGE.partition("Provenance\n")[0], "page.txt")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (QUESTION[:60], "How do ferries", "does not begin with the title of mine.txt"),
        (ABSTRACT, "Another abstract.", "abstract is not that of mine.txt"),
    ],
)
def test_a_page_must_belong_to_its_draft(old: str, new: str, words: str) -> None:
    """A page of another record is refused."""
    with pytest.raises(BadInput, match=r"page of mine\.txt") as caught:
        import_manifest(draft(), page(**{old: new}), name="mine.txt")
    assert words in str(caught.value)
