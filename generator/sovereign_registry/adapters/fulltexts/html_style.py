"""Which elements of a page nobody sees: by attribute, by ``style``, and by simple style rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

    Declarations = Mapping[str, str]

_RULE = re.compile(r"([^{}@]{1,500})\{([^{}]{0,4000})\}")
_SIMPLE = re.compile(r"[a-zA-Z]*(?:[.#][\w-]+)?$")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|ex|%|in|cm|mm|vw|vh)?$")
_RGB = re.compile(r"rgba?\(([^)]*)\)")
_POINTS = {"px": 0.75, "pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, None: 0.75}
_FAR = -400.0
"""Points beyond which a shifted text is off the page."""
_MOST_RULES = 200
_TINY = 1.5
"""Points up to which a font cannot be read."""
_FAINT = 0.05
_WHITE = 250
_NAMES = {"white": (255, 255, 255), "snow": (255, 250, 250), "#fff": (255, 255, 255)}


def declarations(style: str) -> dict[str, str]:
    """The declarations of a ``style`` attribute, names and values in lower case."""
    found = {}
    for part in _COMMENT.sub("", style[:10_000]).split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip().lower()] = value.replace("!important", "").strip().lower()
    return found


def rules_of(sheet: str) -> list[tuple[str, dict[str, str]]]:
    """The simple rules of a style sheet (one tag, class or id each) that bear on what is seen."""
    found = [
        (selector.strip(), declarations(body))
        for selectors, body in _RULE.findall(_COMMENT.sub("", sheet[:200_000]))
        for selector in selectors.split(",")
        if selector.strip() and _SIMPLE.match(selector.strip())
    ]
    return [
        (selector, style)
        for selector, style in found
        if concealed_by(style, on_paper=True) or has_ground(style)
    ][:_MOST_RULES]


def matches(element: _Element, selector: str) -> bool:
    """Whether a simple selector names an element."""
    tag, _, identity = selector.partition("#")
    if identity:
        return element.get("id") == identity and tag in {"", element.tag}
    tag, _, name = selector.partition(".")
    classed = not name or name in (element.get("class") or "").split()
    return classed and tag.lower() in {"", element.tag}


def concealed_by(style: Declarations, *, on_paper: bool) -> str:
    """How a style hides text, in words; empty where it does not.

    Args:
        style: Declarations of one element.
        on_paper: Whether the text stands on the page's own white ground.
    """
    color = style.get("color") or style.get("--ltx-fg-color") or ""
    checks = (
        (style.get("display") == "none", "display: none"),
        (style.get("visibility") in {"hidden", "collapse"}, "visibility: hidden"),
        (_number(style.get("opacity"), 1.0) <= _FAINT, "transparent text"),
        (_tiny(style.get("font-size")), "a font too small to read"),
        (_transparent(color), "transparent text"),
        (on_paper and _white(color), "white text"),
        (_off_page(style), "text off the page"),
        (_clipped(style), "text clipped away"),
    )
    return next((words for hidden, words in checks if hidden), "")


def has_ground(style: Declarations) -> bool:
    """Whether an element brings a ground of its own on which white text can be read."""
    ground = next(
        (
            style[name]
            for name in ("background-color", "background", "--ltx-bg-color")
            if style.get(name)
        ),
        "",
    )
    return bool(ground) and not _white(ground) and not _transparent(ground) and ground != "none"


def _points(text: str | None) -> float | None:
    match = _LENGTH.match((text or "").strip())
    if not match or match[2] not in {*_POINTS, "em", "rem", "ex", "%", "vw", "vh"}:
        return None
    if match[2] in {"em", "rem", "ex"}:
        return float(match[1]) * 10
    if match[2] in {"vw", "vh", "%"}:
        return float(match[1]) * 6 if match[2] != "%" else float(match[1]) / 10
    return float(match[1]) * _POINTS[match[2]]


def _number(text: str | None, default: float) -> float:
    try:
        return float((text or "").rstrip("%")) / (100 if (text or "").endswith("%") else 1)
    except ValueError:
        return default


def _tiny(text: str | None) -> bool:
    points = _points(text)
    return points is not None and points <= _TINY


def _channels(text: str) -> tuple[float, ...]:
    """Red, green, blue and, where stated, alpha (0 to 1); empty for what is no such colour."""
    text = text.strip()
    if text in _NAMES:
        return tuple(float(part) for part in _NAMES[text])
    if re.fullmatch(r"#[0-9a-f]{3,8}", text):
        digits = text[1:]
        if len(digits) in {3, 4}:
            digits = "".join(digit * 2 for digit in digits)
        values = [int(digits[at : at + 2], 16) for at in range(0, len(digits) - 1, 2)]
        alpha = (values[3] / 255,) if len(values) == 4 else ()  # noqa: PLR2004 - RGBA
        return (*map(float, values[:3]), *alpha)
    match = _RGB.fullmatch(text)
    if not match:
        return ()
    parts = [part for part in re.split(r"[\s,/]+", match[1].strip()) if part]
    try:
        values_f = [
            float(part.rstrip("%")) * (2.55 if part.endswith("%") and at < 3 else 1)  # noqa: PLR2004
            for at, part in enumerate(parts)
        ]
    except ValueError:
        return ()
    return tuple(values_f)


def _white(text: str) -> bool:
    channels = _channels(text)
    return len(channels) >= 3 and min(channels[:3]) >= _WHITE  # noqa: PLR2004 - red, green, blue


def _transparent(text: str) -> bool:
    channels = _channels(text)
    faint = len(channels) == 4 and channels[3] <= _FAINT  # noqa: PLR2004 - RGBA
    return text == "transparent" or faint


def _off_page(style: Declarations) -> bool:
    names = ["text-indent", "margin-left"]
    if style.get("position") in {"absolute", "fixed", "relative"}:
        names += ["left", "top", "right", "bottom"]
    return any((_points(style.get(name)) or 0.0) <= _FAR for name in names)


def _clipped(style: Declarations) -> bool:
    if "overflow" in style and style["overflow"] in {"hidden", "clip"}:
        sizes = [_points(style.get(name)) for name in ("width", "height", "max-height")]
        if any(size is not None and size <= _TINY for size in sizes):
            return True
    clip = style.get("clip-path", "") + style.get("clip", "")
    return bool(re.search(r"inset\((?:50|100)%|rect\(0", clip)) or "scale(0)" in style.get(
        "transform", ""
    )
