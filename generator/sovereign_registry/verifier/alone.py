"""One record of a site at an address: which files to ask for, without any list of the whole site.

``record.json`` names the entries of the history.  Whether it leaves the newest out is what the
log's index of heads tells, so nothing rests on that file alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

if TYPE_CHECKING:
    from sovereign_registry.verifier.files import Files

BESIDE = (
    "bundle.zip",
    "index.html",
    "history/index.html",
    "history.atom",
    "cite.bib",
    "cite.ris",
    "cite.csl.json",
    "correction-record.json",
    "source-provenance.json",
    "prov.json",
    "ro-crate-metadata.json",
)
"""Files that may stand beside a manifest and its history; asked for, there or not."""


class _Entry(msgspec.Struct, frozen=True):
    sequence: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z-]{1,40}$")]


class _Artifact(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$")]
    media_type: str


class _Record(msgspec.Struct, frozen=True):
    artifacts: tuple[_Artifact, ...] = ()


class _View(msgspec.Struct, frozen=True):
    record: _Record = _Record()
    history: tuple[_Entry, ...] = ()


class _Document(msgspec.Struct, frozen=True):
    view: _View = _View()


class Once:
    """Reads every file of a site once; for one record, whose few files fit into memory.

    Args:
        files: The site.
    """

    def __init__(self, files: Files) -> None:
        self.where = files.where
        self._files = files
        self._read: dict[str, bytes | None] = {}

    def find(self, path: str) -> bytes | None:
        """As ``Files.find``."""
        if path not in self._read:
            self._read[path] = self._files.find(path)
        return self._read[path]

    def names(self) -> frozenset[str] | None:
        """As ``Files.names``."""
        return self._files.names()


def names_of(files: Files, record_id: str) -> set[str]:
    """Paths below a record's folder, of all files that its check reads; empty where it has none.

    Args:
        files: The site; every file that may be there is asked for.
        record_id: Which record.
    """
    folder = f"records/{record_id}/"
    data = files.find(f"{folder}record.json")
    try:
        view = msgspec.json.decode(data or b"{}", type=_Document).view
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        view = _View()  # the check of record.json says so
    pdf = "application/pdf"
    pdfs = [f"artifacts/{one.name}" for one in view.record.artifacts if one.media_type == pdf]
    due = ("record.json", "manifest.yaml", *BESIDE, *pdfs)
    found = {name for name in due if files.find(folder + name) is not None}
    if not {"record.json", "manifest.yaml"} & found:
        return set()
    # An entry that is named and not there is missing, which its own check says.
    return found | {f"history/{one.sequence:04d}-{one.kind}.yaml" for one in view.history}
