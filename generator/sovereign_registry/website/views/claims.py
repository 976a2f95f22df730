"""The claims of a record: text, outcome, figures and the passage that gave them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.claims import ClaimKind, Origin
from sovereign_registry.contracts.documents import reworded as rewording
from sovereign_registry.contracts.numbers import show
from sovereign_registry.website.views import scales, words
from sovereign_registry.website.views.parts import Bar
from sovereign_registry.website.views.plots import cosine, percent
from sovereign_registry.website.views.record_parts import (
    Check,
    ClaimPart,
    Place,
    Segment,
    Signal,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from sovereign_registry.contracts.claims import Claim, LexicalCheck, Locator
    from sovereign_registry.contracts.manifest import Manifest

_TOKEN = re.compile(r"(\b\w\w+\b)")
"""The vectoriser's own idea of a word, so that marks show what it counted."""


def segments(text: str, terms: tuple[str, ...]) -> tuple[Segment, ...]:
    """Split a quotation so that every word of the shared terms stands in a marked segment.

    Marked words with nothing but a space between them share one segment.
    """
    shared = {word for term in terms for word in term.split()}
    pieces = _TOKEN.split(text)  # what stands between words, a word, and so on in turn
    parts: list[Segment] = []
    done = 0
    for at in range(1, len(pieces), 2):
        if pieces[at].lower() not in shared:
            continue
        between, word = "".join(pieces[done:at]), pieces[at]
        done = at + 1
        if between == " " and parts:
            parts[-1] = Segment(f"{parts[-1].text} {word}", marked=True)
            continue
        if between:
            parts.append(Segment(between, marked=False))
        parts.append(Segment(word, marked=True))
    rest = "".join(pieces[done:])
    if rest:
        parts.append(Segment(rest, marked=False))
    return tuple(parts)


def section_words(key: str, title: str) -> str:
    """``section 3.1, Routing``, ``abstract`` or ``registry summary``."""
    if key == "summary":
        return "registry summary"
    name = f"section {key}" if key[:1].isdigit() else key
    return name if not title or title.casefold() == key.casefold() else f"{name}, {title}"


def place(locator: Locator, papers: Mapping[str, tuple[str, str]]) -> Place:
    """Where a passage stands; ``papers`` maps a reference to (anchor, name on the page)."""
    anchor, name = papers.get(locator.paper, ("sources", locator.paper))
    return Place(
        paper=locator.paper,
        name=name,
        anchor=anchor,
        section=section_words(locator.section, locator.section_title),
    )


NEAR = Decimal("0.005")
"""Nearer than this to the threshold, the rounded figure alone would not show the outcome."""


def _figures(check: LexicalCheck) -> tuple[str, str, str]:
    """What stands before the value, the value, what follows; near the threshold it is exact."""
    if check.value is None and check.origin is Origin.COMPUTED:
        return "Cosine: ", check.display, "."
    if check.value is None:
        rest = (
            f"; threshold {check.threshold}. The value behind the stated figure was not carried, "
            "so the comparison cannot be made again here."
        )
        return "Stated as ", check.display, rest
    sign = check.comparator.replace(">=", "≥") if check.passed else "<"
    near = abs(Decimal(check.value) - Decimal(check.threshold)) < NEAR
    exactly = f" (exactly {check.value})" if near else ""
    return "Cosine ", check.display, f"{exactly} {sign} {check.threshold}"


def _marked(word: str, *, passed: bool) -> str:
    """An outcome with its tick or cross."""
    return f"{'✓' if passed else '✗'} {word}"


def _bar(check: LexicalCheck) -> Bar | None:
    value = cosine(check)
    if value is None:
        return None
    whole = Decimal(1)
    return Bar(percent(value, whole), (percent(Decimal(check.threshold), whole),))


