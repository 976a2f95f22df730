"""The notes of the corpus say what their recipes compute, in the form that the reader expects."""

from __future__ import annotations

import importlib
import re
import string
import sys
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from sovereign_registry.adapters.splitter import SentencexSplitter

ROOT = Path(__file__).resolve().parents[2]
NOTES = ROOT / "corpus" / "notes"
RECIPES = ROOT / "corpus" / "recipes"
TEMPLATES = sorted(NOTES.glob("*.tmpl.md"))
SLUGS = [path.name.removesuffix(".tmpl.md") for path in TEMPLATES]
KEYS = ["id", "version", "title", "authors", "date", "categories", "licence", "recipe"]
SECTIONS = ["Abstract", "1 Introduction", "2 Method", "3 Results", "4 Limits"]
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
STRING = r'"[^"\\]+"'
FIELD = re.compile(rf"^([a-z]+): (1|{STRING}|\[(?:{STRING}(?:, {STRING})*)?\])$")


@cache
def note(slug: str) -> str:
    """Return the note that ships."""
    return (NOTES / f"{slug}.md").read_text(encoding="utf-8")


@cache
def template(slug: str) -> str:
    """Return the template of a note."""
    return (NOTES / f"{slug}.tmpl.md").read_text(encoding="utf-8")


@cache
def computed(slug: str) -> dict[str, float | int | str]:
    """Run the recipe of a note, once a session."""
    if str(RECIPES) not in sys.path:
        sys.path.insert(0, str(RECIPES))
    name = fields(note(slug))["recipe"].removeprefix('"recipes/').removesuffix('.py"')
    values: dict[str, float | int | str] = importlib.import_module(name).compute()
    return values


def fields(text: str) -> dict[str, str]:
    """Return the raw front matter values of a note or a template by key."""
    lines = text.split("---\n", 2)[1].splitlines()
    matches = [FIELD.match(line) for line in lines]
    assert None not in matches, lines
    return {match[1]: match[2] for match in matches if match is not None}


def body(text: str) -> str:
    """Return a note without its front matter."""
    return text.split("---\n", 2)[2]


def section(text: str, title: str) -> str:
    """Return the text of one section, its subsections included."""
    return body(text).split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def sentences(slug: str) -> list[str]:
    """Split the prose of a note into sentences."""
    splitter = SentencexSplitter()
    prose = [line for line in body(note(slug)).splitlines() if line and not line.startswith("#")]
    return [line[start:end] for line in prose for start, end in splitter.spans(line)]


def test_there_are_at_least_ten_notes() -> None:
    """The corpus carries ten notes or more, and every note has its template and its recipe."""
    assert len(SLUGS) >= 10
    assert sorted(p.stem for p in NOTES.glob("*.md") if not p.name.endswith(".tmpl.md")) == SLUGS
    named = {fields(note(slug))["recipe"].strip('"').removeprefix("recipes/") for slug in SLUGS}
    assert named == {p.name for p in RECIPES.glob("*.py")} - {"_common.py", "render.py"}


@pytest.mark.parametrize("slug", SLUGS)
def test_note_is_what_its_recipe_computes(slug: str) -> None:
    """A fresh computation renders to the bytes of the note that ships."""
    text = re.sub(r"^given: .*\n", "", template(slug), count=1, flags=re.MULTILINE)
    assert text.format_map(computed(slug)) == note(slug)


@pytest.mark.parametrize("slug", SLUGS)
def test_placeholders_and_results_fit(slug: str) -> None:
    """A template asks only for computed names, and the numbers come formatted."""
    asked = [(n, spec) for _, n, spec, _ in string.Formatter().parse(template(slug)) if n]
    assert {name for name, _ in asked} <= computed(slug).keys()
    bare = {name for name, spec in asked if not spec and isinstance(computed(slug)[name], float)}
    assert bare == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_front_matter_is_strict(slug: str) -> None:
    """A note has the eight keys in their order, with quoted strings and an id from its name."""
    values = fields(note(slug))
    assert list(values) == KEYS
    assert list(fields(template(slug))) == [*KEYS, "given"]
    assert values["id"] == f'"note-{slug}"'
    assert values["version"] == "1"
    assert re.fullmatch(r'"2026-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"', values["date"])
    assert values["licence"] == '"CC BY 4.0"'


