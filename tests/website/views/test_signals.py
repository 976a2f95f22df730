"""The second signal on a page: beside the lexical test, never part of it."""

from __future__ import annotations

import msgspec

from sovereign_registry.contracts.claims import Claim, SemanticSignal
from sovereign_registry.contracts.manifest import ByMeaning
from sovereign_registry.contracts.rederive import rederive
from sovereign_registry.website.views.claims import claim_part, claim_parts, intro
from sovereign_registry.website.views.sources import retrieval_part
from tests.website.views import samples

MODEL = "test/embed-1b over NIM"


def _with_signal(claim: Claim, *, same: bool = False, found: bool = True) -> Claim:
    best = claim.verification.best
    assert best is not None
    other = msgspec.structs.replace(best.locator, start=best.locator.start + 1)
    signal = SemanticSignal(
        value="0.812345" if found else None,
        model=MODEL,
        best=(best.locator if same else other) if found else None,
        quotation="Another <b>passage</b>." if found else "",
    )
    return msgspec.structs.replace(claim, semantic=signal)


def test_a_claim_without_a_model_shows_nothing_of_it() -> None:
    """Neither the claim nor the words above the list speak of a second signal."""
    record = samples.manifest()

    assert all(claim_part(claim, {}).signal is None for claim in record.claims)
    assert "second signal" not in intro(record)


def test_a_signal_changes_no_outcome_and_stands_by_itself() -> None:
    """Outcome, tone, figures and level are those of the lexical test."""
    base = samples.manifest().claims[0]
    plain, signalled = claim_part(base, {}), claim_part(_with_signal(base), {})

    assert signalled.signal is not None
    assert signalled.signal.value == "0.812"
    assert signalled.signal.quotation == "“Another <b>passage</b>.”"
    assert signalled.signal.place is not None
    assert msgspec.structs.replace(signalled, signal=None) == plain


def test_the_same_passage_is_not_quoted_twice() -> None:
    """Where both find the same passage, the signal points at it."""
    base = samples.manifest().claims[0]
    signal = claim_part(_with_signal(base, same=True), {}).signal

    assert signal is not None
    assert (signal.same, signal.quotation) == (True, "")


def test_no_other_passage_is_said_so() -> None:
    """A signal without a passage has neither place nor quotation."""
    signal = claim_part(_with_signal(samples.manifest().claims[0], found=False), {}).signal

    assert signal is not None
    assert (signal.place, signal.quotation, signal.same) == (None, "", False)
    assert signal.value == "no other passage"


def test_a_corrected_claim_loses_the_signal_of_its_earlier_words() -> None:
    """As it loses its tick; the page says that the model was not asked about the new ones."""
    record = samples.manifest()
    claims = tuple(map(_with_signal, record.claims))
    before = msgspec.structs.replace(record, claims=claims)
    text = "Quite other words stand here."
    reworded = msgspec.structs.replace(claims[0], text=text)
    after, _ = rederive(before, msgspec.structs.replace(before, claims=(reworded, *claims[1:])))

    found = after.claims[0].semantic
    assert found
    assert (found.value, found.best, found.quotation) == (None, None, "")
    shown = claim_part(after.claims[0], {}).signal
    assert shown is not None
    assert shown.value == "not asked about the corrected words"
    assert after.claims[1].semantic == claims[1].semantic


def test_the_words_above_the_list_say_what_a_signal_is_not() -> None:
    """Model, range, no threshold, no decision, not recomputable, not agreement."""
    record = samples.manifest()
    claims = tuple(map(_with_signal, record.claims))
    said = intro(msgspec.structs.replace(record, claims=claims))

    assert MODEL in said
    for words in ("no threshold", "decides nothing", "without the model", "the opposite"):
        assert words in said


def test_quoted_signals_count_towards_the_page_s_length() -> None:
    """A page of many claims leaves their passages out together with the lexical ones."""
    record = samples.manifest()
    many = tuple(
        msgspec.structs.replace(_with_signal(record.claims[0]), id=f"c{number}")
        for number in range(1, 400)
    )
    parts, unquoted = claim_parts(msgspec.structs.replace(record, claims=many), {}, ())

    assert unquoted
    assert parts[0].signal is not None
    assert parts[0].signal.quotation
    assert parts[-1].signal is not None
    assert (parts[-1].signal.quotation, parts[-1].signal.value) == ("", "0.812")


def test_the_order_of_reading_names_the_model() -> None:
    """A record ordered by meaning says so where it says how its sources were found."""
    record = samples.manifest()
    used = ByMeaning(
        reranked=(),
        candidates=44,
        compared=0,
        compared_sha256="0" * 64,
        exact=True,
        passages=0,
    )
    index = msgspec.structs.replace(record.index, model=MODEL, dimension=1024, meaning=used)
    found = retrieval_part(msgspec.structs.replace(record, index=index))
    facts = {fact.label: fact.value for fact in found.facts}

    assert f"{MODEL} (1024 dimensions)" in facts["Read in the order of"]
    assert "44 sources" in facts["Read in the order of"]
    assert "Read in the order of" not in {fact.label for fact in retrieval_part(record).facts}
