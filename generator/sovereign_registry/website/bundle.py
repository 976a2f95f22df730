"""``bundle.zip``: every file of one record in one archive, for keeping and for checking offline.

The archive is a ZIP file that any tool opens, and an RO-Crate.  Names are sorted, times are those
of 1980, nothing of the machine that made it is in it.  Its bytes are the same wherever the same
deflate library made it (zlib 1.2 to 1.3); another one, such as zlib-ng, may pack the same files
into other bytes, so what is compared between machines is the files within.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.documents import licences_text, readme_text
from sovereign_registry.contracts.errors import BuildFailed
from sovereign_registry.website.crate import bundle_crate
from sovereign_registry.website.holdings import CRATE, MADE
from sovereign_registry.website.offline_page import offline_page, read_scripts
from sovereign_registry.website.views.verify_panel import command
from sovereign_registry.website.zips import zipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.log.proofs import RecordProof
    from sovereign_registry.contracts.registry import Publish
    from sovereign_registry.website.logged import LogSlices
    from sovereign_registry.website.model import Logged, SiteInfo

BUNDLED = tuple(one.name for one in MADE if one.group is not None and one.name != CRATE)
"""What is made of a record and stands in its bundle, but for the crate, which differs there."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a bundle is made from."""

    view: RecordView
    site: SiteInfo
    copies: Mapping[str, bytes]
    """The published files as they are: manifest, history, public artifacts."""
    made: Mapping[str, bytes]
    """The exports, by name; those of ``BUNDLED`` are needed."""
    logged: Logged | None
    """Where the record stands in the log."""
    slices: LogSlices | None
    """The log; needed where ``logged`` is given."""
    scripts: str = ""
    """The scripts of the offline page; empty: the bundle has no such page."""


def bundle_files(found: Contents) -> dict[str, bytes]:
    """Path -> bytes of every file of a bundle.

    Raises:
        RegistryError: the log is not in order.
    """
    view, site = found.view, found.site
    files = {**found.copies, **{name: found.made[name] for name in BUNDLED}}
    proof: RecordProof | None = None
    if found.logged is not None and found.slices is not None:
        proof = found.slices.proof(view.record.id, found.logged)
        files["proof.json"] = msgspec.json.encode(proof) + b"\n"
        files["log/keys.yaml"] = found.slices.keys(found.logged.size)
    files["LICENSES.txt"] = licences_text(view.record, site.records_licence).encode()
    if found.scripts:
        files["verify.html"] = _page(found)
    extras = {*files, "README.txt"}
    files[CRATE] = bundle_crate(view, site, extras)
    files["README.txt"] = readme_text(view, {*extras, CRATE}, proof).encode()
    return files


def _page(found: Contents) -> bytes:
    record_id = found.view.record.id
    folder = f"records/{record_id}/"
    held = {f"{folder}{name}": data for name, data in found.copies.items() if _checked(name)}
    held[f"{folder}record.json"] = found.made["record.json"]
    if found.logged is not None and found.slices is not None:
        held |= found.slices.static_files(record_id, found.logged)
    return offline_page(
        found.view,
        held,
        found.scripts,
        command=command(record_id, found.site),
        origin=found.site.log_origin or None,
        key=found.site.log_key or None,
        entries=() if found.logged is None else found.logged.positions,
    )


def _checked(name: str) -> bool:
    """Whether the offline page looks into a file."""
    return name.startswith(("manifest.yaml", "history/")) or name == "artifacts/evidence.json"


def offline_scripts(publish: Publish, static: Path) -> str:
    """The scripts of the offline page; empty where bundles have no such page.

    Args:
        publish: What the site carries.
        static: The theme's static files.

    Raises:
        BuildFailed: one of them cannot be read.
    """
    if not publish.offline_page:
        return ""
    try:
        return read_scripts(static)
    except (OSError, ValueError) as error:
        raise BuildFailed(
            f"the scripts of the offline page cannot be read: {error}",
            where=f"{static}/verify",
            todo="Restore them, or set `offline_page: false` under `publish:`.",
        ) from error


def bundle_zip(found: Contents) -> bytes:
    """The bytes of a record's ``bundle.zip``.

    Raises:
        RegistryError: the log is not in order.
    """
    return zipped(bundle_files(found))
