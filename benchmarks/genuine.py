"""Makes registries of N records that pass every check: the shipped ones, asked again many times.

A record is copied with its evidence and gets a question, and so an id, of its own; nothing that a
check computes again depends on the question's number.  Every fifth has one history entry.  PDFs are
left out, as a site may.  The same count gives the same bytes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.amend import Amendment, amend
from sovereign_registry.contracts.canonical import content_sha256, file_sha256, text_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.ids import IdentityInput, record_id
from sovereign_registry.contracts.review import Policy
from sovereign_registry.contracts.text import normalise
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.loading import load_manifest, load_view

if TYPE_CHECKING:
    from sovereign_registry.contracts.manifest import Manifest

ROOT = Path(__file__).resolve().parents[1]
EVERY = 5
EVIDENCE = "evidence.json"
REGISTRY = """contract: "registry-v1"
title: "Registry for measurements"
publisher: "Nobody in particular"
description: "The shipped records, many times over."
base_url: "https://example.org/registry"
language: "en"
records_licence: "CC0-1.0"
report_problem: "Nowhere: these are copies."
options:
  pdf: false
"""


def originals(root: Path = ROOT) -> list[tuple[Path, Manifest]]:
    """The shipped records that were published without waiting for an owner, by id."""
    shipped = Registry(root)
    found = []
    for name in shipped.ids():
        record = load_manifest(shipped.raw(name)[0], name)
        if record.origin is Origin.COMPUTED and record.review.policy is Policy.AUTO_APPROVE:
            found.append((shipped.record_dir(name), record))
    return found


def numbered(record: Manifest, number: int) -> Manifest:
    """The record under another question, which differs by a number alone."""
    text = f"{record.question.text} (copy {number})"
    question = msgspec.structs.replace(
        record.question, text=text, sha256=text_sha256(normalise(text))
    )
    made = msgspec.structs.replace(record, question=question)
    identity = IdentityInput(
        question=normalise(text),
        config_sha256=content_sha256(made.config),
        inputs=made.provenance.inputs,
        tools=tuple(sorted(f"{tool.name} {tool.version}" for tool in made.provenance.tools)),
        as_of=made.work.as_of,
    )
    return msgspec.structs.replace(made, id=record_id(identity))


def _with_evidence(record: Manifest, data: bytes) -> Manifest:
    """The record with the digest of its own evidence, which names the record."""
    artifacts = tuple(
        msgspec.structs.replace(one, sha256=file_sha256(data), bytes=len(data))
        if one.name == EVIDENCE
        else one
        for one in record.artifacts
    )
    return msgspec.structs.replace(record, artifacts=artifacts)


def note(manifest: bytes, text: str) -> tuple[str, bytes]:
    """The name and the bytes of a first history entry that changes no field."""
    asked = Amendment(event=Event.ADDENDUM, by="editor", note=text, at="2027-01-01T00:00:00Z")
    entry = amend(load_view(manifest), asked)
    return entry.file_name, emit(entry)


def write_registry(root: Path, count: int) -> list[str]:
    """Write a registry of copies; returns the ids of its records in the order of their numbers.

    Args:
        root: Where; what copies have in common are links to one file, to spare the disk.
        count: How many records.
    """
    records = root / "manifests" / "records"
    records.mkdir(parents=True)
    (root / "manifests" / "registry.yaml").write_text(REGISTRY, encoding="utf-8")
    base = originals()
    ids = []
    for number in range(count):
        source, record = base[number % len(base)]
        made = numbered(record, number)
        folder = records / made.id
        (folder / "artifacts").mkdir(parents=True)
        for path in sorted((source / "artifacts").iterdir()):
            if path.suffix != ".pdf" and path.name != EVIDENCE:
                _copy(path, folder / "artifacts" / path.name, root / "artifacts" / source.name)
        evidence = (source / "artifacts" / EVIDENCE).read_bytes()
        evidence = evidence.replace(record.id.encode(), made.id.encode())
        (folder / "artifacts" / EVIDENCE).write_bytes(evidence)
        data = emit(_with_evidence(made, evidence))
        (folder / "manifest.yaml").write_bytes(data)
        if number % EVERY == 0:
            name, entry = note(data, f"A note on copy {number}.")
            (folder / "history").mkdir()
            (folder / "history" / name).write_bytes(entry)
        ids.append(made.id)
    return ids


def _copy(source: Path, target: Path, once: Path) -> None:
    kept = once / source.name
    if not kept.exists():
        once.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(source.read_bytes())
    os.link(kept, target)
