"""Takes out of a source what its page does not show: white, transparent, tiny, phantom text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.adapters.fulltexts.tex_text import NOTHING
from sovereign_registry.adapters.fulltexts.tex_tokens import arguments, group, option

if TYPE_CHECKING:
    from sovereign_registry.adapters.fulltexts.parsed import Findings

_DEFINE = re.compile(r"\\(?:definecolor|colorlet|providecolor)\s*(?=\{)")
_COMMENT_ENV = re.compile(r"\\begin\s*\{comment\}(.*?)\\end\s*\{comment\}", re.DOTALL)
_HIDES = re.compile(
    r"\\(?P<colored>textcolor)(?![a-zA-Z])|\\(?P<switch>color)(?![a-zA-Z])"
    r"|\\(?P<phantom>[hv]?phantom)\s*(?=\{)|\\(?P<size>fontsize)\s*(?=\{)"
    r"|\\(?P<scale>scalebox|resizebox\*?)\s*(?=\{)|\\(?P<faint>texttransparent)\s*(?=\{)"
    r"|\\(?P<transparent>transparent)\s*(?=\{)|\\(?P<box>setbox)(?![a-zA-Z])"
    r"|\\(?P<render>pdfliteral|special)(?![a-zA-Z])"
)
_STOP = re.compile(r"\\.|(?P<open>\{)|(?P<close>\})", re.DOTALL)
_RESTORE = re.compile(
    r"\\(?:color(?![a-zA-Z])|normalcolor|fontsize|transparent|normalsize|begin|end)"
)
_LENGTH = re.compile(r"^\s*(\d*\.?\d+)\s*(pt|px|bp|mm|cm|in|em|ex|sp)?\s*$")
_POINTS = {"pt": 1.0, "px": 1.0, "bp": 1.0, "mm": 2.85, "cm": 28.5, "in": 72.0, "em": 10.0,
           "ex": 4.3, "sp": 0.0, None: 1.0}  # fmt: skip
_TINY = 1.5
_FAINT = 0.05
_SMALL = 0.1
_MOSTLY = 97
"""Per cent of white from which a mixture is taken for white."""
_LEAST = {"rgb": 0.98, "RGB": 250.0, "gray": 0.98}
"""By colour model: from which value of every channel a colour is taken for white."""
_INVISIBLE = re.compile(r"(?<!\d)[37]\s+Tr")


def white_names(text: str) -> frozenset[str]:
    """The colours that the source defines and that are white."""
    names = {"white"}
    for match in _DEFINE.finditer(text):
        taken = arguments(text, match.end(), 3)
        if taken and is_white(taken[0][2], taken[0][1], names):
            names.add(taken[0][0].strip())
            continue
        taken = arguments(text, match.end(), 2)
        if "colorlet" in match[0] and taken and is_white(taken[0][1], "", names):
            names.add(taken[0][0].strip())
    return frozenset(names)


def is_white(value: str, model: str, names: set[str] | frozenset[str]) -> bool:
    """Whether a colour of LaTeX is white, or so near that nobody reads it."""
    value, model = value.strip(), model.strip()
    if not model:
        return _mixed_white(value, names)
    if model == "HTML":
        return (
            bool(re.fullmatch(r"(?i)f[a-f\d]f[a-f\d]f[a-f\d]", value))
            and min(int(value[at : at + 2], 16) for at in (0, 2, 4)) >= _LEAST["RGB"]
        )
    try:
        parts = [float(part) for part in value.split(",")]
    except ValueError:
        return False
    if model == "cmyk":
        return max(parts) <= 1 - _LEAST["rgb"]
    return model in _LEAST and min(parts) >= _LEAST[model]


def _mixed_white(value: str, names: set[str] | frozenset[str]) -> bool:
    """Whether a mixture of named colours such as ``white!98!black`` or ``red!0`` is white."""
    base, *rest = (part.strip() for part in value.split("!"))
    if not rest:
        return base in names
    if not rest[0].isdigit():
        return False
    share = int(rest[0][:4])
    if base in names:
        return len(rest) == 1 or share >= _MOSTLY
    return len(rest) == 1 and share <= 100 - _MOSTLY


def without_hidden(text: str, whites: frozenset[str], findings: Findings) -> str:
    """The text without what its page does not show; everything left out is noted."""

    def comment(match: re.Match[str]) -> str:
        findings.comment(match[1])
        return " "

    text = _COMMENT_ENV.sub(comment, text)
    kept: list[str] = []
    at = 0
    while (match := _HIDES.search(text, at)) is not None:
        kept.append(text[at : match.start()])
        what, hidden, at = _hidden(text, match, whites)
        if what:
            findings.hide(what, hidden)
            kept.append(NOTHING)
        else:
            kept.append(text[match.start() : at])
    kept.append(text[at:])
    return "".join(kept)


def _hidden(text: str, match: re.Match[str], whites: frozenset[str]) -> tuple[str, str, int]:
    """How it hides, what is hidden, and where to go on; no words where nothing is hidden."""
    kind, at = match.lastgroup or "", match.end()
    if kind in {"colored", "switch"}:
        found = _colored(text, at, whites, switch=kind == "switch")
    elif kind == "phantom":
        found = _braced("phantom text", text, at)
    elif kind in {"scale", "faint"}:
        found = _scaled(text, at, kind, match[0])
    elif kind == "box":
        brace = text.find("{", at, at + 60)
        found = _braced("text put into a box", text, brace) if brace >= 0 else None
    else:
        found = _switched(text, at, kind)
    return found or ("", "", at)


def _braced(what: str, text: str, at: int) -> tuple[str, str, int] | None:
    body = group(text, at)
    return (what, body[0], body[1]) if body else None


def _colored(
    text: str, at: int, whites: frozenset[str], *, switch: bool
) -> tuple[str, str, int] | None:
    model = option(text, at)
    taken = group(text, model[1] if model else at)
    if taken is None or not is_white(taken[0], model[0] if model else "", whites):
        return None
    return _rest("white text", text, taken[1]) if switch else _braced("white text", text, taken[1])


def _switched(text: str, at: int, kind: str) -> tuple[str, str, int] | None:
    """A switch that holds until its group ends: a tiny font, no opacity, no painting."""
    if kind == "size":
        sizes = arguments(text, at, 2)
        tiny = sizes is not None and _tiny(sizes[0][0])
        return _rest("a font too small to read", text, sizes[1]) if sizes and tiny else None
    if kind == "transparent":
        taken = group(text, at)
        faint = taken is not None and _value(taken[0]) <= _FAINT
        return _rest("transparent text", text, taken[1]) if taken and faint else None
    brace = text.find("{", at, at + 20)
    body = group(text, brace) if brace >= 0 else None
    invisible = body is not None and bool(_INVISIBLE.search(body[0]))
    return _rest("text drawn invisibly", text, body[1]) if body and invisible else None


def _scaled(text: str, at: int, kind: str, command: str) -> tuple[str, str, int] | None:
    resize = "resize" in command
    taken = arguments(text, at, 3 if resize else 2)
    if taken is None:
        return None
    *sizes, body = taken[0]
    if kind == "faint":
        return ("transparent text", body, taken[1]) if _value(sizes[0]) <= _FAINT else None
    small = any(_tiny(size) if resize else _value(size) <= _SMALL for size in sizes)
    return ("a font too small to read", body, taken[1]) if small else None


def _value(text: str) -> float:
    try:
        return abs(float(text.strip()))
    except ValueError:
        return 1.0


def _tiny(text: str) -> bool:
    match = _LENGTH.match(text)
    return bool(match) and float(match[1]) * _POINTS[match[2]] <= _TINY if match else False


def _rest(what: str, text: str, start: int) -> tuple[str, str, int]:
    """All up to the end of the group or environment, or to the next switch of the same sort."""
    depth = environments = 0
    for match in _STOP.finditer(text, start):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
            if depth < 0:
                return what, text[start : match.start()], match.start()
        elif depth == 0 and (restore := _RESTORE.match(text, match.start())):
            if restore[0] == "\\begin":
                environments += 1
            elif restore[0] == "\\end":
                environments -= 1
            if restore[0] not in {"\\begin", "\\end"} or environments < 0:
                return what, text[start : match.start()], match.start()
    return what, text[start:], len(text)
