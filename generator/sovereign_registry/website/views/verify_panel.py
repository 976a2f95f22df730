"""The panel *Verify this record*: what the page tells the script, and the command without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from markupsafe import Markup

from sovereign_registry.website.holdings import BUNDLE, holdings
from sovereign_registry.website.views.parts import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.website.model import SiteInfo

SCRIPTS = ("bytes", "canonical", "log", "keys", "claims", "record", "files", "panel")
"""The scripts below ``static/verify/``, in the order in which they are read."""

LIMITS = (
    "That a claim is true: numbers follow from their inputs, and no more is shown.",
    "That the published counts are those of the papers: their texts are not published here.",
    (
        "That this page is honest: whoever can change it could have changed the check as well. "
        "The command, in a copy of the software that you got elsewhere, does not trust the page."
    ),
    "Whose key it is: compare it with one that the publisher gave you in another place.",
    (
        "That you see what others see: the log is self-asserted until a witness or a timestamp "
        "stands behind it. Keep log/checkpoint, and name it with --checkpoint next time."
    ),
    "Anything about the rest of record.json, the record's other files, and lists that name it.",
)
"""What a check in the page cannot prove."""


class VerifyPart(Part, frozen=True, kw_only=True):
    """What the panel is made of."""

    command: str
    data: Markup
    """What the script is told, as the text of a data block."""
    panel: str
    """Path of the script that the page loads, for the ``url`` helper."""
    scripts: tuple[str, ...]
    """Paths of those that it loads once they are needed, in order."""
    logged: str
    """Where the record stands in the log, in words."""


class VerifyData(Part, frozen=True, kw_only=True):
    """What the script is told; nothing in it changes when somebody else's record is logged."""

    record: str
    """The record's id."""
    root: str
    """The way from the page to the site's folder, such as ``../../``."""
    origin: str | None
    """The log's name; None where there is no log."""
    key: str | None = None
    """The log's first key, which every later one must follow; None: any list of keys will do."""
    entries: tuple[int, ...]
    """Places of the record's own entries in the log, by sequence; they never change."""
    bundle: str = ""
    """Path of the bundle, where a file that the check reads stands only in it."""
    bundled: tuple[str, ...] = ()
    """Names of those files."""
    evidence: bool
    """Whether ``evidence.json`` is published, beside the page or in the bundle."""

    def block(self) -> Markup:
        """The text of the data block."""
        return data_block({name: getattr(self, name) for name in self.__struct_fields__})


def data_block(value: Mapping[str, object]) -> Markup:
    """JSON for a data block of a page: no character of it can end the block or start markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 - escaped here


def command(record: str, site: SiteInfo) -> str:
    """The exact command that checks this record from anywhere."""
    return f"sovereign-registry verify {site.address('') or 'ADDRESS'} --record {record}"


def _files(view: RecordView, site: SiteInfo) -> tuple[tuple[str, ...], bool]:
    """Names of the files that stand only in the bundle, and whether there is any evidence."""
    evidence = {f"artifacts/{one.name}" for one in view.record.artifacts if one.kind == "evidence"}
    read = [
        one
        for one in holdings(view, site.publish)
        if one.name in {"manifest.yaml", "record.json", *evidence}
    ]
    return (
        tuple(one.name for one in read if not one.beside),
        any(one.name in evidence for one in read),
    )


def _logged(view: RecordView, site: SiteInfo, places: Sequence[int]) -> str:
    if not site.log_origin:
        return "Not logged: this registry keeps no signed log yet."
    due = 1 + len(view.history)
    if len(places) < due:
        return f"Logged in part: {len(places)} of {due} files stand in the log {site.log_origin}."
    word = "entry" if due == 1 else "entries"
    return f"Logged as {word} {', '.join(map(str, places))} of {site.log_origin}."


def verify_part(view: RecordView, site: SiteInfo, places: Sequence[int] = ()) -> VerifyPart:
    """The panel of one record's page.

    Args:
        view: The record.
        site: What is said about the site.
        places: Where in the log the record's entries stand; none where it is not logged.
    """
    bundled, evidence = _files(view, site)
    *scripts, panel = (f"static/verify/{name}.js" for name in SCRIPTS)
    data = VerifyData(
        record=view.record.id,
        root="../../",
        origin=site.log_origin or None,
        key=site.log_key or None,
        entries=tuple(places),
        bundle=f"records/{view.record.id}/{BUNDLE}" if bundled else "",
        bundled=bundled,
        evidence=evidence,
    )
    return VerifyPart(
        command=command(view.record.id, site),
        data=data.block(),
        panel=panel,
        scripts=tuple(scripts),
        logged=_logged(view, site, places),
    )
