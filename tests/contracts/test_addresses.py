"""DOIs and addresses that a link and a citation can carry as they are."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.addresses import doi_in, is_web_address


@pytest.mark.parametrize(
    "text",
    [
        "10.1234/abcd",
        "doi:10.1234/abcd",
        "DOI: 10.1234/abcd",
        "https://doi.org/10.1234/abcd",
        "http://dx.doi.org/10.1234/abcd",
        " 10.1234/abcd ",
    ],
)
def test_a_doi_is_found_in_each_of_its_forms(text: str) -> None:
    """Bare, with its scheme, or as an address."""
    assert "10.1234/abcd" == doi_in(text)


@pytest.mark.parametrize(
    "text",
    [None, "", "eleven", "10.12/x", "10.1234/", "https://example.org/10.1234/x"]
    + [f"10.1234/a{character}b" for character in "<>\"{}|\\^`#?%$&' \t\n\u00e9"],
)
def test_what_an_address_cannot_carry_is_no_doi(text: str | None) -> None:
    """Markup, braces, white space, and what would end a path."""
    assert doi_in(text) is None


@given(st.text(max_size=30))
def test_a_doi_stands_in_an_address_and_in_bibtex_unchanged(suffix: str) -> None:
    """Whatever is taken needs no escape."""
    found = doi_in(f"10.1234/{suffix}")
    if found is not None:
        assert found == quote(found, safe="/!()*+,;=:@~")
        assert not set(found) & set("{}\\%$&#<>\"'")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://example.org", True),
        ("http://example.org/a?b=c#d", True),
        ("https://example.org?x=1", True),
        ("HTTPS://example.org/", False),
        ("javascript:alert(1)", False),
        ("//example.org/", False),
        ("https://", False),
        ("https://example.org/a b", False),
        ('https://example.org/"onclick=', False),
        ("https://example.org/<script>", False),
        ("https://example.org/\nx", False),
    ],
)
def test_an_address_is_absolute_and_holds_no_markup(text: str, *, good: bool) -> None:
    """Its scheme is http or https, it has a host, and no character that could end an attribute."""
    assert good is is_web_address(text)
