"""Claims, where they come from, and what was checked about them.

Three words with one meaning each: *grounded* (located in a parsed section of its own source),
*verified* (the lexical tick against the best passage of the retrieved papers), *corroborated* (the
same test passed by a passage of a different paper).  None of the three means *true*.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.numbers import DecimalText
from sovereign_registry.contracts.papers import TextKind

ClaimId = Annotated[str, msgspec.Meta(pattern=r"^c[1-9]\d{0,3}$")]


class Origin(StrEnum):
    """Whether a value was made by this software or stated by an imported document."""

    COMPUTED = "computed"
    """Computed by the run that made the record; can be recomputed from the published evidence."""
    DECLARED = "declared"
    """Stated by an imported document; not checked here."""


class ClaimKind(StrEnum):
    """What sort of statement a claim is, by a lexical rule; decides which judge it may get."""

    MATHEMATICAL = "mathematical"
    """Speaks of a proof, bound, theorem or identity: a formal proof could decide it."""
    EMPIRICAL = "empirical"
    """States a measured or computed quantity: a sealed re-run could reproduce it."""
    NEITHER = "neither"
    """States no quantity and no theorem: Gate 2 does not apply."""


class Locator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where one passage (one sentence) stands."""

    paper: str
    """The paper's reference: key with version where one is stated."""
    kind: TextKind
    section: str
    """Section key: ``abstract``, ``summary`` or a number such as ``3.1``."""
    section_title: str
    start: Annotated[int, msgspec.Meta(ge=0)]
    """First character of the passage within the section's text."""
    end: Annotated[int, msgspec.Meta(ge=0)]
    """One past its last character."""
    sha256: Sha256
    """Digest of the passage's text, UTF-8."""


class Passage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A passage quoted as evidence."""

    locator: Locator
    quotation: str
    """The passage; shortened at a word with an ellipsis where it is longer than 500 characters."""
    shared_terms: tuple[str, ...]
    """The words and word pairs that it shares with the claim, heaviest first, at most 12."""


class LexicalCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The outcome of the TF-IDF cosine test of one claim against the best passage."""

    origin: Origin
    passed: bool
    """The tick.  Computed: exactly ``value >= threshold``.  Declared: as the document marked it."""
    value: DecimalText | None
    """The cosine, quantised to nine decimals; None where it was only declared."""
    display: str
    """The value as printed: three decimals, or the declared text unchanged."""
    comparator: Literal[">="]
    threshold: DecimalText
    margin: DecimalText | None
    """``value - threshold``; None where the value was only declared."""
    best: Passage | None
    """The best passage, or None where there was none to compare with or it was not carried."""
    note: str
    """What a reader must know about this outcome; empty where there is nothing to add."""


class SemanticSignal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How near the nearest other passage lies by an embedding model; decides nothing.

    The same passages are left out as in the lexical test.  It has no threshold and gives no tick,
    and it cannot be recomputed without the model.
    """

    value: DecimalText | None
    """Cosine of claim (as a query) and passage, quantised half-even to six decimals; None where
    there was no other passage, or once the claim's words were corrected: the model was not asked
    about the new ones."""
    model: str
    """The embedding model, as the record's tools name it."""
    best: Locator | None
    """The nearest passage, the first in the run's order among equals; None where there is none."""
    quotation: str
    """That passage, shortened at a word with an ellipsis; empty where there is none."""


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a sentence was taken as a claim."""

    score: DecimalText
    reasons: tuple[str, ...]


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One claim of a record."""

    id: ClaimId
    text: str
    cut: bool
    """True where an imported document cut the text off in the middle."""
    sha256: Sha256
    """Digest of the claim's text, UTF-8."""
    origin: Origin
    kind: ClaimKind
    locator: Locator | None
    """Where the claim was taken from; None where an imported document does not say."""
    selection: Selection | None
    verification: LexicalCheck
    corroboration: LexicalCheck | None
    """None where it was never tested (imported documents)."""
    level: Annotated[int, msgspec.Meta(ge=0, le=7)]
    """The claim's own rung on the verification ladder."""
    retained: bool
    """False where a revision round dropped the claim from the report; it stays in the record."""
    semantic: SemanticSignal | msgspec.UnsetType = msgspec.UNSET
    """A second signal beside the lexical test; unset where no embedding model was asked."""
