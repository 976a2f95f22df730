"""One record's proof: complete, small, and refused after any change."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.log.checkpoint import Checkpoint
from sovereign_registry.contracts.log.entries import (
    HeadsLogged,
    HistoryLogged,
    LogEntry,
    ManifestLogged,
    decode_entry,
    encode_entry,
)
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.heads import HeadsBuilder, digits_for, shard_name
from sovereign_registry.contracts.log.merkle import Tree, inclusion_proof, leaf_hash
from sovereign_registry.contracts.log.note import PrivateKey, b64, sign
from sovereign_registry.contracts.log.proofs import (
    EntryProof,
    RecordProof,
    parse_record_proof,
    verify_record_proof,
)

KEY = PrivateKey("example.org/log", b"\x07" * 32)
ORIGIN = KEY.public.name


def digest(text: str) -> str:
    """Any digest."""
    return hashlib.sha256(text.encode()).hexdigest()


def name(number: int) -> str:
    """The id of a numbered record."""
    return f"sr-2605-{number:08d}"


def manifest(number: int) -> ManifestLogged:
    """A manifest's entry."""
    return ManifestLogged(
        id=name(number),
        content_sha256=digest(f"{number}c"),
        file_sha256=digest(f"{number}f"),
        time="2026-05-28T00:00:00Z",
    )


def history(number: int, sequence: int) -> HistoryLogged:
    """A history entry's entry."""
    return HistoryLogged(
        id=name(number),
        sequence=sequence,
        content_sha256=digest(f"{number}-{sequence}c"),
        file_sha256=digest(f"{number}-{sequence}f"),
        time="2026-06-01T10:00:00Z",
    )


def proof_of(record: int, entries: list[LogEntry]) -> RecordProof:
    """What a log of these entries and their heads gives for a record."""
    heads = HeadsBuilder()
    for entry in entries:
        heads.add(entry)
    index = heads.index()
    data = [encode_entry(entry) for entry in (*entries, index.entry)]
    tree = Tree([leaf_hash(entry) for entry in data])
    proofs = [
        EntryProof(
            index=at,
            entry=entry.decode(),
            proof=tuple(map(b64, inclusion_proof(tree.hash, at, tree.size))),
        )
        for at, entry in enumerate(data)
        if name(record).encode() in entry or at == tree.size - 1
    ]
    shard = int(shard_name(name(record), index.digits), 16)
    checkpoint = Checkpoint(origin=ORIGIN, size=tree.size, root=tree.root())
    return RecordProof(
        id=name(record),
        entries=tuple(proofs[:-1]),
        heads=proofs[-1],
        shard=index.shards[shard].decode(),
        shard_proof=tuple(map(b64, inclusion_proof(index.tree.hash, shard, 16**index.digits))),
        checkpoint=sign(checkpoint.text(), KEY),
    )


ENTRIES: list[LogEntry] = [manifest(1), manifest(2), history(1, 1), manifest(3), history(1, 2)]
PROOF = proof_of(1, ENTRIES)


def test_a_whole_proof_gives_the_records_entries() -> None:
    """All three, the newest last, under the signed checkpoint."""
    proven = verify_record_proof(PROOF, ORIGIN, [KEY.public])
    assert (manifest(1), history(1, 1), history(1, 2)) == proven.entries
    assert 6 == proven.checkpoint.size
    assert (KEY.public,) == proven.signers


def test_the_file_form_comes_back() -> None:
    """A C2SP tlog-proof whose index is the heads'."""
    text = PROOF.tlog_proof()
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra ")
    assert "\nindex 5\n" in text
    assert PROOF == parse_record_proof(text)


def test_hiding_the_newest_entry_is_refused() -> None:
    """The index of heads names it."""
    hidden = msgspec.structs.replace(PROOF, entries=PROOF.entries[:-1])
    with pytest.raises(LogFault, match=r"entry 1 .* is not its newest: 2 is"):
        verify_record_proof(hidden, ORIGIN, [KEY.public])


def test_an_older_index_of_heads_is_refused() -> None:
    """Only the log's last entry says what is newest."""
    heads = HeadsLogged(shards=16, records=1, root_sha256=digest("x"))
    entries: list[LogEntry] = [manifest(1), heads]
    proof = proof_of(1, [*entries, history(1, 1)])
    older = msgspec.structs.replace(proof, heads=proof.entries[0])
    with pytest.raises(LogFault, match="last entry is not the index"):
        verify_record_proof(older, ORIGIN, [KEY.public])


