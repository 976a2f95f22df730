"""Pelican's settings for a registry; ``publishconf.py`` takes them over and adds its own.

Set there: ``REGISTRY_ROOT``, the folder that holds ``manifests/`` (Pelican makes only a few of its
own settings absolute, so this one is absolute from the start), and ``SITEURL`` where it is known.
"""

from __future__ import annotations

from typing import Any

from sovereign_registry.website.plugin import RegistryPelican
from sovereign_registry.website.rendering import JINJA_OPTIONS
from sovereign_registry.website.theme import bundled

PELICAN_CLASS = RegistryPelican
PLUGINS = ["sovereign_registry.website.plugin"]
"""Named one by one: unset, Pelican would load whatever plugin is installed."""

PATH = str(bundled("content"))
THEME = str(bundled("theme"))
OUTPUT_PATH = "output"
DELETE_OUTPUT_DIRECTORY = False
"""The output folder is brought up to date file by file, never emptied."""

SITEURL = ""
SITENAME = ""
RELATIVE_URLS = True
"""Links are relative, so that the site works under any address and sub-path."""

TIMEZONE = "UTC"
LOCALE = ["C.UTF-8", "C"]
DEFAULT_LANG = "en"
JINJA_ENVIRONMENT: dict[str, Any] = dict(JINJA_OPTIONS)

MARKDOWN: dict[str, Any] = {
    "extensions": ["markdown.extensions.extra", "markdown.extensions.meta"],
    "extension_configs": {},
    "output_format": "html5",
}
"""Without Pelican's highlighting of code, which guesses the language of every block among 500."""

PAGE_PATHS = ["pages"]
PAGE_URL = "{slug}/"
PAGE_SAVE_AS = "{slug}/index.html"
SLUGIFY_SOURCE = "basename"
"""A page's address comes from its file name, not from its title, which may be reworded."""

# Records are no articles, and the registry makes its own lists, feeds and copies of the theme.
ARTICLE_PATHS: list[str] = []
DIRECT_TEMPLATES: list[str] = []
STATIC_PATHS: list[str] = []
THEME_STATIC_PATHS: list[str] = []
ARCHIVES_SAVE_AS = AUTHORS_SAVE_AS = CATEGORIES_SAVE_AS = TAGS_SAVE_AS = ""
AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ""
FEED_ATOM = FEED_RSS = FEED_ALL_ATOM = FEED_ALL_RSS = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = None
TAG_FEED_ATOM = TAG_FEED_RSS = TRANSLATION_FEED_ATOM = TRANSLATION_FEED_RSS = None

CACHE_CONTENT = LOAD_CONTENT_CACHE = False
"""Pelican's own cache; there are few prose pages and records have one of their own."""
