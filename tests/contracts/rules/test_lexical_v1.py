from collections import Counter
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.numbers import quantise
from sovereign_registry.contracts.rules import lexical_v1

texts = st.lists(
    st.lists(
        st.sampled_from(
            [
                "tram",
                "Trams",
                "stop at",
                "a",
                "the",
                "junction",
                "junction-box",
                "0.83",
                "und",
                "Straße",
                "école",
                "x",
                "вагон",
                "don't",
                "_",
                "!",
            ]
        ),
        min_size=1,
        max_size=12,
    ).map(" ".join),
    min_size=2,
    max_size=8,
)


@given(texts)
def test_equals_the_vectoriser_of_the_pipeline(passages: list[str]) -> None:
    """Equal to scikit-learn's cosine within one unit in the ninth decimal."""
    sklearn = pytest.importorskip("sklearn.feature_extraction.text")
    *rest, text = passages
    counted = [lexical_v1.terms(passage) for passage in rest]
    if not any(counted):
        return
    vectoriser = sklearn.TfidfVectorizer(ngram_range=(1, 2)).fit(rest)
    theirs = (vectoriser.transform(rest) @ vectoriser.transform([text]).T).toarray()[:, 0]
    df = dict(Counter(term for counts in counted for term in counts))
    for counts, expected in zip(counted, theirs, strict=True):
        ours = lexical_v1.cosine(lexical_v1.terms(text), counts, df, len(rest))
        assert abs(Decimal(ours) - Decimal(quantise(float(expected)))) <= Decimal("1e-9")


@given(st.text())
def test_terms_are_those_of_the_vectoriser(text: str) -> None:
    """Any text is taken apart into the same words and pairs, with the same counts."""
    sklearn = pytest.importorskip("sklearn.feature_extraction.text")
    analyse = sklearn.TfidfVectorizer(ngram_range=(1, 2)).build_analyzer()
    assert dict(Counter(analyse(text))) == lexical_v1.terms(text)


def test_a_worked_example() -> None:
    """Two passages, one shared word: checked by hand."""
    counts = [lexical_v1.terms("trams wait"), lexical_v1.terms("trams run")]
    df = {"trams": 2, "wait": 1, "run": 1, "trams wait": 1, "trams run": 1}
    idf = 1.4054651081081644  # ln(3/2) + 1
    assert quantise(1 / (1 + 2 * idf**2)) == lexical_v1.cosine(counts[0], counts[1], df, 2)
    assert lexical_v1.cosine({}, counts[0], df, 2) == "0.000000000"
    assert lexical_v1.cosine({"unseen": 1}, counts[0], df, 2) == "0.000000000"
    assert lexical_v1.cosine(counts[0], counts[0], df, 2) == "1.000000000"
    assert msgspec.json.encode(lexical_v1.terms("b1 a1")) == b'{"a1":1,"b1":1,"b1 a1":1}'
