"""Text as a reader's eye takes it, for patterns that must not be dodged by its spelling.

*Folding*, in this order: characters that show nothing are left out; NFKC, so that full-width and
mathematical letters are letters; NFKD without marks (categories Mn and Me), so that accents and
strokes laid over a letter go; letters of other scripts that look like Latin ones become these;
hyphens, dashes and raised dots between letters, and underscores, asterisks, tildes and backquotes
anywhere, become spaces; white space is collapsed.

A folded text is for matching alone: it is never shown, kept or quoted.
"""

from __future__ import annotations

import re
import unicodedata

from sovereign_registry.contracts.text import collapse, seen

_ALIKE = (
    ("\u0430\u0435\u043e\u0440\u0441\u0443\u0445", "aeopcyx"),  # Cyrillic
    ("\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u0475\u04cf", "ijshdqwvl"),  # the same
    ("\u0432\u043a\u043c\u043d\u0442", "bkmht"),  # Cyrillic, after the form of the capital
    ("\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420", "ABEKMHOP"),  # Cyrillic capitals
    ("\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u050c\u04c0", "CTYXIJSGI"),  # Cyrillic capitals
    ("\u03bf\u03b1\u03bd\u03c1\u03b9\u03c5\u03ba\u03c4", "oavpiukt"),  # Greek
    ("\u03b3\u03b5\u03b7\u03c7\u03c9\u03f2\u03f3", "yenxwcj"),  # Greek
    ("\u0391\u0392\u0395\u0396\u0397\u0399\u039a", "ABEZHIK"),  # Greek capitals
    ("\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7", "MNOPTYX"),  # Greek capitals
    ("\u0585\u0578\u057d\u0570\u0581\u0566\u0575", "onuhgqj"),  # Armenian
    ("\u0555\u054d\u054f\u053c", "OUSL"),  # Armenian capitals
    ("\u0131\u0261\u0251\u0269\u00f8\u0142\u0111", "igaiold"),  # Latin beyond ASCII
    ("\u026a\u0262\u0274\u0280\u1d0f\u1d07\u1d00", "ignroea"),  # Latin small capitals
)
"""Letters that pass for the ASCII letters beside them, in common fonts; a choice, not all there are
(Unicode's confusables.txt lists thousands)."""

_LATIN = str.maketrans({other: own for pair in _ALIKE for other, own in zip(*pair, strict=True)})
_MARKS = frozenset({"Mn", "Me"})
_BETWEEN = re.compile(r"[_*`~]+|(?<=[^\W\d_])[-\u00b7\u2010-\u2015\u2022\u2212]+(?=[^\W\d_])")


def folded(text: str) -> str:
    """The text as the eye takes it, on one line; letters keep their case."""
    if not text.isascii():
        parted = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", seen(text)))
        bare = (one for one in parted if unicodedata.category(one) not in _MARKS)
        text = "".join(bare).translate(_LATIN)
    return collapse(_BETWEEN.sub(" ", text))


def holds(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern is found in a text as it is written (NFKC), or in its folded form."""
    written = unicodedata.normalize("NFKC", text)
    if pattern.search(written):
        return True
    plain = folded(text)
    return plain != written and bool(pattern.search(plain))
