"""A registry of one's own, in a fresh folder, from what the installed package carries."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec

from sovereign_registry import __version__
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.registry import require_site_url
from sovereign_registry.contracts.text import collapse, require_clean
from sovereign_registry.store.files import write_folder
from sovereign_registry.store.loading import load_registry_info
from sovereign_registry.website.theme import bundled
from sovereign_registry.wiring.own_wheel import own_wheel

MAX_NAME = 200
"""Longest title or publisher, as registry-v1 allows it."""
PLACES = {
    "pages.yml": ".github/workflows/pages.yml",
    "dependabot.yml": ".github/dependabot.yml",
    "gitignore": ".gitignore",
    "gitattributes": ".gitattributes",
    "publishconf.py": "publishconf.py",
}
"""Files of ``starter/`` that are taken as they are -> where they stand in a registry."""
UNSTATED = "Not stated"


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What was started."""

    folder: str
    title: str
    publisher: str
    base_url: str
    files: int
    bytes: int


def start_registry(
    folder: Path, *, title: str | None, publisher: str | None, base_url: str
) -> Started:
    """Make a folder that is a registry without records; it appears whole or not at all.

    Args:
        folder: A folder that does not exist, or is empty; the one that it lies in exists.
        title: The registry's title; by default the folder's name.
        publisher: Who publishes it; by default words that say that this is not stated.
        base_url: The site's address, or empty until it is known.

    Raises:
        UsageError: the folder, a text or the address cannot be used.
        BadInput: a text holds a forbidden character.
        BuildFailed: the installation is not whole.
    """
    place = _require_free(folder)
    title = _named(place.name if title is None else title, "--title")
    publisher = _named(UNSTATED if publisher is None else publisher, "--publisher")
    base_url = require_site_url(base_url, "--base-url")
    files = _files(title, publisher, base_url)
    scratch = place.parent / f".{place.name}.starting"
    try:
        write_folder(place, files, scratch)
    except OSError as error:
        raise UsageError(
            f"no folder can be made there: {error.strerror or error}",
            where=str(place.parent),
            todo="Name a folder where you may write.",
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Started(
        folder=str(folder),
        title=title,
        publisher=publisher,
        base_url=base_url,
        files=len(files),
        bytes=sum(map(len, files.values())),
    )


def _require_free(folder: Path) -> Path:
    """The folder's absolute path, where a registry can be put there in one step."""
    place = folder.resolve()
    todo = f"Name a folder that is not there yet: sovereign-registry init {place.name or 'my'}-2"
    if place == Path.cwd():
        raise UsageError("is the folder that you are in", where=str(folder), todo=todo)
    if place.exists() and not place.is_dir():
        raise UsageError("is a file", where=str(folder), todo=todo)
    if (place / "manifests").is_dir():
        todo = f"It is a registry already: run `build` or `run` in {folder}, or name a new folder."
        raise UsageError("is not empty; nothing was written", where=str(folder), todo=todo)
    if place.is_dir() and any(place.iterdir()):
        raise UsageError("is not empty; nothing was written", where=str(folder), todo=todo)
    if not place.parent.is_dir():
        raise UsageError("does not exist", where=str(place.parent), todo="Create it first.")
    return place


def _named(text: str, option: str) -> str:
    text = collapse(require_clean(text, option))
    if not text or len(text) > MAX_NAME:
        raise UsageError(
            f"has {len(text)} characters", where=option, todo=f"Use 1 to {MAX_NAME} characters."
        )
    return text


def _files(title: str, publisher: str, base_url: str) -> dict[str, bytes]:
    """Every file of a new registry by its relative path."""
    starter, content = bundled("starter"), bundled("content")
    wheel, data = own_wheel()
    files = {target: (starter / name).read_bytes() for name, target in PLACES.items()}
    files |= {
        f"content/{path.relative_to(content).as_posix()}": path.read_bytes()
        for path in sorted(content.rglob("*.md"))
    }
    files["software/requirements.txt"] = (bundled("requirements") / "site.txt").read_bytes()
    files[f"software/{wheel}"] = data
    readme = (starter / "README.md").read_text(encoding="utf-8")
    for name, value in (("{wheel}", wheel), ("{version}", __version__), ("{title}", title)):
        readme = readme.replace(name, value)
    files["README.md"] = readme.encode()
    files["manifests/registry.yaml"] = _declaration(starter, title, publisher, base_url)
    return files


def _declaration(starter: Path, title: str, publisher: str, base_url: str) -> bytes:
    """The new registry's ``registry.yaml``: JSON strings are YAML strings."""
    names = {"title": title, "publisher": publisher, "base_url": base_url}
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in names.items()}
    text = (starter / "registry.yaml").read_text(encoding="utf-8")
    data = text.format(**quoted).encode()
    load_registry_info(data, "manifests/registry.yaml")
    return data
