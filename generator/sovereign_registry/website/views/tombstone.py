"""The page that stays where a record's text was removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.views import files, words
from sovereign_registry.website.views.parts import Fact, FilePart, Link
from sovereign_registry.website.views.previews import of_record

if TYPE_CHECKING:
    from sovereign_registry.contracts.tombstone import RemovedFile, Tombstone
    from sovereign_registry.website.model import SiteInfo


class TombstonePage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page prints; it holds no word of the record."""

    id: str
    state: str
    definition: str
    note: str
    facts: tuple[Fact, ...]
    files: tuple[FilePart, ...]
    problem: Link


def _file(one: RemovedFile, about: str) -> FilePart:
    size = words.count(one.bytes, "byte")
    return FilePart(one.name, "", about, "", size, one.file_sha256)


def tombstone(stone: Tombstone, site: SiteInfo) -> dict[str, object]:
    """What ``tombstone.html`` is given."""
    state = RecordState(stone.record_state)
    page = TombstonePage(
        id=stone.record,
        state=words.state_word(state),
        definition=words.state_says(state),
        note=stone.note,
        facts=(
            Fact("Removed", words.moment(stone.at)),
            Fact(
                "By", stone.by.role, "As declared; nothing here proves an identity.", foreign=True
            ),
            Fact("Legal reference", stone.legal_reference, foreign=True),
            Fact("Policy", stone.policy),
            Fact("Corrections", str(stone.correction_count), "This removal is one of them."),
            Fact("Record as it stood", stone.record_before, code=True),
            Fact("Newest entry as it stood", stone.previous, code=True),
        ),
        files=(
            _file(stone.manifest, "The manifest, as first published."),
            *(
                _file(one.file, f"Entry {one.sequence}, {words.moment(one.at)}.")
                for one in stone.history
            ),
            *(_file(one, "An artifact.") for one in stone.artifacts),
        ),
        problem=files.problem(site),
    )
    return {"stone": page, "preview": of_record(state, Tier.NOT_TIERED)}
