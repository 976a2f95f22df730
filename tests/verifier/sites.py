"""A small published site, sealed and logged, as bytes in memory, and the ways to look at it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import file_sha256, text_sha256
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.log.seal import DIGESTS, SEAL, digest_list
from sovereign_registry.contracts.manifest import Approval
from sovereign_registry.contracts.text import normalise
from sovereign_registry.store import Registry
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.loading import load_manifest
from sovereign_registry.verifier.files import MemoryFiles
from sovereign_registry.verifier.verify import Known, verify_site
from sovereign_registry.website.build import build
from sovereign_registry.wiring.history import Request, add
from sovereign_registry.wiring.log import append_log, new_key
from sovereign_registry.wiring.verify import seal_site
from tests.samples import bare_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.verifier.findings import Report

ROOT = Path(__file__).resolve().parents[2]
IMPORTED = "sr-2605-0000000a"
WITH_HISTORY = "sr-2605-0000000b"
RETRACTED = "sr-2605-0000000c"
ADDRESS = "https://example.org/registry"
REGISTRY = f"""contract: "registry-v1"
title: "A registry for tests"
publisher: "Nobody in particular"
description: "Records of our own."
base_url: "{ADDRESS}"
language: "en"
records_licence: "CC BY 4.0"
report_problem: "Write a letter."
"""
EVERYTHING = """publish:
  beside:
    - "manifest"
    - "data"
    - "corrections"
    - "lineage"
    - "citations"
    - "evidence"
    - "reports"
  bundles: true
  offline_page: true
  pdf: true
"""
"""Every file beside the page as well as in the bundle, so that all kinds are there."""


class Clock:
    """A clock that moves a second with every look at it."""

    def __init__(self) -> None:
        self.seconds = 0

    def now(self) -> datetime:
        """The next second."""
        self.seconds += 1
        return datetime.fromtimestamp(1_781_073_000 + self.seconds, tz=UTC)

    def monotonic(self) -> float:
        """No time passes."""
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Wait for nothing."""


class World:
    """A registry with a log beside its private key, and its built site.

    Args:
        folder: An empty folder.
        publish: What ``registry.yaml`` says of what the site carries.
    """

    def __init__(self, folder: Path, publish: str = EVERYTHING) -> None:
        self.root = folder / "registry"
        self.key = folder / "log.key"
        self.output = self.root / "output"
        self.clock = Clock()
        (self.root / "manifests").mkdir(parents=True)
        (self.root / "manifests" / "registry.yaml").write_text(REGISTRY + publish, encoding="utf-8")

    @property
    def registry(self) -> Registry:
        """Opened anew, as every command does."""
        return Registry(self.root)

    def import_record(self, record_id: str) -> None:
        """Publish a record whose numbers are declared, as its owner decided."""
        record = bare_manifest(record_id)
        digest = text_sha256(normalise(record.question.text))
        question = msgspec.structs.replace(record.question, sha256=digest)
        record = msgspec.structs.replace(record, question=question)
        with self.registry.lock():
            self.registry.publish(emit(record), {})
        request = Request(event=Event.OWNER_DECISION, by="owner", note="Let it be public.")
        add(self.registry, record_id, request, self.clock)

    def adopt(self, count: int) -> list[str]:
        """Publish copies, without a history, of shipped records that needed no owner."""
        shipped = Registry(ROOT)
        found = []
        for record_id in shipped.ids():
            published = load_manifest(shipped.raw(record_id)[0], record_id)
            if published.standing.approval is Approval.AUTO_APPROVED:
                target = self.root / "manifests" / "records" / record_id
                shutil.copytree(shipped.record_dir(record_id), target)
                shutil.rmtree(target / "history", ignore_errors=True)
                shutil.rmtree(target / "gate", ignore_errors=True)
                found.append(record_id)
            if len(found) == count:
                break
        return found

    def enter(
        self, record_id: str, event: Event, note: str = "For a test.", **fields: object
    ) -> None:
        """Add one entry to a record's history."""
        request = Request(event=event, by="editor", note=note, **fields)  # type: ignore[arg-type]
        add(self.registry, record_id, request, self.clock)

    def correct(self, record_id: str, title: str) -> None:
        """Add a correction of the title."""
        self.enter(record_id, Event.CORRECTION, sets=(f"/work/title={title}",))

    def log(self) -> None:
        """Log what is new, with the first key if there is none yet."""
        if not self.key.exists():
            new_key(self.registry, self.key, note="The first key.", clock=self.clock)
        append_log(self.registry, self.key)

    def publish(self, *, seal: bool = True) -> dict[str, bytes]:
        """Build, seal, and read the site."""
        build(self.root, output=self.output, jobs=1)
        if seal:
            seal_site(self.registry, self.key, self.output)
        return {
            path.relative_to(self.output).as_posix(): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }


def look(files: Mapping[str, bytes], checkpoint: bytes | None = None) -> Report:
    """Check a site in memory."""
    old = None if checkpoint is None else (checkpoint, "kept-checkpoint")
    return verify_site(MemoryFiles(files), known=Known(checkpoint=old))


def without_seal(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The site as somebody without the key can publish it: list written anew, no seal."""
    kept = {path: data for path, data in files.items() if path not in {DIGESTS, SEAL}}
    digests = {
        path: file_sha256(data) for path, data in kept.items() if not path.startswith("log/")
    }
    return kept | {DIGESTS: digest_list(digests)}


def faults(report: Report) -> str:
    """All faults, one a line."""
    return "\n".join(f"{fault.check.name} {fault}" for fault in report.faults)
