"""The reader's check of a whole site, or of one record of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.contracts.log.seal import DIGESTS
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.log_records import removed_entries
from sovereign_registry.verifier import (
    alone,
    data,
    earlier,
    exports,
    home,
    listing,
    lists,
    logs,
    pages,
    pinned,
    searching,
)
from sovereign_registry.verifier.bundles import Bundled
from sovereign_registry.verifier.files import Ledger
from sovereign_registry.verifier.findings import Check, Findings, Report
from sovereign_registry.verifier.looking import Looked, Task, Terms, look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sovereign_registry.contracts.log.entries import RecordLogged
    from sovereign_registry.contracts.log.note import PublicKey
    from sovereign_registry.verifier.earlier import Earlier
    from sovereign_registry.verifier.files import Files
    from sovereign_registry.verifier.looking import Crew

_PATH = re.compile(rf"records/({RECORD_ID_PATTERN.strip('^$')})/(.+)")

TRUTH = "That a claim is true: numbers follow from their inputs, and no more is shown."
TEXTS = "That the published counts are those of the papers: their texts are not published here."
GATE = (
    "That a run or judgement of Gate 2 took place: its report is the publisher's word until "
    "somebody runs it again (`sovereign-registry gate try`)."
)
SELF = (
    "That you see what others see: the log is self-asserted until a witness or a timestamp stands "
    "behind it. Keep log/checkpoint, and name it with --checkpoint next time."
)
KEY = "Whose key it is: compare it with one that the publisher gave you in another place."
UNLOGGED = "That nothing was replaced or taken back: only a signed log can show that."
UNSEALED = "That these are the publisher's files: the digest list is not signed."
UNREAD = "That the site lists these files: for one record, its digest list and seal are not read."
WORDS = (
    "That the other words of the pages, and their scripts, are the publisher's: compared were "
    "title, headline, state, Gate 2 with its attempts, tier, level, score, ticks, the claims, and "
    "the totals of the first page. The rest stands in the digest list alone, which whoever can "
    "write files can write anew unless it is signed; and a page that checks itself shows what its "
    "own scripts say."
)
ONE = "Anything about the other records, lists and pages: only one record was checked."


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a reader knows from elsewhere, and the site has to agree with."""

    checkpoint: tuple[bytes, str] | None = None
    """An older checkpoint of the log that was kept, and its name in messages."""
    public_key: PublicKey | None = None
    """The key that the publisher gave the reader in another place."""
    earlier: Earlier | None = None
    """What was published before."""


def verify_site(
    files: Files,
    *,
    record: str | None = None,
    known: Known | None = None,
    tick: Callable[[str, int, int], None] | None = None,
    crew: Crew | None = None,
) -> Report:
    """Check a published site from its files alone.

    Args:
        files: The site.
        record: Check one record, and what of the log and the list concerns it.  Where files cannot
            be listed, neither the digest list nor the index of records is read.
        known: What the reader knows from elsewhere.
        tick: Told (what, done, total) as it goes.
        crew: Who looks at the records; by default they are looked at here, one after another.

    Raises:
        UsageError: there is no such site or record.
        SiteFault: a file cannot be read at all.
    """
    return _Verification(files, record, tick, crew).run(known or Known())


