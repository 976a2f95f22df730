"""What a record's page shows by name: its hooks, compared with the record as the page's panel does.

A page marks with ``data-shown`` where it shows the title, the headline, the state, the Gate 2
verdict with every attempt and its numbers, the level, the review's score and verdict with those of
every role and round, and each claim's text, tick, value and other test.  Markup, order and words
around them are the theme's.
"""

from __future__ import annotations

import html
import re
from functools import partial
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from msgspec import UnsetType

from sovereign_registry.contracts.documents import words
from sovereign_registry.contracts.review import ProbeOutcome, Role
from sovereign_registry.contracts.rules import levels_v1, tiers_v1, tribunal_v2
from sovereign_registry.contracts.rules.states_v1 import tier_of
from sovereign_registry.verifier.headline import headline
from sovereign_registry.verifier.markup import state_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sovereign_registry.contracts.claims import Claim, LexicalCheck
    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.review import Opinion, Review

    Due = tuple[str, Callable[[str], bool]]
    """The name of a hook, and whether a text is right there."""

HOOK = "data-shown"
MAY_LACK = (" exact", "tier")
"""How the names of the hooks end that a page may leave out: not every record has a tier."""
LONGEST = 80
"""Characters of a wrong text that are repeated in a message."""
_TICK = r"{mark} (?:marked )?{word}(?: \(.*\))?"
_OTHER = r"{short}|{mark} {word}\b.*"
_NOT_ELEMENTS = frozenset(
    {"template", "noscript", "textarea", "title", "xmp", "iframe", "noembed", "noframes"}
)
"""What stands in these is text, or not in the page, for a browser that runs scripts."""
_SCRIPTS = frozenset({"script", "style"})
_TEXTS = _SCRIPTS | {"title"}
_OTHERS = _NOT_ELEMENTS - {"template", "noscript", "title"} | {"plaintext"}
"""What stands in these is tags for one parser and text for another."""
_SPACE = r"[ \t\n\r\f]"
_NAME = r"[a-zA-Z][a-zA-Z0-9:_-]*"
_PLAIN = re.compile(
    rf'(/?[a-zA-Z][a-zA-Z0-9-]*)((?:{_SPACE}+{_NAME}(?:="[^"<>]*")?)*){_SPACE}*(/?)>'
    rf"|!--(?!-?>)(?:[^-]|-(?!-))*-->|!(?i:doctype){_SPACE}html>"
)
_ATTRIBUTE = re.compile(rf'{_SPACE}({_NAME})(?:="([^"]*)")?')


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
    text = page.decode("utf-8", "replace")
    plain = read_plain(text)
    return read_any(text) if plain is None else plain


