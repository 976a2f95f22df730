"""Small records of our own for the tests of contracts, rules and documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import (
    Claim,
    ClaimKind,
    LexicalCheck,
    Locator,
    Origin,
    Passage,
)
from sovereign_registry.contracts.dossier import Dossier
from sovereign_registry.contracts.gate import GATE_2, GateReason, GateStatus, GateVerdict
from sovereign_registry.contracts.manifest import Flag, FlagKind, Source
from sovereign_registry.contracts.numbers import margin, quantise
from sovereign_registry.contracts.papers import TextKind

if TYPE_CHECKING:
    from collections.abc import Sequence

THRESHOLD = "0.15"


def locator(
    text: str = "x", *, paper: str = "2401.00001v1", kind: TextKind = TextKind.SECTIONS
) -> Locator:
    """A passage at the start of section 3.1."""
    return Locator(
        paper=paper,
        kind=kind,
        section="3.1",
        section_title="Queue lengths",
        start=0,
        end=len(text),
        sha256=text_sha256(text),
    )


def check(value: float, *, best: Passage | None = None) -> LexicalCheck:
    """A computed lexical check with this cosine."""
    text = quantise(value)
    return LexicalCheck(
        origin=Origin.COMPUTED,
        passed=Decimal(text) >= Decimal(THRESHOLD),
        value=text,
        display=f"{value:.3f}",
        comparator=">=",
        threshold=THRESHOLD,
        margin=margin(text, THRESHOLD),
        best=best,
        note="",
    )


def declared_check(display: str, *, passed: bool) -> LexicalCheck:
    """A check that an imported document states."""
    return LexicalCheck(
        origin=Origin.DECLARED,
        passed=passed,
        value=None,
        display=display,
        comparator=">=",
        threshold=THRESHOLD,
        margin=None,
        best=None,
        note="Declared.",
    )


def passage(
    text: str = "x", *, paper: str = "2401.00002v1", kind: TextKind = TextKind.SECTIONS
) -> Passage:
    """A quoted passage of another paper."""
    return Passage(locator=locator(text, paper=paper, kind=kind), quotation=text, shared_terms=())


def claim(  # noqa: PLR0913 - a builder names what a test varies
    number: int,
    text: str = "",
    *,
    verification: LexicalCheck | None = None,
    corroboration: LexicalCheck | None = None,
    place: Locator | None = None,
    origin: Origin = Origin.COMPUTED,
    level: int = 1,
) -> Claim:
    """One claim; without ``place`` it is not located."""
    words = text or f"Statement {chr(96 + number)} about trams."
    return Claim(
        id=f"c{number}",
        text=words,
        cut=False,
        sha256=text_sha256(words),
        origin=origin,
        kind=ClaimKind.EMPIRICAL,
        locator=place,
        selection=None,
        verification=verification or check(0.2),
        corroboration=corroboration,
        level=level,
        retained=True,
    )


def dossier(
    claims: Sequence[Claim],
    *,
    question_words: int = 10,
    covered_words: int = 5,
    papers: int = 10,
    uncertainties: int = 4,
) -> Dossier:
    """A dossier with three references."""
    return Dossier(
        question="How long do trams wait at junctions?",
        report="A report.",
        claims=tuple(claims),
        question_words=question_words,
        covered_words=covered_words,
        papers=papers,
        references=3,
        uncertainties=uncertainties,
    )


def flag(kind: FlagKind, *, unresolved: bool = True) -> Flag:
    """One warning."""
    return Flag(kind=kind, message="Found.", about=(), unresolved=unresolved)


def gate(
    status: GateStatus = GateStatus.UNVERIFIED,
    reason: GateReason = GateReason.NOT_ATTEMPTED,
    claims: tuple[str, ...] = (),
) -> GateVerdict:
    """A Gate 2 verdict; a strong one gets an artifact digest."""
    strong = status is not GateStatus.UNVERIFIED
    return GateVerdict(
        origin=Origin.COMPUTED,
        status=status,
        reason_code=reason,
        reason="Nobody has run Gate 2 for this record.",
        evaluated_at=None,
        gate=GATE_2,
        claims=claims,
        checkable_claims=len(claims),
        artifacts=("ab" * 32,) if strong else (),
    )


def source(ref: str = "2401.00001v1", *, digest: bool = True) -> Source:
    """A paper that was read."""
    return Source(
        ref=ref,
        key=ref.rpartition("v")[0],
        version=1,
        title="Trams at junctions",
        authors=("A. Example",),
        published="2024-01-02",
        categories=("cs.RO",),
        url=f"https://arxiv.org/abs/{ref}",
        origin=Origin.COMPUTED,
        text_kind=TextKind.SECTIONS,
        text_sha256="cd" * 32 if digest else None,
        passages=3,
        fused_score="0.032786885",
        covered_words=("trams",),
        coverage="0.500000000",
        used_for=("claims",),
        licence="CC BY 4.0",
    )