class _Verification:
    def __init__(
        self,
        files: Files,
        record: str | None,
        tick: Callable[[str, int, int], None] | None,
        crew: Crew | None,
    ) -> None:
        listable = files.names()
        self.alone = record is not None and listable is None
        """Whether one record is looked at without any list of the site."""
        self.bundles = Bundled(alone.Once(files) if self.alone else files)
        self.site = Ledger(self.bundles)
        self.record = record
        self.tick = tick
        self.crew = crew
        self.findings = Findings()
        self.listed: dict[str, str] = {}
        self.list_bytes = b""
        if record is not None and self.alone:
            below = alone.names_of(self.bundles, record)
            self.names = sorted(f"records/{record}/{name}" for name in below)
        else:
            self.listed, self.list_bytes = listing.read_list(self.site, self.findings)
            self.names = sorted({*self.listed, *(self.listed if listable is None else listable)})
            self.bundles.listed = self.listed
        self.log_names = listable
        self.log_files: dict[str, bytes | None] = {}
        self.below: dict[str, set[str]] = {}
        self.listed_below: dict[str, set[str]] = {}
        for name in self.names:
            found = _PATH.fullmatch(name)
            if found and (record is None or found[1] == record):
                self.below.setdefault(found[1], set()).add(found[2])
                if name in self.listed:
                    self.listed_below.setdefault(found[1], set()).add(name)
        # A site without records is one all the same if it says so itself, in index and list.
        if not self.below and (record or data.INDEX not in self.listed):
            raise self._nothing()
        if listable is not None:  # what only the list names is missing, which is said of it
            self.below = {
                one: {name for name in names if f"records/{one}/{name}" in listable}
                for one, names in self.below.items()
            }

    def _nothing(self) -> UsageError:
        """What to say where there is nothing to check: the id is wrong, or the place."""
        where, todo = self.site.files.where, "Name the folder or address of the site's index.html."
        if self.record is None:
            return UsageError("holds no record, so it is no such site", where=where, todo=todo)
        if self.site.find("index.html") is not None:
            todo = "Name a record's id, as it stands on its page and in records.json."
        return UsageError(f"holds no record {self.record}", where=where, todo=todo)

    def run(self, known: Known) -> Report:
        head, index = (None, b"") if self.alone else data.read_index(self.site, self.findings)
        checks = self._records(None if head is None else head.publisher)
        self._lists(checks, head, index)
        log = self._log(checks)
        self._known(known, checks, log)
        if self.alone:
            self.findings.unknown(Check.FILES, DIGESTS, "is not read for one record at an address")
        else:
            self._seal(log, known)
            self._files()
        return self._report(len(checks), log, known)

    def _seal(self, log: logs.PublishedLog | None, known: Known) -> None:
        key, before = known.public_key, known.earlier
        due = "" if key is None else "a key is named that must stand behind the site"
        if before is not None and before.seal is not None:
            due = f"{before.name} has one"
        size = 0 if log is None else log.checkpoint.size
        keys = () if log is None else log.ring.trusted(size)
        if log is not None and key is not None:
            related = pinned.lineage(log.ring, key)
            keys = tuple(found for found in keys if found in related)
        origin = None if log is None else log.ring.origin
        listing.check_seal(self.site, self.list_bytes, keys, (origin, size), self.findings, due=due)

    def _known(self, known: Known, checks: Sequence[Looked], log: logs.PublishedLog | None) -> None:
        """Compare the site with what the reader knows from elsewhere."""
        if known.checkpoint is not None:
            earlier.check_extension(log, known.checkpoint, self.findings)
        if known.public_key is not None:
            pinned.check_pinned(log, known.public_key, self.findings)
        if known.earlier is not None:
            now = earlier.Now(
                digests=self.site.digests,
                ids=frozenset(check.id for check in checks),
                heads={check.id: check.slice.heads for check in checks if check.slice},
                stones={check.id: check.stone for check in checks if check.stone is not None},
                log=log,
                record=self.record,
            )
            earlier.check_earlier(known.earlier, now, self.findings)

    def _records(self, publisher: str | None) -> list[Looked]:
        tasks = [
            Task(
                id=one,
                beside=frozenset(names),
                listed=frozenset(self.listed_below.get(one, ())),
            )
            for one, names in sorted(self.below.items())
        ]
        terms = Terms(publisher=publisher, alone=self.alone)
        found = []
        for done, looked in enumerate(self._looks(terms, tasks), start=1):
            self.site.take(looked.read)
            self.findings.take(looked.passes, looked.faults, looked.open)
            found.append(looked)
            if self.tick:
                self.tick("records", done, len(tasks))
        return found

    def _looks(self, terms: Terms, tasks: Sequence[Task]) -> Iterator[Looked]:
        if self.crew is not None and not self.alone:
            yield from self.crew(terms, tasks)
            return
        for task in tasks:
            yield look(self.bundles.files, self._of_log, terms, task)

    def _of_log(self, path: str) -> bytes | None:
        """A file of the published log, read once: every bundle is compared with it."""
        if path not in self.log_files:
            self.log_files[path] = self.bundles.files.find(path)
        return self.log_files[path]

    def _lists(self, checks: Sequence[Looked], head: data.Index | None, index: bytes) -> None:
        slices = [check.slice for check in checks if check.slice is not None]
        stated = [check.stated for check in checks if check.stated is not None]
        prefix = data.check_agreement(stated, self.findings)
        stones = [check.stone for check in checks if check.stone is not None]
        for stone in stones:
            pages.check_stone_page(self.site, stone, self.findings)
        if self.record is not None:
            for one in () if self.alone else slices:
                data.check_row(index, one.row, self.findings)
            return
        pages.check_schemas(self.site, self.findings)
        if len(slices) + len(stones) < len(checks):
            return  # a record cannot be read, which was said; the lists cannot be made again
        rows = data.newest_first(one.row for one in slices)
        if head is not None:
            data.check_index(head, index, rows, stones, self.findings)
        pages.check_feed(self.site, rows, stones, self.findings)
        changes = (change for one in slices for change in one.changes)
        exports.check_changes(self.site, changes, stones, self.findings)
        pages.check_sitemap(self.site, rows, prefix, self.findings)
        lists.check_lists(self.site, rows, slices, stones, self.names, self.findings)
        changed = sum(len(one.changes) for one in slices) + len(stones)
        home.check_home(self.site, rows, changed, self.findings)
        searching.check_search(self.site, rows, slices, self.findings)

    def _log(self, checks: Sequence[Looked]) -> logs.PublishedLog | None:
        log = logs.open_log(self.site, self.log_names, self.findings)
        if log is not None:
            due = {check.id: found for check in checks if (found := self._due(check))}
            if self.record is None:
                logs.audit(log, self.findings)
                broken = {check.id: check.numbers for check in checks if check.id not in due}
                logs.compare(log, due, broken, self.findings)
            else:
                for entries in due.values():
                    logs.prove_record(log, entries, self.findings)
        return log

    def _due(self, check: Looked) -> tuple[RecordLogged, ...]:
        if check.stone is not None:
            # The tombstone's file is its canonical form, so that it can be written again.
            return removed_entries(check.stone, emit(check.stone))
        return check.due

    def _files(self) -> None:
        names: Iterable[str] = self.names
        if self.record is not None:
            folder = f"records/{self.record}/"
            names = [name for name in self.names if name.startswith(folder) or name == data.INDEX]
        elif not self.listed and self.list_bytes:
            return  # the list cannot be read, which was said
        report = self.tick

        def tick(done: int, total: int) -> None:
            if report is not None:
                report("files", done, total)

        if self.listed:
            listing.check_files(self.site, self.listed, list(names), self.findings, tick)

    def _report(self, records: int, log: logs.PublishedLog | None, known: Known) -> Report:
        sealed = bool(self.findings.passes[Check.SEAL])
        limits = [TRUTH, TEXTS, GATE]
        limits += [UNLOGGED] if log is None else [SELF]
        limits += [KEY] if log is not None and known.public_key is None else []
        limits += [UNREAD] if self.alone else [] if sealed else [UNSEALED]
        limits += [ONE] if self.record else [WORDS]
        return Report(
            site=self.site.files.where,
            record=self.record,
            records=records,
            files=len(self.site.digests),
            bytes=self.site.bytes,
            log_origin=None if log is None else log.checkpoint.origin,
            log_size=None if log is None else log.checkpoint.size,
            log_keys=logs.key_names(log),
            checks=self.findings.lines(),
            faults=tuple(self.findings.faults),
            open=tuple(self.findings.open),
            limits=tuple(limits),
        )
