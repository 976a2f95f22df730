"""The reader's check of an unpacked dump: a whole registry without its site."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import RegistryError, UsageError
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.contracts.log.seal import open_seal, parse_digest_list, seal_of
from sovereign_registry.verifier import logs, pinned
from sovereign_registry.verifier.earlier import check_extension
from sovereign_registry.verifier.files import Ledger
from sovereign_registry.verifier.findings import Check, Findings, Report
from sovereign_registry.verifier.looking import Looked, Task, Terms, look
from sovereign_registry.verifier.verify import GATE, KEY, SELF, TEXTS, TRUTH, UNLOGGED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sovereign_registry.contracts.log.entries import RecordLogged
    from sovereign_registry.verifier.files import Files
    from sovereign_registry.verifier.looking import Crew
    from sovereign_registry.verifier.verify import Known

SUMS, SEAL, README = "SHA256SUMS", "seal", "README.txt"
MARK = "manifests/registry.yaml"
SITE = "Anything about the site that was built of it: only the registry was checked."
UNSEALED = "That this is the publisher's dump: its list of digests is not signed."
_PLACE = "manifests/"
_PATH = re.compile(rf"records/({RECORD_ID_PATTERN.strip('^$')})/(.+)")


def is_dump(files: Files) -> bool:
    """Whether a folder is an unpacked dump."""
    return {SUMS, MARK} <= (files.names() or frozenset())


class Manifests:
    """What lies in a dump's ``manifests/``, by the paths that a site has.

    Args:
        files: The dump's folder.
    """

    def __init__(self, files: Files) -> None:
        self.where = files.where
        self._files = files

    def find(self, path: str) -> bytes | None:
        """As ``Files.find``."""
        return self._files.find(_PLACE + path)

    def names(self) -> frozenset[str] | None:
        """As ``Files.names``."""
        found = self._files.names() or frozenset()
        return frozenset(name.removeprefix(_PLACE) for name in found if name.startswith(_PLACE))


MADE = (".sovereign/", "output/")
"""Where ``build`` and its kin write in a registry: what they remember, and the site."""


def verify_dump(
    files: Files,
    *,
    record: str | None = None,
    known: Known | None = None,
    tick: Callable[[str, int, int], None] | None = None,
    crew: Crew | None = None,
) -> Report:
    """Check an unpacked dump.

    Args:
        files: Its folder.
        record: Check one record only, beside the list of digests.
        known: What the reader knows from elsewhere; an earlier site is not compared.
        tick: Told (what, done, total) as it goes.
        crew: Who looks at the records; by default they are looked at here, one after another.

    Raises:
        UsageError: the record is not there, or an earlier site is named.
        SiteFault: a file cannot be read at all.
    """
    if known is not None and known.earlier is not None:
        raise UsageError("--extends compares sites", where=files.where, todo="Use --checkpoint.")
    return _Dump(files, record, tick, crew).run(known)


class _Dump:
    def __init__(
        self,
        files: Files,
        record: str | None,
        tick: Callable[[str, int, int], None] | None,
        crew: Crew | None,
    ) -> None:
        self.files = files
        self.record = record
        self.tick = tick
        self.crew = crew
        self.findings = Findings()
        self.site = Ledger(Manifests(files))
        self.names = self.site.files.names() or frozenset()
        self.below: dict[str, set[str]] = {}
        self.broken: dict[str, dict[int, tuple[str, str]]] = {}
        """Records that cannot be read: number in the history -> path and digest of the file."""
        for name in self.names:
            found = _PATH.fullmatch(name)
            if found and record in (None, found[1]):
                self.below.setdefault(found[1], set()).add(found[2])
        if record is not None and not self.below:
            todo = "Name one of the folders in manifests/records/."
            raise UsageError(f"holds no record {record}", where=files.where, todo=todo)

    def run(self, known: Known | None) -> Report:
        due = self._records()
        log = logs.open_log(self.site, self.names, self.findings)
        if log is not None and self.record is None:
            logs.audit(log, self.findings)
            logs.compare(log, due, self.broken, self.findings)
        elif log is not None:
            for entries in due.values():
                logs.prove_record(log, entries, self.findings)
        key = None if known is None else known.public_key
        if known is not None and known.checkpoint is not None:
            check_extension(log, known.checkpoint, self.findings)
        if key is not None:
            pinned.check_pinned(log, key, self.findings)
        sealed = self._seal(log, self._sums())
        limits = [TRUTH, TEXTS, GATE, SITE]
        limits += [UNLOGGED] if log is None else [SELF]
        limits += [KEY] if log is not None and key is None else []
        limits += [] if sealed else [UNSEALED]
        return Report(
            site=self.files.where,
            record=self.record,
            records=len(self.below),
            files=len(self.files.names() or ()),
            bytes=self.site.bytes,
            log_origin=None if log is None else log.checkpoint.origin,
            log_size=None if log is None else log.checkpoint.size,
            log_keys=logs.key_names(log),
            checks=self.findings.lines(),
            faults=tuple(self.findings.faults),
            open=tuple(self.findings.open),
            limits=tuple(limits),
        )

    def _records(self) -> dict[str, tuple[RecordLogged, ...]]:
        due: dict[str, tuple[RecordLogged, ...]] = {}
        tasks = [Task(id=one, beside=frozenset(names)) for one, names in sorted(self.below.items())]
        for done, looked in enumerate(self._looks(tasks), start=1):
            self.site.take(looked.read)
            self.findings.take(looked.passes, looked.faults, looked.open)
            if looked.due:
                due[looked.id] = looked.due
            else:
                self.broken[looked.id] = looked.numbers
            if self.tick:
                self.tick("records", done, len(tasks))
        return due

    def _looks(self, tasks: Sequence[Task]) -> Iterator[Looked]:
        terms = Terms(dump=True)
        if self.crew is not None:
            yield from self.crew(terms, tasks)
            return
        for task in tasks:
            yield look(self.site.files, self.site.find, terms, task)

    def _sums(self) -> bytes:
        """Hash every file and compare with the list; the list's bytes."""
        data = self.files.find(SUMS) or b""
        try:
            listed = parse_digest_list(data, SUMS)
        except RegistryError as error:
            self.findings.error(Check.FILES, error, SUMS)
            return data
        names = (self.files.names() or frozenset()) - {SUMS, SEAL}
        for path in sorted(listed.keys() | (names - self._made(names - listed.keys()))):
            found = self.files.find(path)
            if path not in listed:
                self.findings.fault(Check.FILES, path, f"does not stand in {SUMS}")
            elif found is None:
                self.findings.fault(Check.FILES, path, f"is missing, although {SUMS} names it")
            elif hashlib.sha256(found).hexdigest() != listed[path]:
                self.findings.fault(Check.FILES, path, f"is not the file that {SUMS} names")
            else:
                self.findings.passed(Check.FILES)
        return data

    def _made(self, besides: frozenset[str]) -> frozenset[str]:
        """Files that commands wrote since into an unpacked dump; said, and not looked at.

        No archive holds ``.sovereign/``, so that a dump as it was got can hide nothing this way.
        """
        if not any(path.startswith(MADE[0]) for path in besides):
            return frozenset()
        made = frozenset(path for path in besides if path.startswith(MADE))
        what = f"{len(made)} files were written here since by this registry's own commands"
        todo = "They are no part of the dump, and were not looked at."
        self.findings.unknown(Check.FILES, " and ".join(MADE), what, todo)
        return made

    def _seal(self, log: logs.PublishedLog | None, listed: bytes) -> bool:
        note = self.files.find(SEAL)
        if note is None:
            self.findings.unknown(Check.SEAL, SEAL, f"is not there: {SUMS} is self-asserted")
            return False
        if log is None:
            self.findings.fault(Check.SEAL, SEAL, "is signed, and there is no log with its key")
            return False
        size = log.checkpoint.size
        try:
            seal = open_seal(note, log.ring.trusted(size))
        except RegistryError as error:
            self.findings.error(Check.SEAL, error, SEAL)
            return False
        if seal != seal_of(log.ring.origin, size, listed):
            what = f"does not stand for this {SUMS} beside this log"
            self.findings.fault(Check.SEAL, SEAL, what)
            return False
        self.findings.passed(Check.SEAL)
        return True
