"""Whether the search finds every record by its words, and shows each hit in its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts import search_words
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules.states_v1 import SHOWS
from sovereign_registry.verifier.findings import Check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings
    from sovereign_registry.verifier.slices import Slice

HEAD = "search/index.json"
BLOCK = 64
BEHIND = "The search would not show a record, or not as it stands: browse the lists instead."


def _hit(row: dict[str, Any]) -> list[Any]:
    title = f"{row['title']} […]" if row["title_cut"] else row["title"]
    names = ("published", "record_state", "gate", "paper_level", "verified", "claims", "score")
    return [row["id"], title, *(row[name] for name in names)]


def _file(start: str) -> str:
    if not start.isascii():
        return "x-" + "-".join(f"{ord(one):x}" for one in start) + ".json"
    return "x-all.json" if start == "all" else f"{start or 'all'}.json"


def words_of(record: Manifest) -> tuple[set[str], set[str]]:
    """The words of a record's title, question and id, and those that its claims add."""
    texts = (record.work.title, record.question.text, record.id.rpartition("-")[2])
    named = set(search_words.distinct(texts))
    return named, set(search_words.distinct(claim.text for claim in record.claims)) - named


def _due(slices: Sequence[Slice]) -> dict[str, list[int]]:
    """Word -> steps from place to place, as the files of words have them."""
    found: dict[str, list[int]] = {}
    for number, one in enumerate(slices):
        for word in one.named:
            found.setdefault(word, []).append(2 * number + 1)
        for word in one.claimed:
            found.setdefault(word, []).append(2 * number)
    return {
        word: [at - before for before, at in zip([0, *places], places, strict=False)]
        for word, places in found.items()
    }


def check_search(
    site: Ledger,
    rows: Sequence[dict[str, Any]],
    slices: Sequence[Slice],
    findings: Findings,
) -> None:
    """Compare the search index with the words of the records.

    Args:
        site: The site.
        rows: What ``records.json`` has to say of each record, newest first.
        slices: What the search needs of the records, in any order.
        findings: Where to say what comes of it.
    """
    before = len(findings.faults)
    try:
        _check(site, list(reversed(rows)), {one.id: one for one in slices}, findings)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        findings.fault(Check.LISTS, HEAD, f"cannot be read: {error}")
    except (LookupError, TypeError, AttributeError) as error:
        findings.fault(Check.LISTS, HEAD, f"is no index of words: {error}")
    if len(findings.faults) == before:
        findings.passed(Check.LISTS)


def _json(site: Ledger, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a file.

    Raises:
        LookupError: there is none.
    """
    data = site.find(path)
    if data is None:
        raise LookupError(f"{path} is missing")
    return msgspec.json.decode(data)


def _check(
    site: Ledger,
    rows: list[dict[str, Any]],
    slices: dict[str, Slice],
    findings: Findings,
) -> None:
    head = _json(site, HEAD)
    last = [
        number
        for number, row in enumerate(rows)
        if not SHOWS[RecordState(row["record_state"])].rely
    ]
    stated = {
        "records": len(rows),
        "block": BLOCK,
        "longest": search_words.LONGEST,
        "stop": list(search_words.STOP),
        "folds": search_words.FOLDS,
        "undone": last,
    }
    for name, value in stated.items():
        if head[name] != value:
            findings.fault(Check.LISTS, HEAD, f"states another {name!r} than is due", BEHIND)
    for place in range(0, len(rows), BLOCK):
        path = f"search/records/{place // BLOCK}.json"
        wanted = msgspec.json.decode(
            msgspec.json.encode([_hit(row) for row in rows[place : place + BLOCK]])
        )
        if _json(site, path) != wanted:
            findings.fault(Check.LISTS, path, "does not show its records as they stand", BEHIND)
    due = _due([slices[str(row["id"])] for row in rows])
    for start in head["starts"]:
        path = f"search/terms/{_file(start)}"
        for word, steps in _json(site, path).items():
            if not word.startswith(start) or due.pop(word, None) != steps:
                findings.fault(Check.LISTS, path, f"does not say where {word!r} stands", BEHIND)
    if due:
        some = ", ".join(sorted(due)[:5])
        findings.fault(Check.LISTS, HEAD, f"leaves out {len(due)} words: {some}", BEHIND)
