"""Claims chosen by a language model and checked by rule: what was asked and what became of it."""

from __future__ import annotations

from typing import Annotated

import msgspec

from sovereign_registry.contracts.review import ModelCall

_Count = Annotated[int, msgspec.Meta(ge=0)]


class SectionReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model quoted from one section; nothing of it is checked against the text yet."""

    quotes: tuple[str, ...]
    call: ModelCall | None
    """None where no usable reply could be had."""
    fault: str
    """Why there is none; empty where there is one."""


class SectionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One section that the model was asked about."""

    paper: str
    section: str
    call: ModelCall | None
    """None where no usable reply could be had."""
    fault: str
    """Why there is none; empty where there is one."""
    quotes: _Count
    """Quotations that the reply gave."""
    not_found: _Count
    """Of them refused: not in the section, word for word."""
    not_a_sentence: _Count
    """Refused: less than half a sentence, or more than one."""
    not_fit: _Count
    """Refused: the sentence does not stand on its own, or reads like an instruction."""

    @property
    def refused(self) -> int:
        """How many were refused."""
        return self.not_found + self.not_a_sentence + self.not_fit


class Extraction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How claims were chosen by a model; the rule that checks them is the registry's own."""

    model: str
    service: str
    sections: tuple[SectionAsked, ...]
    """In the order of reading, then of the sections."""
