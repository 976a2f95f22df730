"""The log and the reader's check against loops that only hash the same bytes.

What is measured is what a publisher and a reader run: ``log append``, ``log prove`` and ``verify``
as commands, one proof checked within a process, and the bytes that a reader downloads to check one
record, counted by a server on this machine.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.genuine import write_registry
from benchmarks.measure import Case, alternate, measure
from benchmarks.results import Figure, Part, ratio, say
from benchmarks.site import COMMAND, nothing, remove
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.log.merkle import node_hash
from sovereign_registry.contracts.log.proofs import parse_record_proof, verify_record_proof
from sovereign_registry.store import Registry
from sovereign_registry.store.log_files import LogFiles
from sovereign_registry.store.log_reader import LogReader
from sovereign_registry.wiring.history import Request, add
from sovereign_registry.wiring.log import new_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOAL_KB = 100.0
"""Of the log, what a reader of one record may have to download: kilobytes, not the log."""
PROOFS = 300
FLOOR = "a loop that hashes the same files"
SUMS = "sha256sum -c digests.txt"


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class _Server(ThreadingHTTPServer):
    """Serves a folder on this machine and counts what it hands out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent: dict[str, int] = {}
        self.asked = 0
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        path = self.server.folder / name
        self.server.asked += 1
        data = path.read_bytes() if path.is_file() else None
        self.send_response(404 if data is None else 200)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        if data is not None:
            self.wfile.write(data)
            self.server.sent[name] = self.server.sent.get(name, 0) + len(data)

    def log_message(self, *_: object) -> None:
        """Say nothing: standard error holds the progress."""


