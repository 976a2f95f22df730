"""Which texts the registry wrote itself, and what a record that rests on them must say.

Two kinds of text are the registry's own: its technical notes (reference ``note-...``), which report
computations of the registry, and its summaries of papers.  Claims from either are in the registry's
words, and where one such text corroborates another, the registry agrees with itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.manifest import Flag, FlagKind
from sovereign_registry.contracts.papers import TextKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sovereign_registry.contracts.claims import Claim

NOTES = "technical notes that this registry wrote"
_SUMMARIES = "summaries of papers that this registry wrote"
_BOTH = "technical notes and summaries of papers, all of which this registry wrote"
_KINDS = {
    TextKind.SECTIONS: "the text of papers",
    TextKind.ABSTRACT: "abstracts of papers",
    TextKind.DECLARED: "texts that were not read here",
    TextKind.SUMMARY: _SUMMARIES,
}


def is_note(ref: str) -> bool:
    """Whether a key or reference names a technical note of the registry, and no paper."""
    return ref.startswith("note-")


def noun(refs: Iterable[str]) -> str:
    """What to call the things with these references: a source where notes are among them."""
    return "source" if any(is_note(ref) for ref in refs) else "paper"


def origins(texts: Iterable[tuple[str, TextKind]]) -> tuple[str, ...]:
    """What texts, given by reference and kind, are, in words, each once, in order."""
    return tuple(dict.fromkeys(NOTES if is_note(ref) else _KINDS[kind] for ref, kind in texts))


def own_words(claims: Sequence[Claim]) -> Iterator[str]:
    """What to say where claims come from the registry's own texts; nothing where none does."""
    own = _own(claims)
    if not own:
        return
    others = len(claims) - len(own)
    what = origins((claim.locator.paper, claim.locator.kind) for claim in own if claim.locator)
    where = what[0] if len(what) == 1 else _BOTH
    rest = "none comes" if not others else "1 comes" if others == 1 else f"{others} come"
    yield (
        f"{len(own)} of {len(claims)} claims {'comes' if len(own) == 1 else 'come'} from {where}; "
        f"{rest} from a paper's own text. "
        "Corroboration between texts of the registry itself is not independent."
    )


def own_texts(claims: Sequence[Claim]) -> tuple[Flag, ...]:
    """The informative flag of a record whose claims come from the registry's own texts."""
    about = tuple(claim.id for claim in _own(claims))
    return tuple(
        Flag(kind=FlagKind.OWN_TEXTS, message=message, about=about, unresolved=False)
        for message in own_words(claims)
    )


def _own(claims: Sequence[Claim]) -> list[Claim]:
    return [
        claim
        for claim in claims
        if claim.locator
        and (claim.locator.kind is TextKind.SUMMARY or is_note(claim.locator.paper))
    ]
