"""The stylesheet: readable colours in both themes, logical directions, nothing from outside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

WORDS = ("ink", "muted", "accent", "accent-visited", "pass", "fail", "care")
GROUNDS = ("paper", "sheet")
AA = 4.5
"""The contrast ratio of WCAG 2.2, 1.4.3, for text of ordinary size."""


@pytest.fixture(scope="session")
def style(root: Path) -> str:
    """The stylesheet without its comments."""
    text = (root / "theme" / "static" / "style.css").read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def themes(style: str) -> dict[str, dict[str, str]]:
    """The colours of the light and of the dark theme."""
    light, dark = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)[:2]
    pattern = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    return {"light": dict(pattern.findall(light)), "dark": dict(pattern.findall(dark))}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("word", WORDS)
def test_words_can_be_read_on_every_ground(style: str, theme: str, ground: str, word: str) -> None:
    """Every colour of text reaches AA on both grounds."""
    colours = themes(style)[theme]
    assert contrast(colours[word], colours[ground]) >= AA


def test_both_themes_have_the_same_colours(style: str) -> None:
    """No colour is left behind when the theme changes."""
    found = themes(style)
    assert set(found["light"]) == set(found["dark"])


def test_directions_are_logical(style: str) -> None:
    """A right-to-left page needs no rule of its own."""
    physical = (
        r"\b(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b"
        r"|\btext-align: (?:left|right)"
    )
    assert re.findall(physical, style) == []


def test_nothing_is_imported(style: str) -> None:
    """No font, image or sheet from anywhere."""
    assert "url(" not in style
    assert "@import" not in style


def test_wishes_are_respected(style: str) -> None:
    """Dark, print, forced colours, more contrast, less motion."""
    for wish in (
        "prefers-color-scheme: dark",
        "@media print",
        "forced-colors: active",
        "prefers-contrast: more",
        "prefers-reduced-motion",
    ):
        assert wish in style
