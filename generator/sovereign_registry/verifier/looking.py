"""The look at one record: all that its check needs, and all that comes of it.

Records are looked at one by one, each from the site's files alone, so that it makes no difference
in which order, or in which process, that is done: ``verify`` puts the results together in the order
of the records' ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.log.entries import RecordLogged
from sovereign_registry.contracts.tombstone import Tombstone
from sovereign_registry.store.log_records import entries_of, removed_entries
from sovereign_registry.store.tombstones import load_tombstone
from sovereign_registry.verifier import bundles, data, exports, pages
from sovereign_registry.verifier.bundles import BundleCheck, Bundled
from sovereign_registry.verifier.files import Ledger
from sovereign_registry.verifier.findings import Check, Finding, Findings
from sovereign_registry.verifier.records import RecordCheck
from sovereign_registry.verifier.slices import Slice, slice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.verifier.files import Files

    Find = Callable[[str], bytes | None]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One record that is to be looked at."""

    id: str
    beside: frozenset[str]
    """Names of the files below its folder."""
    listed: frozenset[str] = frozenset()
    """Paths of its files that the site's digest list names."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for every record of one check."""

    publisher: str | None = None
    """Who publishes, as ``records.json`` says."""
    alone: bool = False
    """Whether one record is looked at without any list of the site."""
    dump: bool = False
    """Whether the files are those of a dump's ``manifests/``, beside which no page stands."""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the look at one record."""

    id: str
    slice: Slice | None
    """What is kept of a record that can be read, of a site."""
    stone: Tombstone | None
    """The tombstone of a removed record."""
    due: tuple[RecordLogged, ...]
    """What its files call for in a log; nothing where it cannot be read."""
    numbers: dict[int, tuple[str, str]]
    """Number in the history, 0 for the manifest -> path and SHA-256 of the file that was read."""
    stated: data.Stated | None
    passes: dict[Check, int]
    faults: tuple[Finding, ...]
    open: tuple[Finding, ...]
    read: dict[str, tuple[str, int]]
    """Path of each file that was read -> its SHA-256 and its bytes."""


class Crew(Protocol):
    """Looks at many records, in whatever processes."""

    def __call__(self, terms: Terms, tasks: Sequence[Task]) -> Iterator[Looked]:
        """What came of every task, in the tasks' order.

        Raises:
            SiteFault: a file cannot be read at all.
        """
        ...


def look(files: Files, find_log: Find, terms: Terms, task: Task) -> Looked:
    """Look at one record.

    Args:
        files: The site; of a dump, what lies in its ``manifests/``.
        find_log: Gives a file of the published log, with which every bundle is compared.
        terms: What holds for all records.
        task: The record.

    Raises:
        SiteFault: a file cannot be read at all.
    """
    bundled = Bundled(files)
    bundled.listed = task.listed
    return _Look(bundled, find_log, terms, task).run()


class _Look:
    def __init__(self, bundled: Bundled, find_log: Find, terms: Terms, task: Task) -> None:
        self.bundles = bundled
        self.site = Ledger(bundled)
        self.find_log = find_log
        self.terms = terms
        self.id = task.id
        self.below = task.beside
        self.findings = Findings()
        self.stated: data.Stated | None = None

    def run(self) -> Looked:
        if self.terms.dump:
            return self._dumped()
        names = self.below | self.bundles.within(self.id)
        whole = bundles.BUNDLE in names
        check = RecordCheck(self.site, self.id, names, self.findings, whole=whole)
        check.run()
        found: Slice | None = None
        due: tuple[RecordLogged, ...] = ()
        if check.view is not None:
            due = entries_of(check.view, check.history_digests)
            self._made_of(check.view, due, names, whole=whole)
            found = slice_of(check.view, due)
        elif fault := self.bundles.faults.get(f"records/{self.id}/{bundles.BUNDLE}"):
            self.findings.error(Check.BUNDLES, fault, fault.where)
        return self._looked(check, slice=found, stone=check.stone, due=due)

    def _dumped(self) -> Looked:
        check = RecordCheck(self.site, self.id, self.below, self.findings)
        if "tombstone.yaml" in self.below:
            return self._looked(check, due=self._buried())
        check.run()
        due = () if check.view is None else entries_of(check.view, check.history_digests)
        return self._looked(check, due=due)

    def _looked(self, check: RecordCheck, **found: Any) -> Looked:  # noqa: ANN401 - what differs
        named = {"slice": None, "stone": None, **found}
        return Looked(
            id=self.id,
            numbers={
                number: (path, self.site.digests[path]) for number, path in check.numbers.items()
            },
            stated=self.stated,
            passes=dict(self.findings.passes),
            faults=tuple(self.findings.faults),
            open=tuple(self.findings.open),
            read={path: (one, self.site.sizes[path]) for path, one in self.site.digests.items()},
            **named,
        )

    def _buried(self) -> tuple[RecordLogged, ...]:
        """What the tombstone in a dump calls for in a log."""
        where = f"records/{self.id}/tombstone.yaml"
        found = self.site.find(where) or b""
        try:
            stone = load_tombstone(found, where)
        except RegistryError as error:
            self.findings.error(Check.CONTRACTS, error, where)
            return ()
        if stone.record != self.id:
            self.findings.fault(Check.CONTRACTS, where, f"is of {stone.record}")
            return ()
        self.findings.passed(Check.CONTRACTS)
        return removed_entries(stone, found)

    def _made_of(
        self, view: RecordView, due: Sequence[RecordLogged], names: frozenset[str], *, whole: bool
    ) -> None:
        """Check all that is made of the record, while its bundle is at hand."""
        if whole or "record.json" in names:
            publisher = self.terms.publisher
            self.stated = data.check_record_json(self.site, view, publisher, self.findings)
        else:
            where = f"records/{self.id}/record.json"
            self.findings.unknown(Check.DATA, where, "is not carried by this site")
        pages.check_page(self.site, view, self.findings)
        exports.check_exports(self.site, view, names, self.findings)
        self._links()
        path = f"records/{self.id}/{bundles.BUNDLE}"
        members = self.bundles.members(self.id)
        if self.terms.alone and members:
            self.site.find(path)  # so that it counts among what was read
        if path in self.bundles.faults:
            self.findings.error(Check.BUNDLES, self.bundles.faults[path], path)
        if not members:
            return
        bundle = BundleCheck(members, path, self.findings)
        licence = None if self.stated is None else self.stated.licence
        proof = bundle.run(view, licence, due)
        if proof is not None:
            bundle.published(proof, self.find_log)
        bundle.beside(self.id, self.below, self.site)

    def _links(self) -> None:
        """Look for the record's files that its page links to."""
        folder = f"records/{self.id}/"
        for name in bundles.linked_files(self.site.find(f"{folder}index.html") or b"", self.id):
            if name in self.below and not self.terms.alone:
                continue
            if self.terms.alone and self.bundles.has(folder + name):
                self.site.find(folder + name)
                continue
            where = f"{folder}{name}"
            self.findings.fault(Check.PAGES, where, "is missing, although the page links to it")
