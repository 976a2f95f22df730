"""How text of strangers is shown to a model, so that it can tell it from our own words.

*Datamarking* (spotlighting; Hines et al., 2024): all white space of the text is replaced by a
character that the text does not hold, so that every word of it carries the mark.  *Delimiters*: it
stands between tokens that are derived from the whole dossier, the record and the recorded seed: the
same run gives the same tokens, and who writes one paper cannot know them.  *Canary*: a second
token that no honest reply holds; a reply that does was written by a model that leaks its prompt.

None of this is a wall.  What a model says is checked by rules that no text can speak to.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import content_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MARKERS = "\u02c6\u00a6\u2021\u00ac\u29eb\u2e2a\u2058\u203b"
"""Marks in the order of preference: rare in papers, visible, one character each."""
_PRIVATE = range(0xE000, 0xF8FF)
"""Private use: one of these is free in any text of fewer characters than there are of them."""
_LENGTH = 16
_SPACE = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, kw_only=True)
class Marks:
    """The marks of one call."""

    marker: str
    token: str
    """Opens and closes every block of strangers' text: ``<<token`` and ``token>>``."""
    canary: str

    @property
    def secrets(self) -> tuple[str, str]:
        """What no reply may hold."""
        return (self.token, self.canary)

    def mark(self, text: str) -> str:
        """The text with every run of white space marked; line ends stay, behind a mark."""
        return _SPACE.sub(self.marker, text).replace("\n", f"{self.marker}\n{self.marker}")

    def unmark(self, text: str) -> str:
        """The text with every mark a space again."""
        return text.replace(self.marker, " ")

    def block(self, name: str, text: str) -> str:
        """A named block of marked text."""
        return f"<<{self.token} {name}\n{self.mark(text)}\n{self.token}>>"


def marks_for(purpose: Sequence[str], texts: Iterable[str]) -> Marks:
    """The marks of the call with this purpose over these texts.

    Args:
        purpose: What makes the call this one: record, seed, role, digest of all that is shown.
        texts: Everything that will be marked; neither mark nor token occurs in it.
    """
    held = "\n".join(texts)
    private = (chr(code) for code in _PRIVATE)
    marker = next((one for one in (*MARKERS, *private) if one not in held), "\u02c6")
    turn = 0
    while True:
        digest = content_sha256([*purpose, str(turn)])
        token, canary = digest[:_LENGTH], digest[_LENGTH : 2 * _LENGTH]
        if token not in held and canary not in held:
            return Marks(marker=marker, token=token, canary=canary)
        turn += 1


def leaks(reply: str, secrets: Iterable[str]) -> bool:
    """Whether a reply holds a secret, whatever stands between its characters."""
    plain = unicodedata.normalize("NFKC", reply).casefold()
    squeezed = re.sub(r"[^0-9a-z]", "", plain)
    return any(secret in squeezed for secret in secrets)
