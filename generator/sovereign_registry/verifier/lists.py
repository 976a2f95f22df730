"""Whether every list for people holds the records that are due, in order and in their states.

Which lists there are is worked out from the records once more: a record that is left out of the
list of the retracted ones, or a count that is too small, is a fault.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from decimal import Decimal
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, Any

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.documents import words
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.papers import key_of
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.markup import state_word
from sovereign_registry.verifier.pages import BEHIND, shown, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings
    from sovereign_registry.verifier.slices import Slice

Row = dict[str, Any]

CAP = 500
"""Rows after which the orders of a facet other than newest first stop."""
SOURCES = ("corpus", "arxiv", "snapshot", "import")
_LISTS = re.compile(
    r"index\.html|records/(?:(?:oldest|score)/)?(?:page/\d+/)?index\.html"
    r"|(?:browse|sources)/(?:.+/)?index\.html"
)
_ITEM = re.compile(r"<li\b([^>]*)>(.*?)</li>", re.DOTALL)
_HREF = re.compile(r"href=\"([^\"#?]+)\"")
_RECORD = re.compile(r"records/(sr-\d{4}-[0-9a-z]{8})/")
_FACET = re.compile(r"browse/([a-z]+/[^/]+)/")
_COUNT = re.compile(r"href=\"([^\"#?]+)\"[^>]*>[^<]*</a></th>\s*<td[^>]*>([\d,]+)</td>")
_PAGE = re.compile(r"(?:page/(\d+)/)?index\.html")


def _target(path: str, href: str) -> str:
    """The path within the site that a relative link on a page leads to."""
    found = normpath(f"{dirname(path)}/{href}" if dirname(path) else href)
    return f"{found}/" if href.endswith(("/", "..", ".")) else found


def slug(value: str) -> str:
    """A facet's word as it stands in an address."""
    return value.lower().replace("_", "-") if value.isupper() else value


def _words(row: Row) -> Iterator[str]:
    """Every list below ``browse/`` that has to hold a record."""
    yield f"tier/{slug(str(row['tier']))}"
    yield f"gate/{slug(str(row['gate']))}"
    yield f"level/{row['paper_level']}"
    yield f"state/{slug(str(row['record_state']))}"
    yield f"year/{row['published'][:4]}"
    yield from (f"topic/{one}" for one in row["topics"] or ("none",))
    yield f"source/{row['source']}"