@pytest.mark.parametrize(
    "change",
    [
        {"entries": PROOF.entries[1:]},
        {"entries": PROOF.entries[::-1]},
        {"entries": ()},
        {"id": name(2)},
        {"shard": PROOF.shard.replace(digest("1-2c"), digest("1-1c"))},
        {"shard_proof": PROOF.shard_proof[1:]},
        {"shard_proof": ("AAAA",)},
        {"checkpoint": PROOF.checkpoint.replace("\n6\n", "\n5\n")},
        {"checkpoint": proof_of(1, ENTRIES[:-1]).checkpoint},
        {"heads": proof_of(1, ENTRIES[:-1]).heads},
    ],
)
def test_a_changed_part_is_refused(change: dict[str, Any]) -> None:
    """Dropped, reordered, replaced or taken from an older state."""
    with pytest.raises(LogFault):
        verify_record_proof(msgspec.structs.replace(PROOF, **change), ORIGIN, [KEY.public])


def test_a_proof_of_another_registry_is_refused() -> None:
    """By its name, although the signature is good."""
    with pytest.raises(LogFault, match=r"not example\.net/log"):
        verify_record_proof(PROOF, "example.net/log", [KEY.public])


@given(st.data())
def test_any_changed_byte_of_the_file_is_refused(data: st.DataObject) -> None:
    """Wherever it stands, base64 included."""
    text = PROOF.tlog_proof()
    at = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[at]))
    with pytest.raises(LogFault):
        verify_record_proof(
            parse_record_proof(text[:at] + byte + text[at + 1 :]), ORIGIN, [KEY.public]
        )


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(0, 9))
def test_every_logged_record_is_provable_and_no_other(order: list[int], record: int) -> None:
    """Any interleaving of records, without false alarm."""
    counts: dict[int, int] = {}
    entries: list[LogEntry] = []
    for number in order:
        counts[number] = counts.get(number, -1) + 1
        entries.append(history(number, counts[number]) if counts[number] else manifest(number))
    proof = proof_of(record, entries)
    if record in counts:
        assert counts[record] + 1 == len(verify_record_proof(proof, ORIGIN, [KEY.public]).entries)
    else:
        with pytest.raises(LogFault, match="no entry of"):
            verify_record_proof(proof, ORIGIN, [KEY.public])


@given(st.lists(st.integers(0, 2000), unique=True, max_size=60), st.integers(0, 60))
def test_an_index_made_in_steps_is_that_of_one_step(numbers: list[int], cut: int) -> None:
    """Keeping unchanged shards changes nothing."""
    steps, once = HeadsBuilder(), HeadsBuilder()
    for at, number in enumerate(numbers):
        if at == cut:
            steps.index()
        steps.add(manifest(number))
        once.add(manifest(number))
    assert once.index().files() == steps.index().files()


def test_shards_stay_small() -> None:
    """16 up to 1,024 records, 256 up to 16,384, 4,096 beyond."""
    assert [1, 1, 2, 2, 3] == [digits_for(count) for count in (0, 1024, 1025, 16_384, 16_385)]


def test_the_index_changes_its_shards_when_it_grows() -> None:
    """The step from 16 to 256 shards keeps every head."""
    heads = HeadsBuilder()
    for number in range(1024):
        heads.add(manifest(number))
    assert 16 == len(heads.index().shards)
    heads.add(manifest(1024))
    grown = heads.index()
    assert 256 == len(grown.shards)
    assert 1025 == b"".join(grown.shards).count(b'"id"')


def test_a_gap_in_a_records_entries_is_refused() -> None:
    """Neither skipped nor doubled."""
    heads = HeadsBuilder()
    heads.add(manifest(1))
    for wrong in (history(1, 2), manifest(1), history(2, 1)):
        with pytest.raises(LogFault, match="is due"):
            heads.add(wrong)


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[" * 2000,
        encode_entry(manifest(1)) + b" ",
        encode_entry(manifest(1)).replace(b'"kind":"manifest"', b'"kind":"other"'),
        encode_entry(manifest(1)).replace(b'"sequence":0', b'"sequence":1'),
        encode_entry(history(1, 1)).replace(b'"contract":"log-entry-v1",', b""),
        encode_entry(history(1, 1)).replace(b"sr-2605", b"../2605"),
    ],
)
def test_only_canonical_bytes_are_an_entry(data: bytes) -> None:
    """Anything else is refused before it is used."""
    with pytest.raises(LogFault):
        decode_entry(data)
