"""What a record's page shows by name: its hooks, compared with the record as the page's panel does.

A page marks with ``data-shown`` where it shows the title, the state, and each claim's text, tick,
value and other test.  Markup, order and words around them are the theme's.
"""

from __future__ import annotations

import re
from functools import partial
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from sovereign_registry.verifier.markup import state_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sovereign_registry.contracts.claims import Claim, LexicalCheck
    from sovereign_registry.contracts.manifest import Manifest

HOOK = "data-shown"
MAY_LACK = " exact"
"""How the names of the hooks end that a page may leave out."""
LONGEST = 80
"""Characters of a wrong text that are repeated in a message."""
_TICK = r"{mark} (?:marked )?{word}(?: \(.*\))?"
_OTHER = r"{short}|{mark} {word}\b.*"
_NOT_ELEMENTS = frozenset(
    {"template", "noscript", "textarea", "title", "xmp", "iframe", "noembed", "noframes"}
)
"""What stands in these is text, or not in the page, for a browser that runs scripts."""


def flat(text: str) -> str:
    """A text with one space for any white space, and none around it."""
    return " ".join(text.split())


class _Open:
    """A hook whose element is not closed yet."""

    def __init__(self, tag: str, name: str) -> None:
        self.tag = tag
        self.name = name
        self.depth = 1
        self.text: list[str] = []


class _Reader(HTMLParser):
    """Collects (name, text) of every hook."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self.open: list[_Open] = []
        self.outside: list[str] = []
        """Open elements whose content is none of the page's."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_ELEMENTS:
            self.outside.append(tag)
        for one in self.open:
            one.depth += one.tag == tag
        named = dict(reversed(attrs))  # of two attributes of a name, browsers take the first
        if HOOK in named and "hidden" not in named and not self.outside:
            self.open.append(_Open(tag, named[HOOK] or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # for a browser, the slash closes nothing

    def handle_endtag(self, tag: str) -> None:
        if tag in self.outside:
            self.outside.remove(tag)
        for one in [one for one in self.open if one.tag == tag]:
            one.depth -= 1
            if not one.depth:
                self.open.remove(one)
                self.found.append((one.name, flat("".join(one.text))))

    def handle_data(self, data: str) -> None:
        for one in self.open:
            one.text.append(data)

    def close(self) -> None:
        super().close()
        self.found += [(one.name, flat("".join(one.text))) for one in self.open]
        self.open = []


def read_hooks(page: bytes) -> list[tuple[str, str]]:
    """(name, text) of all hooks of a page that a reader can see, with single spaces."""
    reader = _Reader()
    reader.feed(page.decode("utf-8", "replace"))
    reader.close()
    return reader.found


def _is(due: str, text: str) -> bool:
    return text == due


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.IGNORECASE) is not None


def _tick(check: LexicalCheck) -> str:
    mark, word = ("✓", "verified") if check.passed else ("✗", "not verified")
    return _TICK.format(mark=mark, word=word)


def _other(check: LexicalCheck | None) -> str:
    if check is None:
        return "not tested"
    yes = ("yes", "✓", "corroborated") if check.passed else ("no", "✗", "not corroborated")
    return _OTHER.format(short=yes[0], mark=yes[1], word=yes[2])


def _exact(claim: Claim) -> str:
    """All decimals of both tests, or the figure as an imported document states it."""
    tests = [one for one in (claim.verification, claim.corroboration) if one is not None]
    said = (one.value or f"{one.display} (as stated)" for one in tests)
    return ", ".join(dict.fromkeys(said))


def _due(record: Manifest) -> Iterator[tuple[str, Callable[[str], bool]]]:
    """(name, whether a text is right) of every hook that a page may have."""
    yield "title", partial(_is, flat(record.work.title))
    yield "state", partial(_fits, re.escape(state_word(record.standing.record_state)))
    for claim in record.claims:
        yield f"{claim.id} text", partial(_is, flat(claim.text))
        yield f"{claim.id} tick", partial(_fits, _tick(claim.verification))
        yield f"{claim.id} value", partial(_is, flat(claim.verification.display))
        yield f"{claim.id} other", partial(_fits, _other(claim.corroboration))
        yield f"{claim.id} exact", partial(_is, _exact(claim))


def hook_faults(page: bytes, record: Manifest) -> Iterator[str]:
    """What the hooks of a record's page say falsely or leave out; nothing where all is right.

    Args:
        page: The page, as published.
        record: The record as its manifest and history give it.
    """
    due, shown = dict(_due(record)), read_hooks(page)
    for name, text in shown:
        right = due.get(name)
        if right is None or not right(text):
            said = f"{text[:LONGEST]}…" if len(text) > LONGEST else text
            yield f"shows “{said}” as {name or 'nothing named'!r}, which the record does not"
    seen = {name for name, _ in shown}
    for name in due:
        if name not in seen and not name.endswith(MAY_LACK):
            yield f"does not mark what it shows as {name!r} ({HOOK})"
