"""Text as sources deliver it becomes plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.plain import latex_letters, one_line, plain, split_authors
from sovereign_registry.contracts.errors import SourceFailure


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"Bal\'azs", "Balázs"),
        (r"M{\"u}ller, M\"{u}ller", "Müller, Müller"),
        (r"Fran\c{c}ois, \v{S}koda, \v S", "François, Škoda, Š"),
        (r"\'{\i}t, \^\i", "ít, î"),
        (r"{\o}re, \O, \ss, stra\ss e, {\L}\'od\'z", "øre, Ø, ß, straße, Łódź"),
        (r"$\'e = \c c$ and \'e", r"$\'e = \c c$ and é"),
        (r"\cite{a} \url{b} \omega \delta", r"\cite{a} \url{b} \omega \delta"),
        (r"\alpha \beta \ldots \land", r"\alpha \beta \ldots \land"),
    ],
)
def test_latex_letters_become_unicode_and_commands_stay(latex: str, expected: str) -> None:
    """Accents and national letters only; math and commands are left alone."""
    assert latex_letters(latex) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A. Bee, C. Dee and E. Eff", ("A. Bee", "C. Dee", "E. Eff")),
        ("A. Bee, C. Dee, and E. Eff", ("A. Bee", "C. Dee", "E. Eff")),
        ("Andy Anderson", ("Andy Anderson",)),
        ("A. Bee (1), C. Dee (2 and 3) ((1) Here, (2) There)", ("A. Bee", "C. Dee")),
        ("A. Bee, C. Dee, et al.", ("A. Bee", "C. Dee", "et al.")),
        ("A. Bee et al", ("A. Bee", "et al.")),
        ("M. L. King, Jr., A. Bee", ("M. L. King, Jr.", "A. Bee")),
        ("", ()),
    ],
)
def test_author_strings_are_split(text: str, names: tuple[str, ...]) -> None:
    """Commas and "and" part names; affiliations go, et al. stays visible."""
    assert split_authors(text) == names


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x7f", "\u202e", "\u200b", "\ud800"])
def test_hidden_characters_are_refused(character: str) -> None:
    """The error names the place and the character; text of strangers is let through instead."""
    assert one_line(f" a{character}\n b") == f"a{character} b"
    with pytest.raises(SourceFailure, match="file, line 7: found U"):
        plain(f"a{character}b", "file, line 7")


@given(st.text())
def test_plain_text_is_one_clean_line(text: str) -> None:
    """Whatever comes, what is accepted is one trimmed line, and stays what it is."""
    try:
        line = plain(text, "x")
    except SourceFailure:
        return
    assert line == line.strip()
    assert "  " not in line
    assert not any(character in line for character in "\n\r\t\x0b\x0c\x85")
