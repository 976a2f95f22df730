"""Step 1: question checks, content words and the four queries."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.errors import BadInput
from sovereign_registry.pipeline.queries import check_question, derive_queries
from sovereign_registry.pipeline.stems import content_words, covered, stem, stem_set

QUESTION = (
    "How does the tooth count of a DynaHub sprocket change the climbing speed and chain wear of "
    "load-carrying e-bikes on the ALP-9 course?"
)


def test_four_queries_follow_their_rules() -> None:
    """All words, names, topic and outcomes, each by its documented rule."""
    queries = derive_queries(check_question(QUESTION), 4)
    assert [query.number for query in queries] == [1, 2, 3, 4]
    assert queries[0].terms == content_words(QUESTION)
    assert queries[1].terms == ("dynahub", "load-carrying", "e-bikes", "alp-9")
    assert queries[2].terms == queries[0].terms[: len(queries[2].terms)]
    assert queries[3].terms == ("dynahub", "climbing", "speed")


def test_a_rule_that_gives_nothing_is_replaced_by_a_documented_one() -> None:
    """No name and no quantity in the question: the places are taken, and say by what."""
    queries = derive_queries("How do herds of grazing sheep shape mountain meadows?", 4)
    assert len(queries) == 4
    assert len({frozenset(query.terms) for query in queries}) == 4
    assert queries[1].rule == "second half of the content words"


def test_a_one_word_question_gets_one_query() -> None:
    """Nothing distinct can be derived from a single content word."""
    assert [query.terms for query in derive_queries("What is a meadow?", 4)] == [("meadow",)]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_no_more_queries_than_configured(limit: int) -> None:
    """The configuration bounds the number of queries."""
    assert len(derive_queries(check_question(QUESTION), limit)) == limit


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("meadow " * 1429, "at most 1,000"),
        ("What does \u202etxt\u202c mean for meadows?", "U+202E"),
        ("What is a\x00meadow?", "U+0000"),
        ("two\vlines", "U+000B"),
        ("\x1fgear ratio", "U+001F"),
        ("x" * 1007, "Shorten it by at least 7"),
        ("What is it, and how does it compare?", "no content word"),
        ("?!", "no content word"),
    ],
)
def test_a_bad_question_is_one_clear_error(question: str, says: str) -> None:
    """The error names the question and says what was found."""
    with pytest.raises(BadInput, match="question") as caught:
        check_question(question)
    assert says in str(caught.value)
    assert caught.value.todo


SHIPPED = [
    line
    for line in (Path(__file__).parents[2] / "corpus" / "questions.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(
    "question", ["routing load balance " * 25, "Load balance? " * 6, "gear ratio of load at " * 4]
)
def test_a_question_that_repeats_itself_is_refused(question: str) -> None:
    """From twelve words on, at least half have to differ."""
    with pytest.raises(BadInput, match=r"repeats itself: [1-9] different words among"):
        check_question(question)


@given(st.lists(st.sampled_from(SHIPPED), min_size=1, max_size=3, unique=True))
def test_questions_that_somebody_asks_do_not_repeat_themselves(questions: list[str]) -> None:
    """Those that ship, alone or up to three in one."""
    assert check_question(" ".join(questions))


def test_few_words_may_be_repeated() -> None:
    """Below twelve words nothing is told of repetition."""
    assert check_question("load balance " * 5 + "routing")


def test_a_pasted_question_is_one_question() -> None:
    """Line ends, tabs and repeated spaces collapse, and count nothing towards the length."""
    pasted = " How does the\r\n\tgear   ratio\u2028change\nrider effort?\n"
    assert check_question(pasted) == "How does the gear ratio change rider effort?"
    assert check_question("gear" + " \n" * 1000 + "ratio") == "gear ratio"


@pytest.mark.parametrize(
    "question",
    [
        "草地上的羊如何影响植物的生长",
        "Как овцы влияют на горные луга?",
        "ما هو تأثير الأغنام على المروج؟",
    ],
)
def test_questions_in_other_scripts_are_welcome(question: str) -> None:
    """Every script gives at least one query with words of the question."""
    queries = derive_queries(check_question(question), 4)
    assert queries[0].terms
    assert all(term in question.casefold() for term in queries[0].terms)


@given(st.text(min_size=1, max_size=200))
def test_derivation_never_gives_nothing(raw: str) -> None:
    """Any question that passes the check gives distinct, non-empty queries, again the same."""
    try:
        question = check_question(raw)
    except BadInput:
        return
    queries = derive_queries(question, 4)
    assert queries
    assert all(query.terms for query in queries)
    assert len({frozenset(query.terms) for query in queries}) == len(queries)
    assert queries == derive_queries(question, 4)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("latency", "latencies"),
        ("llm", "llms"),
        ("gpu", "gpus"),
        ("benchmark", "benchmarks"),
        ("specialise", "specialization"),
        ("behaviour", "behaviors"),
    ],
)
def test_singular_and_plural_agree(one: str, other: str) -> None:
    """Acronyms too, which the stemmer alone leaves apart."""
    assert stem(one) == stem(other)


def test_acronym_rule_spares_other_words_in_s() -> None:
    """A word that ends in ss, or is too short, keeps its s."""
    assert stem("cross") == "cross"
    assert stem("gas") == "gas"


def test_hyphenated_words_are_found_in_either_spelling() -> None:
    """Side by side, in one word or hyphenated; not scattered over the text."""
    asked = ("multi-modal",)
    for text in ("a multimodal test", "a multi-modal test", "multi modal tests"):
        assert covered(asked, stem_set([text])) == asked
    assert covered(asked, stem_set(["modal logic in multi agent systems"])) == ()
    assert covered(asked, stem_set(["ends in multi", "modal begins"])) == ()


def test_content_words_leave_out_what_says_nothing() -> None:
    """Stop words, bare numbers, single letters and possessives go; a repeated stem counts once."""
    assert content_words("The rider's 25 gears and a gear of X") == ("rider", "gears")