class LogBench:
    """One registry of records that pass every check, its log and its sealed site.

    Args:
        folder: A scratch folder.
        records: How many records.
        runs: How often each command is run.
    """

    def __init__(self, folder: Path, records: int, runs: int) -> None:
        self.records, self.runs = records, runs
        self.root = folder / f"logged-{records}"
        self.key = folder / f"log-{records}.key"
        self.output = self.root / "output"
        say(f"log: writing {records:,} records that pass every check")
        self.ids = write_registry(self.root, records)
        self._noted = 0

    @property
    def registry(self) -> Registry:
        """Opened anew, as every command does."""
        return Registry(self.root)

    def _command(self, *arguments: str) -> tuple[str, ...]:
        return (*COMMAND, *arguments, "--registry", str(self.root))

    def _append(self) -> tuple[str, ...]:
        return self._command("log", "append", "--key", str(self.key))

    def _start(self, _: int) -> None:
        remove(self.registry.manifests / "log")
        new_key(self.registry, self.key, note="A key to measure with.")

    def _note(self, _: int) -> None:
        """Add one entry to a record that had none measured yet."""
        identity = self.ids[(7 * self._noted + 3) % self.records]
        self._noted += 1
        asked = Request(event=Event.ADDENDUM, by="editor", note=f"Note {self._noted}.")
        add(self.registry, identity, asked)

    def _floor(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "benchmarks.floor", "hash", str(self.registry.records))

    def append(self) -> Part:
        """All entries in one append, then one more; the floor reads and hashes the same files."""
        every, one = "log append, everything", "log append, one entry more"
        floor = Case(name=FLOOR, command=self._floor(), prepare=nothing)
        whole = Case(name=every, command=self._append(), prepare=self._start)
        costs = alternate([whole, floor], self.runs, say)
        costs |= alternate([Case(name=one, command=self._append(), prepare=self._note)], self.runs)
        hashed = costs[FLOOR].middle("wall")
        return Part(
            name=f"Log, {self.records:,} records, {self._entries():,} entries",
            figures=[
                ratio(f"wall, {every} / {FLOOR}", costs[every].middle("wall"), hashed),
                ratio(f"wall, {one} / {FLOOR}", costs[one].middle("wall"), hashed),
                Figure(name="the log on the disk", measured=self._log_bytes() / 1e6, unit="MB"),
            ],
            costs=list(costs.values()),
        )

    def _entries(self) -> int:
        return LogReader(self.registry).size

    def _log_bytes(self) -> int:
        return _size(LogFiles(self.registry).folder)

    def prove(self) -> Part:
        """Make one proof by command; check one within a process, beside its hashes alone."""
        identity = self.ids[0]
        name = "log prove"
        command = self._command("log", "prove", identity)
        costs = alternate([Case(name=name, command=command, prepare=nothing)], self.runs, say)
        text = measure(command)[1].decode()
        reader = LogReader(self.registry)
        proof = parse_record_proof(text)
        hashes = [*proof.heads.proof, *proof.shard_proof]
        hashes += [one for entry in proof.entries for one in entry.proof]

        def check() -> None:
            verify_record_proof(proof, reader.ring.origin, reader.signers)

        def bare() -> None:
            reader.signers[0].signed(signed, bytes(64))
            for _ in hashes:
                node_hash(leaf, leaf)

        signed, leaf = proof.checkpoint.encode(), hashlib.sha256(b"").digest()
        ours, least = _seconds(check), _seconds(bare)
        return Part(
            name=f"One proof, {self.records:,} records",
            figures=[
                Figure(name="checked within a process", measured=ours * 1e3, unit="ms"),
                ratio("wall, a proof / one signature and its hashes", ours, least),
                Figure(name="size of the proof file", measured=len(text) / 1e3, unit="kB"),
            ],
            costs=list(costs.values()),
        )

    def _publish(self) -> None:
        say("log: building and sealing the site")
        site = ("--output", str(self.output))
        measure(self._append())
        measure(self._command("build", *site, "--quiet"))
        measure(self._command("log", "seal", "--key", str(self.key), *site))

    def verify(self) -> Part:
        """The whole site, in its folder; the peer hashes every file of the digest list, no more."""
        self._publish()
        name = "verify, the whole site"
        ours = (*COMMAND, "verify", str(self.output), "--quiet")
        theirs = ("sh", "-c", 'cd "$1" && sha256sum --quiet -c digests.txt', "sh", str(self.output))
        cases = [
            Case(name=name, command=ours, prepare=nothing),
            Case(name=SUMS, command=theirs, prepare=nothing),
        ]
        costs = alternate(cases, self.runs, say)
        wall = costs[name].middle("wall")
        return Part(
            name=f"Verify, {self.records:,} records",
            figures=[
                ratio(f"wall, verify / {SUMS}", wall, costs[SUMS].middle("wall")),
                Figure(
                    name="records a second",
                    measured=self.records / wall,
                    unit="1/s",
                    better="higher",
                ),
                Figure(name="the site", measured=_size(self.output) / 1e6, unit="MB"),
            ],
            costs=list(costs.values()),
        )

    def one(self) -> Part:
        """One record: in the folder, and from an address with what a reader downloads for it."""
        identity = self.ids[0]
        folder, address = "verify --record, from the folder", "verify --record, from an address"
        server = _Server(self.output)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        place = f"http://127.0.0.1:{server.server_address[1]}/"
        option = ("--record", identity, "--quiet")
        cases = [
            Case(
                name=folder,
                command=(*COMMAND, "verify", str(self.output), *option),
                prepare=nothing,
            ),
            Case(name=address, command=(*COMMAND, "verify", place, *option), prepare=nothing),
        ]
        try:
            costs = alternate(cases, self.runs, say)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
        sent = {path: size // self.runs for path, size in server.sent.items()}
        log = sum(size for path, size in sent.items() if path.startswith("log/"))
        return Part(
            name=f"Verify one record of {self.records:,}",
            figures=[
                Figure(name="downloaded in all", measured=sum(sent.values()) / 1e3, unit="kB"),
                Figure(name="of it, of the log", measured=log / 1e3, unit="kB", goal=GOAL_KB),
                ratio("bytes of the log, downloaded / all", log, _size(self.output / "log")),
                Figure(name="requests", measured=server.asked / self.runs),
            ],
            costs=list(costs.values()),
            notes=list(_largest(sent)),
        )

    def parts(self) -> list[Part]:
        """Everything, in the order in which it builds on one another."""
        return [self.append(), self.prove(), self.verify(), self.one()]

    def remove(self) -> None:
        """Give the disk back."""
        remove(self.root)
        self.key.unlink(missing_ok=True)


def _seconds(call: object) -> float:
    """The median time of a call."""
    taken = []
    for _ in range(PROOFS):
        start = perf_counter()
        call()  # type: ignore[operator]
        taken.append(perf_counter() - start)
    return median(taken)


def _largest(sent: dict[str, int]) -> Iterator[str]:
    """What was downloaded, file by file, the largest first."""
    for path, size in sorted(sent.items(), key=lambda one: (-one[1], one[0])):
        yield f"{size / 1e3:8.1f} kB  {path}"
