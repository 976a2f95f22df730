"""What text may enter a record, and how texts are compared.

Anything that could hide, reorder or break text on a page is refused at the door: control characters
(line ends included: a manifest's strings are single lines), bidirectional controls, zero-width
spaces, line and paragraph separators, lone surrogates and Unicode noncharacters.  Letters of every
script are welcome, right-to-left ones too: only the *controls* are refused.
"""

from __future__ import annotations

import re
import unicodedata

from sovereign_registry.contracts.errors import BadInput

FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1 (NEL included)
    "\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e007f]"  # tag characters: invisible, used to smuggle instructions
)
"""Characters that no string of a record may hold."""

UNSEEN = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u2800]"
)
"""Characters that show nothing: every code point of Unicode's property Default_Ignorable_Code_Point
(DerivedCoreProperties.txt, version 14.0, unassigned ones included) and the empty Braille pattern
U+2800, which is not of that property and looks the same.

Wider than ``FORBIDDEN``: records published earlier were held to that, and a person may write these.
Source text may not; there they are dropped."""

TYPOGRAPHIC = re.compile("[\xad\ufe0e\ufe0f]")
"""Those of ``UNSEEN`` that ordinary typesetting leaves behind: the soft hyphen, and the selectors
of a sign's text or emoji form.  Dropped all the same, and no reason for suspicion."""

_C0 = bytes(code for code in range(0x100) if code not in {*range(0x0A), *range(0x0B, 0x20), 0x7F})
_SUSPECT = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\xc2[\x80-\x9f]",
        rb"\xd8\x9c",
        rb"\xe2\x80[\x8b\x8e\x8f\xa8-\xae]",
        rb"\xe2\x81[\xa0-\xa4\xa6-\xaf]",
        rb"\xef\xbb\xbf",
        rb"\xef\xbf[\xb9-\xbb\xbe\xbf]",
        rb"\xf3\xa0[\x80\x81]",
    )
)
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"(?u)\b\w[\w'\u2019-]*")

_STOP = """
    a about above across affect affects after again against all also although am among an and
    any are as at be because been before being below between both but by can cannot compare
    compared comparison could did do does doing done down during each effect either else even
    ever every few for from further given had has have having he her here hers him his how
    however i if impact in influence into is it its itself just least less let like many may me
    might more most much must my neither no nor not now of off on once one only or other our
    ours out over own per rather relative same shall she should since so some such than that the
    their theirs them then there these they this those through thus to too toward towards under
    until up upon us use used using various vary varying versus very via vs was we were what
    when where whether which while who whom whose why will with within without would yet you
    your yours
"""
STOP_WORDS = frozenset(_STOP.split())
"""Function words, question words and words of mere comparison: none says what a text is about."""


def clean_utf8(data: bytes) -> bool:
    """Whether valid UTF-8 text of several lines holds no forbidden character; line feeds may stand.

    The same question as ``FORBIDDEN``, asked of the bytes: a tenth of the time on a manifest.
    """
    if data.translate(None, _C0):
        return False
    return data.isascii() or not any(pattern.search(data) for pattern in _SUSPECT)


def describe_character(character: str) -> str:
    """Name a character such as ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    name = unicodedata.name(character, "control or unassigned character")
    return f"U+{ord(character):04X} {name}"


def require_clean(text: str, where: str) -> str:
    """Return the text if it holds no forbidden character.

    Raises:
        BadInput: naming the place, the character and its position.
    """
    found = FORBIDDEN.search(text)
    if found:
        raise BadInput(
            f"found {describe_character(found.group())} at character {found.start()}",
            where=where,
            todo="Remove it: control and bidirectional characters are not accepted.",
        )
    return text


def seen(text: str) -> str:
    """What of a text can be seen: without forbidden characters and those that show nothing."""
    return UNSEEN.sub("", FORBIDDEN.sub("", text))


def collapse(text: str) -> str:
    """Collapse every run of white space (line ends included) to one space, trim both ends."""
    return _SPACE.sub(" ", text).strip()


def normalise(text: str) -> str:
    """The form in which texts are compared for sameness.

    NFKC, case-folded, white space collapsed, without trailing sentence marks.
    """
    return collapse(unicodedata.normalize("NFKC", text).casefold()).rstrip(".?!… ")


def words(text: str) -> list[str]:
    """The words of a text, case-folded, in order; hyphenated words count as one."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def parts(text: str) -> list[str]:
    """The words of a text, case-folded, in order, with hyphenated words taken apart."""
    return [part for word in words(text) for part in word.split("-") if part]


def content_words(text: str) -> tuple[str, ...]:
    """The distinct words that say what a text is about, in order of first use.

    Hyphenated words are taken apart; stop words, single characters and bare numbers are left out.
    Nothing is stemmed, so that a reader can count by hand.
    """
    return tuple(
        dict.fromkeys(
            part
            for part in parts(text)
            if len(part) > 1 and part not in STOP_WORDS and not part.isdecimal()
        )
    )


def jaccard(left: str, right: str) -> tuple[int, int]:
    """Content words that two texts share, and content words that either has.

    Their quotient is the Jaccard index; kept as two integers so that comparisons are exact.
    """
    first, second = set(content_words(left)), set(content_words(right))
    return len(first & second), len(first | second)


def shorten(text: str, limit: int) -> str:
    """Shorten at a word boundary with an ellipsis to at most ``limit`` characters.

    Never cuts inside a word unless the first word alone is too long.
    """
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut > 0 else head).rstrip(" ,;:") + "…"
