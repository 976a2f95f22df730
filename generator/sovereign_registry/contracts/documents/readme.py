"""``README.txt`` of a record's bundle: what is in it, and how a stranger checks it.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.documents import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.log.proofs import RecordProof

_FILES = {
    "manifest.yaml": "the record as first published; its bytes never change",
    "record.json": "its digests, history and contracts as they stand",
    "correction-record.json": "its state and its corrections",
    "source-provenance.json": "where it comes from",
    "prov.json": "the same as W3C PROV-JSON",
    "ro-crate-metadata.json": "what this folder holds, as an RO-Crate",
    "proof.json": "that the record stands in the log",
    "log/keys.yaml": "the log's keys as of that proof",
    "LICENSES.txt": "under which terms each part may be used",
    "README.txt": "this text",
    "verify.html": "a page that checks this record; open it in a browser, offline too",
}


def _about(name: str) -> str:
    if name in _FILES:
        return _FILES[name]
    if name.startswith("cite."):
        return "how to cite it, with its state"
    return "what happened to it" if name.startswith("history/") else "a file that belongs to it"


def readme_text(view: RecordView, names: Iterable[str], proof: RecordProof | None) -> str:
    """The text for one bundle.

    Args:
        view: The record as it stands in the bundle.
        names: Every file of the bundle.
        proof: The proof that it carries; None where the record is not logged.
    """
    record = view.record
    state = record.standing.record_state
    lines = [
        f"{record.id}, version {len(view.history) + 1}",
        f"State: {state.value}. {words.STATES[state].definition}",
        "",
        "This archive holds every published file of one record. It says how the record stood when",
        "the archive was made; a later correction or retraction is not in it.",
        "",
        "Check it:  sovereign-registry verify bundle.zip   (or the folder it was unpacked into)",
        f"By hand:   sha256sum manifest.yaml               {view.manifest_file_sha256}",
        "",
    ]
    if proof is None:
        lines += ["The record is not logged: nothing shows that nothing was taken back."]
    else:
        size = proof.checkpoint.split("\n")[1]
        lines += [
            f"proof.json proves the record against the signed checkpoint of {size} log entries,",
            "the first one that covers its newest entry here, not the newest one there is. Whether",
            "anything newer was published, only the site's own log can tell. Compare the key in",
            "log/keys.yaml with one that the publisher gave you in another place.",
        ]
    lines += ["", "Files:", *(f"  {name}: {_about(name)}" for name in sorted(names)), ""]
    return "\n".join(lines)
