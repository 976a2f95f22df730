"""What pages, feed, sitemap and schemas must show, looked for in what they hold.

Nothing is rendered again: a page may be worded and ordered as its theme likes, but has to hold the
state, the digests and the texts that the manifest and its history give.
"""

from __future__ import annotations

import html
import re
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.documents import words
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.numbers import show
from sovereign_registry.contracts.rules import tiers_v1
from sovereign_registry.contracts.rules.states_v1 import tier_of
from sovereign_registry.contracts.schemas import SCHEMA_NAMES, json_schema
from sovereign_registry.verifier.data import difference
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.hooks import hook_faults
from sovereign_registry.verifier.markup import ATOM, NAMESPACE, parse_xml, state_word
from sovereign_registry.verifier.monitors import FILE as MONITOR
from sovereign_registry.verifier.monitors import monitor_faults
from sovereign_registry.verifier.previews import preview_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from xml.etree import ElementTree as ET

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings

FEED = "feed.atom"
FEED_LENGTH = 50
SITEMAP = "sitemap.xml"
_MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_UNSEEN = re.compile(
    rb"<!--.*?-->|<(script|style|template)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[^>]*>")
BEHIND = "The page shows another state than the manifest and its history: do not trust the page."

FALSE = "The page says of the record what its manifest and history do not: do not trust the page."


def squeeze(text: str) -> str:
    """A text without white space, since pages may break lines anywhere."""
    return "".join(text.split())


def shown(page: bytes) -> str:
    """What a page shows, without white space: no tags, comments, scripts or styles."""
    text = _UNSEEN.sub(b" ", page).decode("utf-8", "replace")
    return squeeze(html.unescape(_TAG.sub(" ", text)))


def _due(view: RecordView) -> Iterator[tuple[str, str]]:
    """(what, text) of all that a record's page has to show."""
    record = view.record
    yield "its id", record.id
    yield "its title", record.work.title
    yield "its question", record.question.text
    yield "its version", f"version {len(view.history) + 1}"
    yield "the record's state", state_word(record.standing.record_state)
    yield "the Gate 2 verdict", words.GATE_LABELS[record.gate.status]
    yield "the tier", tiers_v1.tier_rule(tier_of(record)).label
    score = record.review.score
    yield "the review's score", "No score" if score is None else f"{score} of 10"
    yield "the manifest's digest", view.manifest_content_sha256
    yield "the manifest file's digest", view.manifest_file_sha256
    yield "the newest entry's digest", view.head_sha256
    for artifact in record.artifacts:
        yield f"the digest of {artifact.name}", artifact.sha256
    for claim in record.claims:
        yield f"the text of claim {claim.id}", claim.text
        if claim.semantic and claim.semantic.value:
            yield f"the second signal of claim {claim.id}", show(claim.semantic.value)


def check_page(site: Ledger, view: RecordView, findings: Findings) -> None:
    """Look for all that a record's page, and the page of its history, have to show."""
    folder = f"records/{view.record.id}/"
    page = _page(site, f"{folder}index.html", findings)
    if page is None:
        return
    history = f"{folder}history/index.html"
    trail = site.find(history)
    text = shown(page)
    index = f"{folder}index.html"
    lacks = [(index, what) for what, due in _due(view) if squeeze(due) not in text]
    where, told = (index, text) if trail is None else (history, shown(trail))
    lacks += [
        (where, f"the reason of history entry {entry.sequence}")
        for entry in view.history
        if squeeze(entry.note) not in told
    ]
    # A page names an entry's digest in the entry that follows; the newest one's was looked for.
    lacks += [
        (where, f"the digest of history entry {entry.sequence}")
        for entry in view.history[:-1]
        if content_sha256(entry) not in told
    ]
    wrong = list(hook_faults(page, view.record))
    state, tier = view.record.standing.record_state, tier_of(view.record)
    wrong += preview_faults(page, state, tier)
    if trail is not None:
        wrong += preview_faults(trail, state, tier)
    monitor = site.find(f"{folder}{MONITOR}")
    watched = list(monitor_faults(monitor, view, lambda one: squeeze(one) in text))
    for place, what in lacks:
        findings.fault(Check.PAGES, place, f"does not show {what}", BEHIND)
    for what in wrong:
        findings.fault(Check.PAGES, index, what, FALSE)
    for name, what in watched:
        findings.fault(Check.PAGES, f"{folder}{name}", what, FALSE)
    if not lacks and not wrong and not watched:
        findings.passed(Check.PAGES)


def check_stone_page(site: Ledger, stone: Tombstone, findings: Findings) -> None:
    """Look for what the page of a removed record has to show."""
    path = f"records/{stone.record}/index.html"
    page = _page(site, path, findings)
    if page is None:
        return
    text = shown(page)
    due = (stone.record, "Removed", stone.note, stone.legal_reference)
    missing = [one for one in due if squeeze(one) not in text]
    wrong = list(preview_faults(page, RecordState.REMOVED, Tier.NOT_TIERED))
    for one in missing:
        findings.fault(Check.PAGES, path, f"does not show {one!r}", BEHIND)
    for what in wrong:
        findings.fault(Check.PAGES, path, what, FALSE)
    if not missing and not wrong:
        findings.passed(Check.PAGES)


