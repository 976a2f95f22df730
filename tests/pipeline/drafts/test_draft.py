import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.contracts.review import Policy, Verdict
from sovereign_registry.contracts.text import collapse
from sovereign_registry.pipeline.drafts import import_manifest, parse_draft
from tests.pipeline.drafts.documents import (
    ABSTRACT,
    ANALYSED,
    CLAIMS,
    QUESTION,
    REFERENCES,
    STYLES,
    Sample,
    draft,
    render,
)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_every_style_reads_alike(style: str, ending: str, bom: str) -> None:
    """Heading styles, line ends and a byte order mark make no difference."""
    text = bom + render(Sample(style=style)) + ending
    if ending == "\r\n":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    found = parse_draft(text, "draft.txt")
    assert found == parse_draft(render(Sample()), "draft.txt")
    assert (found.question, found.goal) == (QUESTION, f"{QUESTION}.")
    assert (found.analysed, found.abstract, found.date) == (ANALYSED, ABSTRACT, "2026-03-05")
    assert (found.model, found.dimension, found.threshold) == ("NIM tram-embed", 64, "0.15")
    assert found.search == "Multi-query arXiv search (4 parallel queries, Relevance-sorted)"
    tribunal = "Tribunal v2: 3-role parallel review (SKEPTIC/VALIDATOR/SYNTHESIZER)"
    assert found.tribunal == tribunal
    rows = tuple((one.text, one.verified, one.confidence) for one in found.claims)
    assert rows == CLAIMS
    references = [(one.key, one.version) for one in found.references]
    assert references == [("2401.00001", 1), ("2402.00002", 3)]
    assert (found.results.verdict, found.results.policy) == (
        Verdict.REJECT,
        Policy.ESCALATE_TO_OWNER,
    )
    assert found.uncertainties == (
        "Corridors differ in length.",
        "tram timetables vary by season.",
    )


_words = st.text(
    st.characters(categories=("L", "N", "P", "S"), exclude_characters="\\<>|\t/\u061c"),
    min_size=1,
    max_size=12,
)
_prose = (
    st.lists(_words, min_size=3, max_size=12)
    .map(lambda parts: collapse("Trams " + " ".join(parts) + " wait"))
    .filter(lambda text: ". Research goal" not in text)
)
_rows = st.tuples(
    _prose, st.booleans(), st.integers(0, 100).map(lambda value: f"{value / 100:.2f}")
)


@given(
    st.sampled_from(STYLES),
    _prose,
    _prose,
    _prose,
    st.lists(_rows, max_size=5),
    st.dates().filter(lambda date: date.year >= 1000),
)
def test_round_trip(  # noqa: PLR0913, PLR0917 - one argument per field
    style: str,
    question: str,
    analysed: str,
    abstract: str,
    rows: list[tuple[str, bool, str]],
    date: object,
) -> None:
    """Whatever stands in a field is read back from a draft in any style."""
    sample = Sample(
        style=style,
        title=question,
        question=f"{question}?",
        analysed=analysed,
        abstract=abstract,
        claims=tuple(rows),
        date=f"{date:%B} {date.day}, {date.year}",  # type: ignore[attr-defined]
    )
    found = parse_draft(render(sample), "draft.txt")
    assert (question, f"{question}?", analysed, abstract, str(date)) == (
        found.title,
        found.question,
        found.analysed,
        found.abstract,
        found.date,
    )
    assert rows == [(one.text, one.verified, one.confidence) for one in found.claims]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("SOVEREIGN: ", "", 4, "title is due"),
        ("March 5, 2026", "soon", 10, "date is due"),
        ("2 Methodology\n", "2 Methods\n", None, "where 2 Methodology is due"),
        ("4 Uncertainties", "3 Results", 28, "where 4 Uncertainties is due"),
        ("threshold=0.15", "no threshold", 22, "no threshold"),
        ("Analysis of: ", "On ", 18, "research goal"),
        ("9 papers retrieved. ", "", 26, "section 3 Results"),
        ("REJECT", "MAYBE", 26, "unknown verdict MAYBE"),
        ("ESCALATE_TO_OWNER", "PUBLISH", 26, "unknown policy PUBLISH"),
        ("revision_round=0", "revision_round=7", 26, "unknown revision_round 7"),
        ("3.0/10", "11.5/10", 26, "exceeds 10"),
        ("Claim\tVerified", "Claim\tTrue", 34, "head is due"),
        ("\t✓\t", "\tyes\t", 35, "unknown mark 'yes'"),
        ("0.31", "0,31", 35, "confidence '0,31'"),
        ("0.31", "1.31", 35, "confidence '1.31'"),
        ("0.31", "nan", 35, "confidence 'nan'"),
        ("seconds.\t", "seconds. ", 35, "2 cells"),
        ("- <http://arxiv.org/abs/2401.00001v1>", "- <http://x.example/1>", 41, "reference is due"),
        ("<http://arxiv.org/abs/2401.00001v1>", "<javascript:alert(1)>", 41, "reference is due"),
        ("Tram Kernel", "Tram\x07Kernel", 6, "U+0007"),
        ("Tram Kernel", "Tram \u202eKernel", 6, "RIGHT-TO-LEFT OVERRIDE"),
        ("waiting time of trams from", "waiting\u200btime from", 35, "ZERO WIDTH SPACE"),
        ("share a road", "share\ra road", 14, "U+000D"),
    ],
)
def test_bad_lines_are_named(old: str, new: str, line: int | None, words: str) -> None:
    """One error with file, line, what was found and what to do."""
    text = render(Sample(replaced={old: new}))
    with pytest.raises(BadInput) as caught:
        parse_draft(text, "bad.txt")
    message = str(caught.value)
    assert words in message
    assert message.startswith("bad.txt")
    assert line is None or f"line {line}:" in message
    assert caught.value.todo


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"SOVEREIGN: x\n\xff", "line 2: byte 0xff is not UTF-8"),
        (b"\xff\xfeS\x00", "not UTF-8"),
        (b"x" * 1_000_001, "more than 1000000"),
        (b"%PDF-1.7", "fewer than four lines"),
        (draft().partition(b"4 Uncertainties")[0], "ends without section 4 Uncertainties"),
        (draft().partition(b"cyclists wait")[0], "ends without section References"),
        (draft().partition(b"References")[0], "ends without section References"),
        (draft().partition(b"References")[0] + b"References\n", "References is empty"),
    ],
)
def test_bad_files_are_one_clear_error(data: bytes, words: str) -> None:
    """Not text, empty, too large or cut off: nothing is imported."""
    with pytest.raises(BadInput, match=r"bad\.txt") as caught:
        import_manifest(data, None, name="bad.txt")
    assert words in str(caught.value)


def test_fifty_megabytes_are_refused_before_reading() -> None:
    """The size is looked at before the text."""
    with pytest.raises(BadInput, match="52428800"):
        import_manifest(b"\xff" * (50 << 20), None, name="big.txt")


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_no_bytes_do_anything_but_import_or_fail_clearly(noise: bytes, at: int) -> None:
    """Noise anywhere in a draft gives a record or a BadInput, nothing else."""
    data = draft()
    try:
        import_manifest(data[:at] + noise + data[at:], None, name="noise.txt")
    except BadInput as error:
        assert error.where.startswith("noise.txt")  # noqa: PT017 - either outcome is right


def test_references_keep_their_order() -> None:
    """The list is not sorted."""
    text = render(Sample(references=REFERENCES[::-1]))
    keys = [one.key for one in parse_draft(text, "draft.txt").references]
    assert keys == ["2402.00002", "2401.00001"]