def read_any(page: str) -> list[tuple[str, str]]:
    """As ``read_hooks``, of any page, however it is written."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found


def read_plain(page: str) -> list[tuple[str, str]] | None:
    """As ``read_any``, in a fraction of the time, for plain pages; None for all others.

    Plain is: each ``<`` starts a tag with attributes that are bare or in double quotes, a comment
    or the doctype, and none stands in a script, a style or a title.  In such a page no two parsers
    see two things.
    """
    if page.count(HOOK) != page.lower().count(HOOK):
        return None
    reader, within = _Reader(), ""
    for part in page.split("<")[1:]:
        found = _PLAIN.match(part)
        if found is None:
            return None
        tag = (found[1] or "").lower()
        if (within and tag != f"/{within}") or tag in _OTHERS:
            return None
        if found[3] and tag in _TEXTS:
            return None
        within = tag if tag in _TEXTS else ""
        if not (reader.open or HOOK in part or tag.lstrip("/") in _NOT_ELEMENTS):
            continue
        if tag[:1] == "/":
            reader.handle_endtag(tag[1:])
        elif tag:
            named = _ATTRIBUTE.findall(found[2])
            reader.handle_starttag(tag, [(name.lower(), html.unescape(one)) for name, one in named])
        text = part[found.end() :]
        reader.handle_data(text if within in _SCRIPTS else html.unescape(text))
    reader.close()
    return None if within else reader.found


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


def _due_of_standing(record: Manifest) -> Iterator[Due]:
    """What the head of the page and its facts say."""
    level = record.assessment.level.paper_level
    passed = sum(claim.verification.passed for claim in record.claims)
    yield "headline", partial(_is, headline(record))
    yield "gate", partial(_is, words.GATE_LABELS[record.gate.status])
    yield "level", partial(_is, f"L{level}, {levels_v1.LADDER[level].label}")
    yield "tier", partial(_is, tiers_v1.tier_rule(tier_of(record)).label)
    ticks = rf"(?:declared: )?{passed} of {len(record.claims)} claims"
    yield "ticks", partial(_fits, ticks)


def _due_of_review(review: Review) -> Iterator[Due]:
    """The score and who gave it, the roles round by round, and how models were tried."""
    by = ", by language models" if tribunal_v2.by_models(review) else ""
    yield "score", partial(_is, "No score" if review.score is None else f"{review.score} of 10{by}")
    yield "verdict", partial(_is, review.verdict.value)
    for number, one in enumerate(review.rounds):
        given = {opinion.role: opinion.score for opinion in one.opinions}
        for role in Role:
            yield f"round-{number} {role}", partial(_is, given.get(role, "no valid opinion"))
        yield f"round-{number} mean", partial(_is, one.score or "none")
        yield f"round-{number} verdict", partial(_is, one.verdict.value)
    control = () if isinstance(review.control, UnsetType) else review.control
    for number, one in enumerate(control):
        yield f"round-{number} control", partial(_is, one.score or "none")
    for one in control[-1:]:
        said = f"{one.score or 'none'} of 10, {one.verdict.value}: {_scores(one.opinions)}"
        yield "control", partial(_is, flat(said))
    yield from _due_of_trials(review)


def _scores(opinions: Iterable[Opinion]) -> str:
    return ", ".join(f"{one.role} {one.score}" for one in opinions)


def _due_of_trials(review: Review) -> Iterator[Due]:
    """The roles asked again, and what they did with a planted instruction."""
    if not isinstance(review.retest, UnsetType):
        first = {one.role: one.score for one in review.rounds[-1].opinions}
        again = (
            f"{one.role} {first.get(one.role, 'none')} → {one.score}"
            for one in review.retest.opinions
        )
        yield "retest", partial(_is, ", ".join(again) or "no valid opinion")
    if not isinstance(review.probe, UnsetType):
        obeyed = any(one.outcome is not ProbeOutcome.RESISTED for one in review.probe)
        told = ", ".join(f"{one.role} {one.outcome}" for one in review.probe)
        yield "probe", partial(_is, told if obeyed else "resisted by all roles")


def _due_of_gate(verdicts: Sequence[ClaimVerdict]) -> Iterator[Due]:
    """What every attempt at Gate 2 came to, and its numbers."""
    for verdict in verdicts:
        entry = f"entry-{verdict.entry}"
        yield f"{entry} status", partial(_is, words.GATE_LABELS[verdict.status])
        for one in verdict.metrics:
            name = f"{entry} {one.name.replace('_', ' ')}"
            yield f"{name} expected", partial(_is, one.expected)
            yield f"{name} observed", partial(_is, one.observed or "none")
            yield f"{name} control", partial(_is, one.control or "none")


def _due(record: Manifest) -> Iterator[Due]:
    """(name, whether a text is right) of every hook that a page may have."""
    yield "title", partial(_is, flat(record.work.title))
    yield "state", partial(_fits, re.escape(state_word(record.standing.record_state)))
    yield from _due_of_standing(record)
    yield from _due_of_review(record.review)
    yield from _due_of_gate(record.gate.verdicts)
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
