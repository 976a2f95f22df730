"""Whether a record says what its own report says: the words that no rule can make again.  Pure.

Title, abstract, uncertainties, claims and the cited sources stand twice, in the manifest and in the
report whose digest the manifest names.  Somebody who edits one line of a manifest has to edit the
report, its digest and every file after it as well; a log or an earlier clone shows that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sovereign_registry.contracts.manifest import Manifest

_ESCAPE = re.compile(r"\\(.)")
CITED = "cited"


def report_faults(record: Manifest, report: str) -> Iterator[str]:
    """One line for every text of the record that its report does not hold.

    Args:
        record: The manifest as published.
        report: The report's Markdown; escapes are taken out before anything is compared.
    """
    plain = " ".join(_ESCAPE.sub(r"\1", report).split())
    for where, text in _stated(record):
        if " ".join(text.split()) not in plain:
            yield f"{where}: the record's report does not hold these words"


def _stated(record: Manifest) -> Iterator[tuple[str, str]]:
    yield "work.title", record.work.title
    yield "work.abstract", record.work.abstract
    yield "question.text", record.question.text
    for number, text in enumerate(record.uncertainties):
        yield f"uncertainties[{number}]", text
    for claim in record.claims:
        if claim.retained:
            yield f"{claim.id}: text", claim.text
    for source in record.sources:
        if CITED in source.used_for:
            yield f"sources {source.ref}: title", source.title or ""
            yield f"sources {source.ref}: authors", ", ".join(source.authors)
