"""What a reader's check found: one line a check, every fault with its file, what stays open."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sovereign_registry.contracts.errors import RegistryError


class Check(StrEnum):
    """What is checked, in the order in which it is told."""

    FILES = "files: each is the one that digests.txt names"
    SEAL = "seal: the digest list is signed"
    CONTRACTS = "contracts: manifests and histories can be read, and replay"
    ENTRIES = "histories: every entry may stand where it stands"
    ARTIFACTS = "artifacts: each has the digest that its manifest names"
    NUMBERS = "numbers: confidence, tribunal, policy, level, tier and dimensions follow again"
    DATA = "record.json: says what manifest and history give"
    EXPORTS = "exports: citations, provenance and feeds of history say the same"
    LISTS = "records.json, feed and sitemap: show every record in its state"
    PAGES = "pages: show every record in its state"
    SCHEMAS = "schemas: the published contracts are those that were checked"
    BUNDLES = "bundles: each holds the record's published files, its proof, and no others"
    LOG = "log: entries, tiles, checkpoints, keys and heads agree and are signed"
    LOGGED = "log: holds every manifest and history entry as it is published"
    NEWEST = "log: nothing newer exists"
    EXTENDS = "log: continues what was published or kept before"
    KEY = "key: the log is signed by the key that you name, or by one that it handed over to"
    KEPT = "published before: every manifest and history entry is there, byte for byte"


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fault, or one thing that cannot be told."""

    check: Check
    where: str
    """The published file, below the site's root."""
    what: str
    todo: str = ""

    def __str__(self) -> str:
        """Render as ``where: what. todo`` on one line."""
        return on_one_line(self.where, self.what, self.todo)


class CheckLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One check."""

    check: Check
    passed: int
    """How many things it looked at that are in order."""
    faults: int
    open: int
    """How many it can say nothing about: neither pass nor failure."""


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was checked and what came of it."""

    site: str
    record: str | None
    """The one record that was checked; None for the whole site."""
    records: int
    files: int
    """Files that were read."""
    bytes: int
    log_origin: str | None
    log_size: int | None
    log_keys: tuple[str, ...]
    """Public keys that stand behind the newest checkpoint."""
    checks: tuple[CheckLine, ...]
    faults: tuple[Finding, ...]
    open: tuple[Finding, ...]
    limits: tuple[str, ...]
    """What this check cannot prove."""


class Findings:
    """Collects findings while a site is checked."""

    def __init__(self) -> None:
        self.passes: Counter[Check] = Counter()
        self.faults: list[Finding] = []
        self.open: list[Finding] = []

    def passed(self, check: Check, count: int = 1) -> None:
        """Say that something is in order."""
        self.passes[check] += count

    def fault(self, check: Check, where: str, what: str, todo: str = "") -> None:
        """Say that something is wrong; said once."""
        found = Finding(check=check, where=where, what=what, todo=todo)
        if found not in self.faults[-20:]:
            self.faults.append(found)

    def error(self, check: Check, error: RegistryError, where: str) -> None:
        """Say what an error says."""
        self.fault(check, error.where or where, error.what, error.todo)

    def unknown(self, check: Check, where: str, what: str, todo: str = "") -> None:
        """Say that something can be neither passed nor failed."""
        self.open.append(Finding(check=check, where=where, what=what, todo=todo))

    def take(
        self, passes: Mapping[Check, int], faults: Iterable[Finding], still: Iterable[Finding]
    ) -> None:
        """Add what another look found: what is in order, the faults, what cannot be told."""
        self.passes.update(passes)
        for one in faults:
            self.fault(one.check, one.where, one.what, one.todo)
        self.open.extend(still)

    def lines(self) -> tuple[CheckLine, ...]:
        """One line for each check that had something to look at."""
        faults = Counter(found.check for found in self.faults)
        unknown = Counter(found.check for found in self.open)
        return tuple(
            CheckLine(
                check=check, passed=self.passes[check], faults=faults[check], open=unknown[check]
            )
            for check in Check
            if self.passes[check] or faults[check] or unknown[check]
        )
