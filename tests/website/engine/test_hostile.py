"""Text from outside is shown, never run; pages of the real theme included."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import PurePath
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import jinja2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from sovereign_registry.website.rendering import JINJA_OPTIONS, make_environment, piece
from sovereign_registry.website.theme import bundled
from tests.website.engine.world import World, manifest, tree

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "<script>alert('x')</script> \" onload=alert(1) ' &lt; ]]> --> {{ 7 * 7 }} مرحبا"


OWN = re.compile(r"(?:[./]*/)?static/[\w/-]+(?:\.[0-9a-f]{12})?\.js")


class Elements(HTMLParser):
    """Collects what would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note scripts, handlers and script addresses."""
        # A data block is no script: no browser runs it.  The theme's own scripts are files.
        given = dict(attrs)
        block = given.get("type") in {"application/ld+json", "application/json"}
        block |= OWN.fullmatch(given.get("src") or "") is not None
        if tag in {"iframe", "object", "embed"} or (tag == "script" and not block):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}")


@pytest.fixture
def evil(tmp_path: Path) -> World:
    """A registry whose one record is hostile in every free text."""
    world = World(tmp_path / "registry", 1)
    record = manifest(1)
    claims = tuple(msgspec.structs.replace(claim, text=EVIL) for claim in record.claims)
    work = msgspec.structs.replace(record.work, title=EVIL, abstract=EVIL, kernel=EVIL)
    question = msgspec.structs.replace(record.question, text=EVIL)
    sources = tuple(
        msgspec.structs.replace(source, title=EVIL, authors=(EVIL,), licence=EVIL)
        for source in record.sources
    )
    world.add(
        msgspec.structs.replace(
            record,
            claims=claims,
            work=work,
            question=question,
            sources=sources,
            uncertainties=(EVIL,),
            limitations=(EVIL,),
        )
    )
    return world


@pytest.mark.parametrize("real", [False, True], ids=["small theme", "bundled theme"])
def test_nothing_runs(evil: World, real: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """No page holds an element or attribute that the hostile text wrote."""
    bundle = {"theme": bundled("theme"), "views": "sovereign_registry.website.views"}
    evil.build(site_url="https://example.org", **(bundle if real else {}))
    files = tree(evil.output)
    pages = {name: data.decode() for name, data in files.items() if name.endswith(".html")}
    shown = 0
    for name, text in pages.items():
        parser = Elements()
        parser.feed(text)
        assert parser.found == [], name
        assert "49" not in text.partition("<h1")[2][:400]
        shown += "alert(&#39;x&#39;)" in text
    assert shown >= 2


def test_feeds_stay_well_formed(evil: World) -> None:
    """Feed and sitemap parse, and hold the title as text."""
    evil.build(site_url="https://example.org/a&b")
    feed = ET.fromstring((evil.output / "feed.atom").read_bytes())  # noqa: S314 - our own
    titles = [node.text for node in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert EVIL in titles
    ET.fromstring((evil.output / "sitemap.xml").read_bytes())  # noqa: S314 - our own
    index = json.loads((evil.output / "records.json").read_bytes())
    assert EVIL in [row["title"] for row in index["records"]]


def test_feed_ids_do_not_know_the_domain(evil: World) -> None:
    """A site that moves keeps the ids of its feed."""
    ids = []
    for address in ("https://a.example", "https://b.example/x"):
        evil.build(site_url=address)
        feed = ET.fromstring((evil.output / "feed.atom").read_bytes())  # noqa: S314 - our own
        ids.append([node.text for node in feed.iter("{http://www.w3.org/2005/Atom}id")])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0])


@given(st.text())
def test_piece_escapes_as_markupsafe_does(text: str) -> None:
    """The fast escape of printed values is markupsafe's."""
    assert piece(text) == str(escape(text))
    assert piece(Markup(text)) == text  # noqa: S704 - text that calls itself safe
    assert piece(7) == "7"


def test_templates_print_through_piece(tmp_path: Path) -> None:
    """Whatever prints a value escapes it: plainly, in a macro, in a set block, by a filter."""
    (tmp_path / "a.html").write_text(
        "{% macro m(x) %}[{{ x }}]{% endmacro %}{% set b %}{{ v }}{% endset %}"
        "{{ v }}|{{ m(v) }}|{{ b }}|{{ [v]|join('<') }}|{{ v ~ '&' }}|{{ v|safe }}",
        encoding="utf-8",
    )
    text = make_environment([str(tmp_path)]).get_template("a.html").render(v="<i>")
    assert text == "&lt;i&gt;|[&lt;i&gt;]|&lt;i&gt;|&lt;i&gt;|&lt;i&gt;&amp;|<i>"


def test_fields_that_may_be_missing(tmp_path: Path) -> None:
    """A missing field is an error, unless the template asks whether it is there."""
    environment = make_environment([str(tmp_path)])
    texts = {
        "asked.html": "{{ v.gone is defined }} {{ v.gone|default('none') }} {{ v.name }}",
        "direct.html": "{{ v.gone }}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    value = PurePath("a<b")
    assert environment.get_template("asked.html").render(v=value) == "False none a&lt;b"
    with pytest.raises(AttributeError, match="gone"):
        environment.get_template("direct.html").render(v=value)


def test_short_ways_print_what_jinja_prints(tmp_path: Path) -> None:
    """Includes, blocks, parents, loops and macros give Jinja's own text, errors their line."""
    texts = {
        "base.html": "a{% block one %}b{% endblock %}{% block two %}c{% endblock %}d",
        "part.html": "({% for x in v %}{{ loop.index }}{{ x }}\n{% endfor %})",
        "page.html": '{% extends "base.html" %}{% block one %}{{ super() }}'
        '{% include "part.html" %}yield from me{% endblock %}'
        "{% block two %}{% macro m(x) %}<{{ x }}>{{ caller() }}{% endmacro %}"
        '{% call m("&") %}{% include "part.html" %}{% endcall %}{% endblock %}',
        "bad.html": "1\n2\n{% include 'part.html' %}\n{{ v.gone }}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    ours = make_environment([str(tmp_path)])
    loader = jinja2.FileSystemLoader(tmp_path)
    plain = jinja2.Environment(loader=loader, **JINJA_OPTIONS)  # noqa: S701 - it is on, in there
    values = ["<", "yield from x", "\n    yield event"]
    page = ours.get_template("page.html").render(v=values)
    assert page == plain.get_template("page.html").render(v=values)
    with pytest.raises(AttributeError) as caught:
        ours.get_template("bad.html").render(v=values)
    lines = [entry.lineno + 1 for entry in caught.traceback if str(entry.path).endswith("bad.html")]
    assert lines[-1] == 4
