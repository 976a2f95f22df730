"""The theme on disk: which files a template draws in, and under which names its assets are served.

A template's *closure* is itself with everything that it extends, includes or imports.  A page is
made again when a byte of its closure changes, and not when another template does.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import jinja2
import jinja2.meta
import msgspec

import sovereign_registry
from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.website.rendering import make_environment
from sovereign_registry.website.sealed import read_sealed, write_sealed

PREVIEWS = "static/previews/"
"""Where a theme keeps its preview images."""
HASHED = frozenset({".css", ".js"})
"""Assets served under a name that holds their digest, so that a cached copy is never stale."""

_PACKAGE = Path(sovereign_registry.__file__).resolve().parent


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """A theme as it was read: digests of its templates and the names of its assets."""

    searchpath: tuple[str, ...]
    """Template folders, first match wins: the overrides, then the theme's own."""
    templates: dict[str, bytes]
    """Template name -> digest of its source."""
    closures: dict[str, bytes]
    """Template name -> digest over its closure."""
    assets: dict[str, str]
    """Path as templates name it (``static/style.css``) -> path in the output folder."""
    files: dict[str, str]
    """Path in the output folder -> file that it is copied from."""
    own: tuple[str, ...] = ()
    """Names of the templates and assets that the registry itself has, sorted."""


def bundled(name: str) -> Path:
    """The folder ``theme`` or ``content`` that ships with this package.

    Raises:
        BuildFailed: the installation is not whole.
    """
    for folder in (_PACKAGE / name, _PACKAGE.parent.parent / name):
        if folder.is_dir():
            return folder
    raise BuildFailed(
        f"the installed package lacks its folder {name!r}",
        where=str(_PACKAGE),
        todo="Install sovereign-registry again.",
    )


def read_theme(
    folder: Path,
    overrides: tuple[str, ...] = (),
    memo: Path | None = None,
    statics: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> Theme:
    """Read a theme's templates and list its assets.

    Args:
        folder: The theme, with ``templates/`` and ``static/``.
        overrides: Folders whose templates go before the theme's.
        memo: A file that keeps closures between builds; it must belong to one version of the code.
        statics: Folders whose files go before those of ``static/``.
        without: Beginnings of the names of assets that this site does not carry.

    Raises:
        BuildFailed: there is no such theme, or a template cannot be parsed.
    """
    searchpath = (*overrides, str(folder / "templates"))
    if not (folder / "templates").is_dir():
        raise BuildFailed(
            "is no theme: it has no templates folder", where=str(folder), todo="Set THEME."
        )
    sources: dict[str, bytes] = {}
    for place in reversed(searchpath):
        sources |= {
            path.relative_to(place).as_posix(): path.read_bytes()
            for path in sorted(Path(place).rglob("*.html"))
        }
    digests = {name: hashlib.sha256(source).digest() for name, source in sources.items()}
    assets, files = _assets(folder / "static", *map(Path, statics))
    files = {name: path for name, path in files.items() if not name.startswith(without)}
    own = [name for place in overrides for name in _names(Path(place), "*.html")]
    own += [f"static/{name}" for place in statics for name in _names(Path(place), "*")]
    return Theme(
        searchpath=searchpath,
        templates=digests,
        closures=_remembered(memo, searchpath, sources, digests),
        assets=assets,
        files=files,
        own=tuple(sorted(set(own))),
    )


def _names(folder: Path, pattern: str) -> list[str]:
    """The relative paths of the files below a folder that are served or rendered, sorted."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob(pattern)
        if path.is_file() and not path.name.startswith(".")
    )


def _assets(*folders: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Assets by name, a later folder's before an earlier one's; see ``Theme``."""
    found = {name: folder / name for folder in folders for name in _names(folder, "*")}
    assets, files = {}, {}
    for relative, path in sorted(found.items()):
        name = served = f"static/{relative}"
        if path.suffix in HASHED:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            served = f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
            assets[name] = served
        files[served] = str(path)
    return assets, files


class _Memo(msgspec.Struct, frozen=True):
    """Closures, and the templates that they were found in."""

    templates: dict[str, bytes]
    closures: dict[str, bytes]


def _remembered(
    memo: Path | None,
    searchpath: tuple[str, ...],
    sources: dict[str, bytes],
    digests: dict[str, bytes],
) -> dict[str, bytes]:
    """The closures of the last build where every template is as it was: they depend on no more."""
    if memo is None:
        return _closures(searchpath, sources, digests)
    try:
        known = msgspec.msgpack.decode(read_sealed(memo) or b"", type=_Memo)
    except msgspec.MsgspecError:
        known = _Memo({}, {})
    if known.templates == digests:
        return known.closures
    closures = _closures(searchpath, sources, digests)
    write_sealed(memo, msgspec.msgpack.encode(_Memo(digests, closures)))
    return closures


def _closures(
    searchpath: tuple[str, ...], sources: dict[str, bytes], digests: dict[str, bytes]
) -> dict[str, bytes]:
    environment = make_environment(searchpath)
    references = {name: _references(environment, name, sources[name]) for name in sources}
    closures = {}
    for name in sources:
        seen: set[str] = set()
        todo = [name]
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            # A name that is only known when the page is rendered may be any template.
            todo += (
                [ref for ref in references.get(at, ()) if ref]
                if None not in references.get(at, ())
                else list(sources)
            )
        parts = [f"{at}\0{digests[at].hex() if at in digests else ''}\n" for at in sorted(seen)]
        closures[name] = hashlib.sha256("".join(parts).encode()).digest()
    return closures


def _references(
    environment: jinja2.Environment, name: str, source: bytes
) -> tuple[str | None, ...]:
    try:
        tree = environment.parse(source.decode("utf-8"), name)
    except jinja2.TemplateSyntaxError as error:
        raise BuildFailed(
            f"the template cannot be parsed: {error.message}",
            where=f"{name}:{error.lineno}",
            todo="Correct the template.",
        ) from error
    except UnicodeDecodeError as error:
        raise BuildFailed(
            f"byte 0x{source[error.start]:02x} is not UTF-8", where=name, todo="Save it as UTF-8."
        ) from error
    return tuple(jinja2.meta.find_referenced_templates(tree))
