"""Pelican's settings for this registry: ``pelican content -s publishconf.py``."""

import os
from pathlib import Path

from sovereign_registry.website.settings import *  # noqa: F403 - Pelican's own idiom

REGISTRY_ROOT = str(Path(__file__).resolve().parent)
PATH = str(Path(__file__).resolve().parent / "content")
SITEURL = os.environ.get("SITEURL", "")
