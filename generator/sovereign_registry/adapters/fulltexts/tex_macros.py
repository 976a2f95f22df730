"""Expands the simple macros that a paper defines itself, within limits and running nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.parsed import Unreadable
from sovereign_registry.adapters.fulltexts.tex_tokens import group, option, skip_space

_DEFINES = re.compile(
    r"\\(?:(?:new|renew|provide)command\*?|DeclareRobustCommand\*?|DeclareMathOperator\*?"
    r"|[gex]?def)(?![a-zA-Z])"
)
_NAME = re.compile(r"\s*\{?\s*\\([a-zA-Z]+)\s*\}?")
_PARAMETERS = re.compile(r"((?:#\d)*)(?=\s*\{)")
_CALL = re.compile(r"\\([a-zA-Z]+)")
_PARAMETER = re.compile(r"#(\d)")
_PASSES = 6
_MOST_ARGUMENTS = 9
_LONGEST_BODY = 2_000
_KEPT = frozenset(
    {
        "appendix", "begin", "caption", "chapter", "cite", "citep", "citet", "color", "emph", "end",
        "footnote", "include", "input", "item", "label", "paragraph", "part", "ref", "section",
        "subsection", "subsubsection", "textbf", "textcolor", "textit",
    }
)  # fmt: skip
"""What means the same in every paper; a paper's own wording of these is not followed."""


@dataclass(frozen=True)
class Macro:
    """One macro: its body with ``#1`` ..., how many arguments, and the default of the first."""

    body: str
    arguments: int = 0
    default: str | None = None


def take_macros(text: str) -> tuple[str, dict[str, Macro]]:
    """The text without its definitions, and the macros; the last definition of a name stands."""
    macros: dict[str, Macro] = {}
    kept: list[str] = []
    at = 0
    while (match := _DEFINES.search(text, at)) is not None:
        kept.append(text[at : match.start()])
        at = match.end()
        name = _NAME.match(text, at)
        if name is None:
            continue
        parsed = _definition(text, name.end(), match[0])
        if parsed is None:
            continue
        macro, at = parsed
        if name[1] not in _KEPT and len(macros) < limits.MACROS:
            macros[name[1]] = macro
    kept.append(text[at:])
    return "".join(kept), macros


def _definition(text: str, at: int, command: str) -> tuple[Macro, int] | None:
    number, default = 0, None
    if command.endswith("def"):
        parameters = _PARAMETERS.match(text, at)
        if parameters is None:
            return None  # delimited parameters: not a simple case
        number, at = parameters[0].count("#"), parameters.end()
    else:
        counted = option(text, at)
        if counted and counted[0].strip().isdigit():
            number, at = int(counted[0].strip()[:2]), counted[1]
            given = option(text, at)
            if given:
                default, at = given
    body = group(text, at)
    if body is None or number > _MOST_ARGUMENTS or len(body[0]) > _LONGEST_BODY:
        return None if body is None else (Macro(body=""), body[1])
    words = body[0]
    if "DeclareMathOperator" in command:
        words = f"\\operatorname{{{words}}}"
    return Macro(body=words, arguments=number, default=default), body[1]


def expand(text: str, macros: dict[str, Macro]) -> str:
    """The text with the macros replaced, at most six levels deep.

    Raises:
        Unreadable: the text grows beyond the limits.
    """
    left = limits.EXPANSIONS
    for _ in range(_PASSES):
        text, used = _pass(text, macros, left)
        left -= used
        if not used:
            break
    return text


def _pass(text: str, macros: dict[str, Macro], left: int) -> tuple[str, int]:
    kept: list[str] = []
    at = used = size = 0
    while (match := _CALL.search(text, at)) is not None:
        macro = macros.get(match[1])
        end, piece = match.end(), match[0]
        if macro is not None:
            called = _call(text, match.end(), macro)
            if called is not None:
                piece, end = called
                used += 1
        kept += [text[at : match.start()], piece]
        size += match.start() - at + len(piece)
        at = end
        if used > left or size > limits.SOURCE_CHARACTERS:
            raise Unreadable("its own macros expand beyond the limit")
    kept.append(text[at:])
    return "".join(kept), used


def _call(text: str, at: int, macro: Macro) -> tuple[str, int] | None:
    values: list[str] = []
    if macro.default is not None:
        given = option(text, at)
        values.append(given[0] if given else macro.default)
        at = given[1] if given else at
    while len(values) < macro.arguments:
        taken = group(text, at) or _single(text, at)
        if taken is None:
            return None
        values.append(taken[0])
        at = taken[1]
    if not macro.arguments:
        at = _after_name(text, at)
    body = _PARAMETER.sub(
        lambda match: values[int(match[1]) - 1] if 0 < int(match[1]) <= len(values) else "",
        macro.body,
    )
    return body, at


def _after_name(text: str, at: int) -> int:
    """Blanks behind a macro's name vanish, as in TeX; an empty group keeps them."""
    if text.startswith("{}", at):
        return at + 2
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _single(text: str, at: int) -> tuple[str, int] | None:
    at = skip_space(text, at)
    if at >= len(text) or text[at] in "{}&$#%":
        return None
    match = _CALL.match(text, at)
    return (match[0], match.end()) if match else (text[at], at + 1)
