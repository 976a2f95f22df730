"""Follows the drawing state of a PDF page, to tell text that is seen from text that is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot
from typing import Any

from pypdf.generic import ArrayObject, TextStringObject

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_SHOWS = {b"Tj", b"TJ", b"'", b'"'}
_INVISIBLE = frozenset({3, 7})
"""Text rendering modes that paint nothing (ISO 32000-1, table 106)."""
_WHITE = 0.98
_FAINT = 0.05
_TINY = 1.5
"""Points; smaller type is not read by anybody."""
_MARGIN = 20.0
"""Points by which a text may begin off the page."""
_GRAYS = {"/DeviceGray": 1, "/G": 1, "/CalGray": 1}
_SPACES = {**_GRAYS, "/DeviceRGB": 3, "/RGB": 3, "/CalRGB": 3, "/DeviceCMYK": 4, "/CMYK": 4}
_SEPARATION = -1


@dataclass(frozen=True)
class _State:
    """The part of the graphics state that decides whether text is seen."""

    ctm: Matrix = _IDENTITY
    mode: int = 0
    size: float = 12.0
    space: int = 1
    white: bool = False
    alpha: float = 1.0


def multiply(one: Matrix, other: Matrix) -> Matrix:
    """The matrix that applies ``one`` first."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (
        a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j,
        e * g + f * i + k, e * h + f * j + m,
    )  # fmt: skip


class Watcher:
    """Sees every operation of a page before and after it is carried out.

    Args:
        page: The page, whose resources and box are looked up.
        keep: ``all``, or only ``seen`` or ``unseen`` text; the rest is blanked where it is shown.
    """

    def __init__(self, page: Any, keep: str) -> None:  # noqa: ANN401 - pypdf's PageObject
        self.reasons: dict[str, int] = {}
        self._keep = keep
        self._state = _State()
        self._stack: list[_State] = []
        self._forms: list[tuple[_State, list[_State]]] = []
        self._resources = page.get("/Resources")
        box = page.mediabox
        self._box = tuple(float(side) for side in (box.left, box.bottom, box.right, box.top))

    def before(self, operator: bytes, operands: list[Any], _cm: Any, tm: Any) -> None:  # noqa: ANN401 - pypdf's own
        """Called before an operation."""
        if operator in _SHOWS:
            reason = self._unseen(tuple(tm))
            if reason:
                self.reasons[reason] = self.reasons.get(reason, 0) + 1
            if (reason and self._keep == "seen") or (not reason and self._keep == "unseen"):
                _blank(operator, operands)
            return
        if operator == b"Do":
            self._forms.append((self._state, self._stack))
            self._stack = []
            return
        try:
            self._follow(operator, operands)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError):
            return  # a malformed operand changes nothing, as in a viewer

    def after(self, operator: bytes, _operands: list[Any], _cm: Any, _tm: Any) -> None:  # noqa: ANN401 - pypdf's own
        """Called after an operation."""
        if operator == b"Do" and self._forms:
            self._state, self._stack = self._forms.pop()

    def _follow(self, operator: bytes, operands: list[Any]) -> None:
        state = self._state
        if operator == b"q":
            self._stack.append(state)
        elif operator == b"Q":
            self._state = self._stack.pop() if self._stack else state
        elif operator == b"cm":
            a, b, c, d, e, f = (float(value) for value in operands[:6])
            self._state = replace(state, ctm=multiply((a, b, c, d, e, f), state.ctm))
        elif operator == b"Tr":
            self._state = replace(state, mode=int(operands[0]))
        elif operator == b"Tf":
            self._state = replace(state, size=float(operands[1]))
        elif operator == b"gs":
            self._state = replace(state, alpha=self._alpha(str(operands[0]), state.alpha))
        elif operator == b"cs":
            self._state = replace(state, space=self._space(str(operands[0])), white=False)
        elif operator in {b"sc", b"scn"}:
            self._state = replace(state, white=_white(operands, state.space))
        elif operator in {b"g", b"rg", b"k"}:
            space = {b"g": 1, b"rg": 3, b"k": 4}[operator]
            self._state = replace(state, space=space, white=_white(operands, space))

    def _unseen(self, tm: Matrix) -> str:
        state = self._state
        place = multiply(tm, state.ctm)
        height = abs(state.size) * hypot(place[2], place[3])
        left, bottom, right, top = self._box
        x, y = place[4], place[5]
        if state.mode in _INVISIBLE:
            return "text drawn invisibly"
        if state.white:
            return "white text"
        if state.alpha <= _FAINT:
            return "transparent text"
        if height < _TINY:
            return "a font too small to read"
        outside = not (left - _MARGIN <= x <= right + _MARGIN)
        if outside or not (bottom - _MARGIN <= y <= top + _MARGIN):
            return "text off the page"
        return ""

    def _resource(self, kind: str, name: str) -> Any:  # noqa: ANN401 - any object of a PDF
        held = self._resources.get_object().get(kind) if self._resources is not None else None
        found = held.get_object().get(name) if held is not None else None
        return found.get_object() if found is not None else None

    def _alpha(self, name: str, now: float) -> float:
        found = self._resource("/ExtGState", name)
        return float(found.get("/ca", now)) if found is not None else now

    def _space(self, name: str) -> int:
        """How many components a colour space has; 0 for one that is not understood."""
        if name in _SPACES:
            return _SPACES[name]
        found = self._resource("/ColorSpace", name)
        if isinstance(found, str):
            return _SPACES.get(str(found), 0)
        if not isinstance(found, ArrayObject) or not found:
            return 0
        kind = str(found[0])
        if kind == "/ICCBased":
            return int(found[1].get_object()["/N"])
        return _SEPARATION if kind in {"/Separation", "/DeviceN"} else _SPACES.get(kind, 0)


def _white(operands: list[Any], space: int) -> bool:
    values = [float(value) for value in operands if isinstance(value, (int, float))]
    if not values or not space:
        return False
    if space in {4, _SEPARATION}:
        return max(values) <= 1 - _WHITE
    return len(values) == space and min(values) >= _WHITE


def _blank(operator: bytes, operands: list[Any]) -> None:
    if operator == b"TJ":
        operands[:] = [ArrayObject()]
    elif operands:
        operands[-1] = TextStringObject("")
