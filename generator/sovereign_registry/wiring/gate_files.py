"""What attempts at Gate 2 have in common: folders of their own, and strangers' words made plain."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from sovereign_registry.contracts.text import FORBIDDEN, collapse

if TYPE_CHECKING:
    from pathlib import Path


def clean(text: str) -> str:
    """A stranger's text as one line without control or reordering characters."""
    return collapse(FORBIDDEN.sub(" ", text))


def fresh_folder(folder: Path) -> Path:
    """An empty folder in the place of what an earlier attempt left there."""
    if folder.exists():
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o700)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o755)
    return folder