@pytest.mark.parametrize("slug", SLUGS)
def test_sections_are_plain_prose(slug: str) -> None:
    """A note has the five sections in order and nothing but headings and paragraphs."""
    text = body(note(slug))
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert all(re.match(r"## |### 3\.\d [A-Z]", line) for line in headings)
    prose = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.match(r"[A-Z].*\.$", line) for line in prose)
    assert not re.search(r"[|*_`$<>{}\\\[\]]", "\n".join(prose))
    assert 500 <= len(" ".join(prose).split()) <= 900


@pytest.mark.parametrize("slug", SLUGS)
def test_no_number_is_typed_by_hand(slug: str) -> None:
    """Every digit in the abstract and the results is computed, or part of a given name."""
    given = re.findall(r'"([^"]+)"', fields(template(slug))["given"])
    for title in ("Abstract", "3 Results"):
        lines = section(template(slug), title).splitlines()
        prose = PLACEHOLDER.sub("", " ".join(x for x in lines if not x.startswith("#")))
        assert all(name in template(slug) for name in given)
        for name in sorted(given, key=len, reverse=True):
            prose = prose.replace(name, "")
        assert re.findall(r"\S*\d\S*", prose) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_sentences_stand_alone(slug: str) -> None:
    """A sentence is of readable length, starts with a capital and does not lean on the last."""
    for sentence in sentences(slug):
        assert re.match(r"[A-Z].*\.$", sentence), sentence
        assert 5 <= len(sentence.split()) <= 45, sentence
        assert not re.match(r"(It|They|These|Those|That|However|Then)\b", sentence), sentence


def test_no_sentence_is_repeated() -> None:
    """Two notes may find the same, but never in the same sentence."""
    counted = Counter(re.sub(r"\W+", " ", s).lower() for slug in SLUGS for s in sentences(slug))
    assert [sentence for sentence, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("path", sorted(NOTES.glob("*.md")), ids=lambda path: path.name)
def test_text_is_harmless(path: Path) -> None:
    """A note holds no control, format, private or unassigned character, and ends in a newline."""
    text = path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert {c for c in text if c != "\n" and unicodedata.category(c).startswith("C")} == set()
    assert text.endswith(".\n")


def test_check_names_the_stale_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`render.py --check` is silent on a fresh note, and exits 1 with the name of a changed one."""
    monkeypatch.syspath_prepend(str(RECIPES))
    render = importlib.import_module("render")
    slug = "tribunal-arithmetic"
    for name in (f"{slug}.tmpl.md", f"{slug}.md"):
        (tmp_path / name).write_bytes((NOTES / name).read_bytes())
    monkeypatch.setattr(render, "NOTES", tmp_path)
    assert render.main(["--check"]) == 0
    stale = note(slug).replace("percent", "per cent", 1)
    (tmp_path / f"{slug}.md").write_text(stale, encoding="utf-8")
    assert render.main(["--check"]) == 1
    assert f"stale: {slug}.md" in capsys.readouterr().err
    assert render.main([]) == 0
    assert (tmp_path / f"{slug}.md").read_text(encoding="utf-8") == note(slug)


def test_recipes_refuse_a_missed_check() -> None:
    """A closed form that a simulation misses, NaN included, stops the recipe."""
    if str(RECIPES) not in sys.path:
        sys.path.insert(0, str(RECIPES))
    common = importlib.import_module("_common")
    common.agree("equal", 1.0, 1.05, 0.1)
    for got in (1.2, float("nan"), float("inf")):
        with pytest.raises(common.RecipeError, match="load: got"):
            common.agree("load", got, 1.0, 0.1)
    with pytest.raises(common.RecipeError, match="order: does not hold"):
        common.require("order", holds=False)