def _check(
    check: LexicalCheck,
    title: str,
    outcome: str,
    papers: Mapping[str, tuple[str, str]],
    *,
    quoted: bool,
) -> Check:
    declared = check.origin is Origin.DECLARED
    untested = check.value is None and not declared  # its note says why
    best = check.best
    before, value, after = _figures(check)
    return Check(
        title=title,
        outcome=outcome,
        tone="pass" if check.passed else "fail",
        before=before,
        value=value,
        after=after,
        bar=_bar(check),
        place=place(best.locator, papers) if best else None,
        quotation=segments(f"“{best.quotation}”", best.shared_terms) if best and quoted else (),
        same=False,
        missing=""
        if best or untested
        else (
            "The imported document does not carry the passage it was compared with."
            if declared
            else "There was no passage to compare it with."
        ),
        note=check.note,
    )


def _outcome(check: LexicalCheck) -> tuple[str, str]:
    """The outcome in words, and what it rests on."""
    verb = "verified" if check.passed else "not verified"
    if check.origin is Origin.DECLARED:
        return _marked(f"Marked {verb}", passed=check.passed), words.DECLARED
    return _marked(verb.capitalize(), passed=check.passed), words.LEXICAL


def _checks(
    claim: Claim, papers: Mapping[str, tuple[str, str]], *, quoted: bool
) -> tuple[Check, ...]:
    outcome, _ = _outcome(claim.verification)
    tick = _check(claim.verification, "Best passage", outcome, papers, quoted=quoted)
    if claim.corroboration is None:
        return (tick,)
    found = claim.corroboration.passed
    other = _check(
        claim.corroboration,
        "In a different source",
        _marked("Corroborated" if found else "Not corroborated", passed=found),
        papers,
        quoted=False,
    )
    if claim.corroboration.best == claim.verification.best and claim.verification.best:
        other = msgspec.structs.replace(other, same=True)
    return (tick, other)


def claim_part(
    claim: Claim,
    papers: Mapping[str, tuple[str, str]],
    *,
    retracted: bool = False,
    quoted: bool = True,
) -> ClaimPart:
    """One claim as the page shows it; ``quoted`` says whether its best passage is printed."""
    check = claim.verification
    outcome, basis = _outcome(check)
    return ClaimPart(
        id=claim.id,
        text=claim.text,
        cut=claim.cut,
        outcome=outcome,
        basis=basis,
        tone="pass" if check.passed else "fail",
        level=f"{claim.level} of {scales.TOP}",
        kind="" if claim.kind is ClaimKind.NEITHER else claim.kind.value,
        dropped=not claim.retained,
        retracted=retracted,
        place=place(claim.locator, papers) if claim.locator else None,
        checks=_checks(claim, papers, quoted=quoted),
        reworded=_corrected(claim),
        signal=_signal(claim, papers, quoted=quoted),
    )


_GROUNDED = 2
"""The rung of a claim that is located."""


def _corrected(claim: Claim) -> str:
    """What stands before the place of a claim's earlier words; empty where it needs nothing."""
    if not rewording.reworded(claim):
        return ""
    counted = claim.level >= _GROUNDED  # levels-v2 gives such a claim no more than 1
    level = "; its level still counts the earlier ones" if counted else ""
    return f"Corrected since: these words stand in no source{level}. The earlier words are from"


_ASKED_NOTHING = {True: "not asked about the corrected words", False: "no other passage"}


def _signal(claim: Claim, papers: Mapping[str, tuple[str, str]], *, quoted: bool) -> Signal | None:
    found = claim.semantic
    if not found:
        return None
    best = claim.verification.best
    same = best is not None and best.locator == found.best
    return Signal(
        value=show(found.value) if found.value else _ASKED_NOTHING[rewording.reworded(claim)],
        place=place(found.best, papers) if found.best else None,
        same=same,
        quotation=f"“{found.quotation}”" if quoted and found.quotation and not same else "",
    )


