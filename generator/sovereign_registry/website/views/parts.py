"""The small typed parts that pages are made of; templates read their attributes and nothing else.

``tone`` is one of ``pass``, ``fail``, ``care`` or empty and only ever colours words that say the
same thing.  A ``path`` is a path within the site for the templates' ``url``; a ``href`` is a whole
address that was checked to be http or https.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Part(msgspec.Struct, frozen=True, gc=False):
    """Base of all parts."""


class Link(Part, frozen=True):
    """A link: to a path of the site, to a place on this page (empty path), or to an address."""

    text: str
    path: str = ""
    fragment: str = ""
    href: str = ""


class Step(Part, frozen=True):
    """One word of a scale."""

    label: str
    current: bool


class Scale(Part, frozen=True):
    """A value within its whole scale."""

    lasting: ClassVar[bool] = True
    """All records share a few of these, so that their text may be kept."""
    steps: tuple[Step, ...]
    note: str = ""
    """What the order of the steps means, where the words do not say it."""
    shown: str = ""
    """Under which key the check in the page compares the current step; else empty."""
    before: str = ""
    """A value that led to the current step, such as a score; it stands before the scale."""


class Fact(Part, frozen=True):
    """One label with its value and what a reader must know to read it."""

    label: str
    value: str
    note: str = ""
    scale: Scale | None = None
    link: Link | None = None
    code: bool = False
    tone: str = ""
    foreign: bool = False
    """True where the value is text from outside: it brings its own direction."""
    shown: str = ""
    """Name under which the checks of the page find the value; empty where none looks."""


class Group(Part, frozen=True):
    """Facts of one kind within a section."""

    title: str
    facts: tuple[Fact, ...]


class Panel(Part, frozen=True):
    """One section of facts, with its scope in words."""

    id: str
    title: str
    scope: tuple[str, ...]
    facts: tuple[Fact, ...]
    declared: bool
    links: tuple[Link, ...] = ()
    short: str = ""
    """The title in a word or two, for the list of what is on the page; empty where the facts above
    lead there."""
    groups: tuple[Group, ...] = ()
    """The same facts by kind, where a section is divided; ``facts`` is empty then."""


class Notice(Part, frozen=True):
    """Something to know before reading on."""

    tone: str
    title: str
    text: str
    links: tuple[Link, ...] = ()


class Status(Part, frozen=True):
    """The status in plain words: outcome first, then what was checked and why it came out so."""

    headline: str
    sentences: tuple[str, ...]
    links: tuple[Link, ...]


class Bar(Part, frozen=True):
    """A number on its scale as SVG lengths in percent, with the marks on that scale."""

    length: str
    limits: tuple[str, ...] = ()


class Tick(Part, frozen=True):
    """A word on the axis of a plot; ``anchor`` is the SVG word for its alignment."""

    x: str
    text: str
    anchor: str


class Dot(Part, frozen=True):
    """One claim in a plot; places are percentages of the axis, ``y`` is in pixels."""

    y: int
    x: str
    other: str
    """Where the best passage of a different source lies; empty where that is not drawn."""
    tone: str
    name: str


class Plot(Part, frozen=True):
    """The claims of a record on one axis, with the threshold."""

    label: str
    """All that it shows, in words."""
    height: int
    ticks: tuple[Tick, ...]
    limit: str
    limit_name: str
    named: bool
    dots: tuple[Dot, ...]


class Range(Part, frozen=True):
    """Scores on their scale: a line, the dots before the last one, the last one."""

    limits: tuple[str, ...]
    start: str
    length: str
    before: tuple[str, ...]
    last: str


class ChangePart(Part, frozen=True):
    """One field that an entry changed."""

    field: str
    words: str
    old: str
    new: str


class EntryPart(Part, frozen=True):
    """One history entry."""

    sequence: int
    title: str
    at: str
    by: str
    note: str
    counts: str
    changes: tuple[ChangePart, ...]
    named: tuple[Link, ...]
    """Other records that the entry names, each with its state."""
    claims: str
    """Ids of the affected claims, or empty."""
    file: Link


class FilePart(Part, frozen=True):
    """One file of the record; ``path`` is empty where its bytes are not published."""

    name: str
    path: str
    about: str
    media_type: str
    size: str
    sha256: str


class Cite(Part, frozen=True):
    """How to cite the record."""

    version: str
    """The record as it stands now: with version and digest."""
    record: str
    """The record whatever becomes of it: without them."""
    bibtex: str
    links: tuple[Link, ...]
    """The same for reference managers."""