def _page(site: Ledger, path: str, findings: Findings) -> bytes | None:
    data = site.find(path)
    if data is None:
        findings.fault(Check.PAGES, path, "is missing")
    return data


def check_feed(
    site: Ledger, rows: Sequence[dict[str, Any]], stones: Sequence[Tombstone], findings: Findings
) -> None:
    """Compare the Atom feed of the newest records with what their manifests give."""
    try:
        entries = parse_xml(site.find(FEED)).findall(f"{ATOM}entry")
    except ValueError as error:
        findings.fault(Check.LISTS, FEED, f"cannot be read: {error}")
        return
    newest, before = rows[:FEED_LENGTH], len(findings.faults)
    if len(entries) != len(newest) + len(stones):
        said = f"has {len(entries)} entries where {len(newest) + len(stones)} are due"
        findings.fault(Check.LISTS, FEED, said)
        return
    named = {entry.findtext(f"{ATOM}id"): entry for entry in entries[: len(stones)]}
    for stone in stones:
        entry = named.get(f"urn:uuid:{uuid.uuid5(NAMESPACE, 'record ' + stone.record)}")
        told = "" if entry is None else entry.findtext(f"{ATOM}summary") or ""
        if stone.note not in told:
            findings.fault(Check.LISTS, FEED, f"does not tell that {stone.record} was removed")
    for entry, one in zip(entries[len(stones) :], newest, strict=True):
        for what in _feed_faults(entry, one):
            findings.fault(Check.LISTS, FEED, f"does not show {what} of {one['id']} as it stands")
    if len(findings.faults) == before:
        findings.passed(Check.LISTS)


def _feed_faults(entry: ET.Element, one: dict[str, Any]) -> Iterator[str]:
    def text(name: str) -> str:
        return entry.findtext(f"{ATOM}{name}") or ""

    state = str(one["record_state"])
    marked = f"{state.replace('_', ' ')}: {one['title']}"
    due = {
        "id": f"urn:uuid:{uuid.uuid5(NAMESPACE, 'record ' + one['id'])}",
        "title": one["title"] if state == "CURRENT" else marked,
        "published": f"{one['published']}T00:00:00Z",
        "updated": one["updated"],
    }
    yield from (f"the {name}" for name, value in due.items() if text(name) != value)
    score = f", score {one['score']} of 10" if one["score"] is not None else ""
    tiered = one["tier"] != Tier.NOT_TIERED
    for part in (
        one["question"],
        f"Record state: {state}.",
        f"Gate 2: {one['gate']}.",
        f"Tribunal: {one['verdict']}{score}.",
        f"Level {one['paper_level']} of 7.",
        f"Tier: {one['tier']}." if tiered else "Not tiered.",
    ):
        if part not in text("summary"):
            yield f"{part!r}"
    link = entry.find(f"{ATOM}link")
    if link is None or not (link.get("href") or "").endswith(f"records/{one['id']}/"):
        yield "the address"


def check_sitemap(
    site: Ledger, rows: Sequence[dict[str, Any]], prefix: str, findings: Findings
) -> None:
    """Compare the sitemap with the records; a site that knows no address has none."""
    if not prefix:
        return
    before = len(findings.faults)
    try:
        found = dict(_places(site, SITEMAP, prefix))
    except ValueError as error:
        findings.fault(Check.LISTS, SITEMAP, f"cannot be read: {error}")
        return
    for row in rows:
        if found.get(f"{prefix}records/{row['id']}/") != row["updated"]:
            findings.fault(Check.LISTS, SITEMAP, f"does not give {row['id']} its date")
    for place in found:
        if not place.startswith(prefix):
            findings.fault(Check.LISTS, SITEMAP, f"names {place}, which is outside {prefix}")
    if len(findings.faults) == before:
        findings.passed(Check.LISTS)


def _places(site: Ledger, path: str, prefix: str) -> Iterator[tuple[str, str]]:
    """(address, date) of all that a sitemap, or an index of sitemaps, names."""
    tree = parse_xml(site.find(path))
    for one in tree.iter(f"{_MAP}url"):
        yield one.findtext(f"{_MAP}loc") or "", one.findtext(f"{_MAP}lastmod") or ""
    for one in tree.iter(f"{_MAP}sitemap") if path == SITEMAP else ():
        yield from _places(site, (one.findtext(f"{_MAP}loc") or "").removeprefix(prefix), prefix)


def check_schemas(site: Ledger, findings: Findings) -> None:
    """Compare the published contracts with those that this check was made with."""
    for name in SCHEMA_NAMES:
        path = f"contracts/{name}.schema.json"
        data = site.find(path)
        if data is None:
            findings.fault(Check.SCHEMAS, path, "is missing")
            continue
        due = json_schema(name)
        if data == msgspec.json.format(msgspec.json.encode(due), indent=2) + b"\n":
            findings.passed(Check.SCHEMAS)
            continue
        try:
            said = difference(msgspec.json.decode(data), due)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            said = f"is no JSON: {error}"
        findings.fault(
            Check.SCHEMAS,
            path,
            said or "its bytes are not as they are made",
            "Somebody changed it, or it is of another version of the software.",
        )