def _quoted(claim: Claim) -> int:
    """Characters of passages that a claim quotes, with their quotation marks."""
    best = claim.verification.best
    length = len(best.quotation) + 2 if best else 0
    signal = _signal(claim, {}, quoted=True)
    return length + (len(signal.quotation) if signal else 0)


QUOTED = 9_000
"""Characters of passages that one page quotes; what goes beyond stands in the record's files.

With it a page of 200 claims stays below 50 KB compressed.
"""


def claim_parts(
    record: Manifest,
    papers: Mapping[str, tuple[str, str]],
    retracted: Container[str],
) -> tuple[tuple[ClaimPart, ...], str]:
    """All claims, and where the passages stand that the page leaves out for its length."""
    parts, length, unquoted = [], 0, ""
    for claim in record.claims:
        length += _quoted(claim)
        fits = length <= QUOTED
        unquoted = unquoted or ("" if fits else claim.id)
        parts.append(claim_part(claim, papers, retracted=claim.id in retracted, quoted=fits))
    said = (
        f"To keep this page small, passages stand here up to the claim before {unquoted}; from "
        "there on the page names their places."
    )
    return tuple(parts), said if unquoted else ""


def three_words(record: Manifest) -> Words:
    """Grounded, verified, corroborated with this record's counts."""
    total = len(record.claims)
    verified = sum(claim.verification.passed for claim in record.claims)
    tested = [claim.corroboration for claim in record.claims if claim.corroboration]
    grounded = record.assessment.level.claim_summary.source_grounded_claims
    declared = "declared: " if record.origin is Origin.DECLARED else ""
    stated = declared if record.assessment.level.origin is Origin.DECLARED else ""
    return Words(
        grounded=f"{stated}{grounded} of {total}",
        verified=f"{declared}{verified} of {total}",
        corroborated=f"{sum(check.passed for check in tested)} of {total}"
        if tested
        else "not tested",
        declared=bool(declared),
        located=_located(record, grounded),
    )


def _located(record: Manifest, grounded: int) -> str:
    """What the count of grounded claims says of their words."""
    corrected = len(rewording.counted_as_grounded(record))
    if not corrected:
        return "Stands word for word in a parsed section of its source."
    return (
        f"{grounded - corrected} of {len(record.claims)} stand word for word in a parsed section "
        f"of their source. {rewording.of_level(record)}"
    )


def intro(record: Manifest) -> str:
    """What the list of claims holds, in one or two sentences."""
    total = len(record.claims)
    if not total:
        return "This record holds no claim."
    dropped = sum(not claim.retained for claim in record.claims)
    lost = (
        f" {words.count(dropped, 'claim was', 'claims were')} dropped from the report in the "
        "revision round and stay here."
        if dropped
        else ""
    )
    changed = rewording.located_no_more(record)
    counted = rewording.counted_as_grounded(record)
    corrected = (
        f" The words of {', '.join(changed)} were corrected since: they stand in no source, and "
        + (
            f"{record.assessment.level.rules} counts them as grounded all the same."
            if counted
            else "do not count as grounded."
        )
        if changed
        else ""
    )
    if record.origin is Origin.DECLARED:
        return (
            f"{words.count(total, 'claim')}, as the imported document lists them. Texts, marks and "
            f"figures are {words.DECLARED}.{lost}"
        )
    return (
        f"{words.count(total, 'claim')}, each one sentence taken word for word from a source, with "
        "the passage that comes nearest to it, its own sentence and copies of it left out."
        f"{_second(record)}{corrected}{lost}"
    )


def _second(record: Manifest) -> str:
    """What the second signal is, where claims have one."""
    model = next((claim.semantic.model for claim in record.claims if claim.semantic), "")
    if not model:
        return ""
    return (
        " Beside the lexical test stands a second signal: how near the nearest other passage lies "
        f"by the embedding model {model}, from -1 to 1. It has no threshold and decides nothing, "
        "nobody can recompute it without the model, and near is not the same as agreeing: a "
        "sentence that says the opposite lies near too."
    )