def due_lists(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Every list below ``browse/`` with the records that it has to hold, newest first."""
    fixed = [("tier", Tier), ("gate", GateStatus), ("state", RecordState)]
    names = [f"{name}/{slug(one.value)}" for name, members in fixed for one in members]
    names += [f"level/{level}" for level in range(8)] + [f"source/{one}" for one in SOURCES]
    found: dict[str, list[Row]] = {name: [] for name in names if name != "state/removed"}
    for row in rows:
        for name in _words(row):
            found.setdefault(name, []).append(row)
    return found


def _orders(rows: Sequence[Row], cap: int | None) -> Iterator[tuple[str, list[str]]]:
    """(folder, ids) of a list in each of its orders."""
    ids = [str(row["id"]) for row in rows]
    yield "", ids
    if len(ids) < (1 if cap is None else 2):
        return
    yield "oldest/", ids[::-1][:cap]
    scored = [(Decimal(-1 if row["score"] is None else row["score"]), row["id"]) for row in rows]
    yield (
        "score/",
        [str(one) for _, one in sorted(scored, key=lambda one: one[0], reverse=True)][:cap],
    )


class _Lists:
    """All list pages of a site, as they were read."""

    def __init__(
        self,
        site: Ledger,
        rows: Sequence[Row],
        stones: Sequence[Tombstone],
        names: Sequence[str],
        findings: Findings,
    ) -> None:
        self.findings = findings
        self.rows = {str(one["id"]): one for one in rows}
        self.stones = {one.record for one in stones}
        self.shows: dict[str, list[str]] = {}
        self.pages: dict[str, str] = {}
        for path in sorted({*filter(_LISTS.fullmatch, names), "index.html", "records/index.html"}):
            data = site.find(path)
            if data is None:
                findings.fault(Check.PAGES, path, "is missing")
                continue
            self.pages[path] = data.decode("utf-8", "replace")
            before = len(findings.faults)
            self.shows[path] = list(self._items(path))
            if len(findings.faults) == before:
                findings.passed(Check.PAGES)

    def _items(self, path: str) -> Iterator[str]:
        for attributes, item in _ITEM.findall(self.pages[path]):
            link = _HREF.search(item)
            found = _RECORD.fullmatch(_target(path, link[1])) if link else None
            if found is not None:
                entry = "entry" in attributes
                self._check_item(path, item, found[1], entry=entry)
                if not entry:
                    yield found[1]

    def _check_item(self, path: str, item: str, record_id: str, *, entry: bool) -> None:
        """One record in a list; an entry of the newest corrections names no verdict."""
        one, text = self.rows.get(record_id), shown(item.encode())
        if one is None:
            removed = record_id in self.stones
            if not removed:
                self._fault(path, f"lists {record_id}, which is no record of this site")
            elif "Removed" not in text:
                self._fault(path, f"does not show that {record_id} was removed")
            return
        due = [("title", one["title"])]
        if not entry:
            due.append(("gate", words.GATE_LABELS[one["gate"]]))
        if one["record_state"] != "CURRENT":
            due.append(("state", state_word(one["record_state"])))
        for what, value in due:
            if squeeze(value) not in text:
                self._fault(path, f"does not show the {what} of {record_id}")

    def _fault(self, path: str, what: str) -> None:
        self.findings.fault(Check.PAGES, path, what, BEHIND)

    def order(self, folder: str, *, newest: bool) -> list[str]:
        """The ids of one list over all its pages; older pages of *newest first* count backwards."""
        found: dict[int, list[str]] = {}
        for path, ids in self.shows.items():
            place = _PAGE.fullmatch(path.removeprefix(folder)) if path.startswith(folder) else None
            if place is not None:
                found[int(place[1] or 1)] = ids
        first = found.pop(1, [])
        return first + [one for number in sorted(found, reverse=newest) for one in found[number]]

    def check(self, base: str, rows: Sequence[Row], cap: int | None) -> None:
        """Compare one list in all its orders with the records that it has to hold."""
        for order, due in _orders(rows, cap):
            folder = f"{base}{order}"
            if f"{folder}index.html" not in self.shows:
                self._fault(f"{folder}index.html", "is missing")
                continue
            found = self.order(folder, newest=not order)
            missing = sorted({*due} - {*found})
            if missing:
                self._fault(f"{folder}index.html", f"does not list {', '.join(missing[:5])}")
            elif found != due:
                self._fault(f"{folder}index.html", "lists other records, or in another order")
            else:
                self.findings.passed(Check.PAGES)

    def check_counts(self, path: str, due: dict[str, int]) -> None:
        """Compare the numbers beside the words of a scale with the records."""
        before = len(self.findings.faults)
        for href, count in _COUNT.findall(self.pages.get(path, "")):
            facet = _FACET.fullmatch(_target(path, href))
            if facet is None:
                continue
            name = facet[1]
            number = int(count.replace(",", ""))
            if number != due.get(name, 0):
                self._fault(path, f"says {number} for {name} where {due.get(name, 0)} is due")
        if len(self.findings.faults) == before:
            self.findings.passed(Check.PAGES)

    def check_removed(self) -> None:
        """The list of removed records holds every one of them."""
        found = set(self.shows.get("browse/state/removed/index.html", ()))
        for record in sorted(self.stones - found):
            self._fault("browse/state/removed/index.html", f"does not list {record}")

    def check_papers(self, slices: Sequence[Slice]) -> None:
        """Every record stands with every paper that it leans on."""
        below: dict[str, set[str]] = {}
        for path, ids in self.shows.items():
            if path.startswith("sources/") and path.count("/") > 1:
                below.setdefault("/".join(path.split("/")[:2]), set()).update(ids)
        faults = 0
        for one in slices:
            for key in one.papers:
                shelf = f"sources/{shelf_of(key)}"
                if one.id not in below.get(shelf, ()):
                    faults += 1
                    said = f"does not show that {one.id} leans on {key}"
                    self._fault(f"{shelf}/index.html", said)
        if not faults:
            self.findings.passed(Check.PAGES)


def check_lists(  # noqa: PLR0913, PLR0917 - all that lists are compared with
    site: Ledger,
    rows: Sequence[Row],
    slices: Sequence[Slice],
    stones: Sequence[Tombstone],
    names: Sequence[str],
    findings: Findings,
) -> None:
    """Compare every list for people with the records, their states and their order.

    Args:
        site: The site.
        rows: What ``records.json`` has to say of each record, newest first.
        slices: What lists need of the records.
        stones: The removed records.
        names: All paths of the site.
        findings: Where to say what comes of it.
    """
    lists = _Lists(site, rows, stones, names, findings)
    lists.check("records/", rows, None)
    due = due_lists(rows)
    for name, those in due.items():
        lists.check(f"browse/{name}/", those, CAP)
    counts = Counter({name: len(those) for name, those in due.items()})
    counts["state/removed"] = len(stones)
    for path in ("index.html", "browse/index.html"):
        lists.check_counts(path, counts)
    lists.check_removed()
    lists.check_papers(slices)


def papers_of(record: Manifest) -> set[str]:
    """Keys of the papers that a record leans on; of all, where it does not say on which."""
    named = {claim.locator.paper for claim in record.claims if claim.locator is not None}
    for claim in record.claims:
        tests = (claim.verification, claim.corroboration)
        named |= {one.best.locator.paper for one in tests if one is not None and one.best}
    keys = {source.key for source in record.sources}
    return keys & set(map(key_of, named)) if named else keys


def shelf_of(key: str) -> str:
    """The shelf that a paper stands on."""
    if found := re.fullmatch(r"([0-9]{4})\.([0-9]{2})[0-9]{2,3}", key):
        return f"{found[1]}.{found[2]}"
    if found := re.fullmatch(r"([a-z-]{2,12}(?:\.[A-Z]{2})?)/([0-9]{4})[0-9]{3}", key):
        return f"{found[1]}-{found[2]}"
    if found := re.fullmatch(r"note-([a-z0-9])[a-z0-9-]{0,73}", key):
        return f"note-{found[1]}"
    return f"other-{hashlib.sha256(key.encode()).hexdigest()[:2]}"
