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
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", style)
    return {
        "light": {name: light for name, light, _ in found},
        "dark": {name: dark for name, _, dark in found},
    }


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


def test_a_theme_is_a_preference_and_a_choice(style: str) -> None:
    """Every colour is stated once for both themes, and the attribute of the choice picks one."""
    assert set(themes(style)["light"]) >= {*WORDS, *GROUNDS, "mark", "rule"}
    assert "color-scheme: light dark;" in style
    for theme in ("light", "dark"):
        assert f':root[data-theme="{theme}"] {{ color-scheme: {theme}; }}' in style


def test_marked_words_can_be_read(style: str) -> None:
    """Words on the marker's ground reach AA in both themes."""
    for colours in themes(style).values():
        assert contrast(colours["ink"], colours["mark"]) >= AA


def test_sizes_come_from_one_scale(style: str) -> None:
    """Every size of text is a token, but for what is set against its surroundings or in a plot."""
    sizes = set(re.findall(r"font-size: ([^;]+);", style))
    stray = {one for one in sizes if not one.startswith("var(--text-")}
    assert stray <= {"1rem", "1.12rem", "0.86em", "0.85em", "10pt", "13px", "17px"}


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
    """Print, forced colours, more contrast, less motion."""
    for wish in (
        "@media print",
        "forced-colors: active",
        "prefers-contrast: more",
        "prefers-reduced-motion",
    ):
        assert wish in style
