"""The name that Pelican looks for first; everything stands in ``publishconf.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from publishconf import *  # noqa: F403 - Pelican's own idiom
