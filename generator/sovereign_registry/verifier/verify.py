"""The reader's check of a whole site, or of one record of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.log_records import entries_of, removed_entries
from sovereign_registry.verifier import data, exports, listing, logs, pages
from sovereign_registry.verifier.files import Ledger
from sovereign_registry.verifier.findings import Check, Findings, Report
from sovereign_registry.verifier.records import RecordCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sovereign_registry.contracts.log.entries import RecordLogged
    from sovereign_registry.verifier.files import Files

_PATH = re.compile(rf"records/({RECORD_ID_PATTERN.strip('^$')})/(.+)")

TRUTH = "That a claim is true: numbers follow from their inputs, and no more is shown."
TEXTS = "That the published counts are those of the papers: their texts are not published here."
SELF = (
    "That you see what others see: the log is self-asserted until a witness or a timestamp stands "
    "behind it. Keep log/checkpoint, and name it with --checkpoint next time."
)
KEY = "Whose key it is: compare it with one that the publisher gave you in another place."
UNLOGGED = "That nothing was replaced or taken back: only a signed log can show that."
UNSEALED = "That these are the publisher's files: the digest list is not signed."
WORDS = "That a page says nothing besides: only the digest list covers all of its words."
ONE = "Anything about the other records, lists and pages: only one record was checked."


def verify_site(
    files: Files,
    *,
    record: str | None = None,
    checkpoint: tuple[bytes, str] | None = None,
    tick: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Check a published site from its files alone.

    Args:
        files: The site.
        record: Check one record, and what of the log and the list concerns it.
        checkpoint: An older checkpoint of the log that the reader kept, and its name in messages.
        tick: Told (what, done, total) as it goes.

    Raises:
        UsageError: there is no such site or record.
        SiteFault: a file cannot be read at all.
    """
    return _Verification(files, record, tick).run(checkpoint)


class _Verification:
    def __init__(
        self, files: Files, record: str | None, tick: Callable[[str, int, int], None] | None
    ) -> None:
        self.site = Ledger(files)
        self.record = record
        self.tick = tick
        self.findings = Findings()
        self.listed, self.list_bytes = listing.read_list(self.site, self.findings)
        listable = files.names()
        self.log_names = listable
        self.names = sorted({*self.listed, *(self.listed if listable is None else listable)})
        self.below: dict[str, set[str]] = {}
        for name in self.names:
            found = _PATH.fullmatch(name)
            if found and (record is None or found[1] == record):
                self.below.setdefault(found[1], set()).add(found[2])
        if not self.below:
            raise UsageError(
                f"holds no record {record}" if record else "holds no record, so it is no such site",
                where=files.where,
                todo="Name the folder or address in which the site's index.html stands.",
            )
        if listable is not None:  # what only the list names is missing, which is said of it
            self.below = {
                one: {name for name in names if f"records/{one}/{name}" in listable}
                for one, names in self.below.items()
            }

    def run(self, checkpoint: tuple[bytes, str] | None) -> Report:
        checks = list(self._records())
        self._lists(checks)
        log = self._log(checks, checkpoint)
        listing.check_seal(
            self.site,
            self.list_bytes,
            None if log is None else log.ring,
            None if log is None else log.checkpoint.size,
            self.findings,
        )
        self._files()
        return self._report(len(checks), log)

    def _records(self) -> Iterable[RecordCheck]:
        for done, (record_id, names) in enumerate(sorted(self.below.items()), start=1):
            check = RecordCheck(self.site, record_id, names, self.findings)
            check.run()
            yield check
            if self.tick:
                self.tick("records", done, len(self.below))

    def _lists(self, checks: Sequence[RecordCheck]) -> None:
        views = [one.view for one in checks if one.view is not None]
        head, index = data.read_index(self.site, self.findings)
        publisher = None if head is None else head.publisher
        stated = [
            found
            for view in views
            if (found := data.check_record_json(self.site, view, publisher, self.findings))
        ]
        prefix = data.check_agreement(stated, self.findings)
        for view in views:
            pages.check_page(self.site, view, self.findings)
            exports.check_exports(self.site, view, self.below[view.record.id], self.findings)
        stones = [one.stone for one in checks if one.stone is not None]
        for stone in stones:
            pages.check_stone_page(self.site, stone, self.findings)
        if self.record is not None:
            for view in views:
                data.check_row(index, view, self.findings)
            return
        pages.check_schemas(self.site, self.findings)
        if len(views) + len(stones) < len(checks):
            return  # a record cannot be read, which was said; the lists cannot be made again
        rows = data.newest_first(views)
        if head is not None:
            data.check_index(head, index, rows, stones, self.findings)
        pages.check_feed(self.site, rows, stones, self.findings)
        exports.check_changes(self.site, views, stones, self.findings)
        pages.check_sitemap(self.site, rows, prefix, self.findings)
        pages.check_lists(self.site, rows, self.names, self.findings)

    def _log(
        self, checks: Sequence[RecordCheck], checkpoint: tuple[bytes, str] | None
    ) -> logs.PublishedLog | None:
        log = logs.open_log(self.site, self.log_names, self.findings)
        if log is not None:
            due = {one.id: found for one in checks if (found := self._due(one))}
            if self.record is None:
                logs.audit(log, self.findings)
                broken = {one.id for one in checks} - due.keys()
                logs.compare(log, due, broken, self.findings)
            else:
                for entries in due.values():
                    logs.prove_record(log, entries, self.findings)
        if checkpoint is not None:
            logs.check_extension(log, checkpoint, self.findings)
        return log

    def _due(self, check: RecordCheck) -> tuple[RecordLogged, ...]:
        if check.stone is not None:
            # The tombstone's file is its canonical form, so that it can be written again.
            return removed_entries(check.stone, emit(check.stone))
        if check.view is None:
            return ()
        return entries_of(check.view, check.history_digests)

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

    def _report(self, records: int, log: logs.PublishedLog | None) -> Report:
        sealed = bool(self.findings.passes[Check.SEAL])
        limits = [TRUTH, TEXTS]
        limits += [UNLOGGED] if log is None else [SELF, KEY]
        limits += [] if sealed else [UNSEALED]
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
