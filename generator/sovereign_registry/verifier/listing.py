"""The digest list and its seal: every published file outside the log, and who signed for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.log.seal import (
    DIGESTS,
    LOG,
    SEAL,
    open_seal,
    parse_digest_list,
    seal_of,
)
from sovereign_registry.verifier.findings import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sovereign_registry.contracts.log.note import PublicKey
    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings

OWN = frozenset({DIGESTS, SEAL})
UNSEALED = (
    "Who reads: do not trust the pages, somebody may have taken it away. Who publishes: seal the "
    "site with `log seal`."
)


def read_list(site: Ledger, findings: Findings) -> tuple[dict[str, str], bytes]:
    """Path -> digest as the site states it, and the list's bytes; empty where it has none."""
    data = site.find(DIGESTS)
    if data is None:
        findings.fault(
            Check.FILES, DIGESTS, "is missing: no list says which files belong to the site"
        )
        return {}, b""
    try:
        return parse_digest_list(data), data
    except RegistryError as error:
        findings.error(Check.FILES, error, DIGESTS)
        return {}, data


def check_files(
    site: Ledger,
    listed: Mapping[str, str],
    names: Collection[str],
    findings: Findings,
    tick: Callable[[int, int], None] | None = None,
) -> None:
    """Hash every file, and compare with the list.

    Args:
        site: The site; what was read before is not read again.
        listed: Path -> digest as the list states it.
        names: Paths of the files to look at.
        findings: Where to say what comes of it.
        tick: Told (done, total) after each file.
    """
    due = sorted(name for name in names if name not in OWN and not name.startswith(LOG))
    for done, path in enumerate(due, start=1):
        if path not in listed:
            findings.fault(Check.FILES, path, f"does not stand in {DIGESTS}")
        elif path not in site.digests and site.find(path) is None:
            findings.fault(Check.FILES, path, f"is missing, although {DIGESTS} names it")
        elif site.digests[path] != listed[path]:
            findings.fault(
                Check.FILES,
                path,
                f"its SHA-256 is {site.digests[path]}, {DIGESTS} names {listed[path]}",
                "It was changed after the site was built.",
            )
        else:
            findings.passed(Check.FILES)
        if tick is not None:
            tick(done, len(due))


def check_seal(  # noqa: PLR0913 - the list, who may sign it, and whether somebody must
    site: Ledger,
    listed: bytes,
    keys: Collection[PublicKey],
    log: tuple[str | None, int],
    findings: Findings,
    *,
    due: str = "",
) -> None:
    """Check the signature over the digest list.

    Args:
        site: The site.
        listed: The bytes of the list.
        keys: Who may have signed it.
        log: Name and size of the published log; no name where none is published in order.
        findings: Where to say what comes of it.
        due: Why there must be a seal; empty where a site may go without.
    """
    origin, log_size = log
    note = site.find(SEAL)
    if note is None and due:
        what = f"is missing, and {due}: nobody signed for {DIGESTS}, which anybody can write"
        findings.fault(Check.SEAL, SEAL, what, UNSEALED)
        return
    if note is None:
        findings.unknown(
            Check.SEAL,
            SEAL,
            f"is missing: {DIGESTS} is self-asserted, whoever serves the site can write it",
        )
        return
    if origin is None:
        what = "is signed, but cannot be checked: the log here is not in order, which is said of it"
        findings.fault(Check.SEAL, SEAL, what)
        return
    try:
        seal = open_seal(note, keys)
    except RegistryError as error:
        findings.error(Check.SEAL, error, SEAL)
        return
    stands = seal_of(origin, log_size, listed)
    where = SEAL
    if seal.origin != stands.origin:
        said = f"is of {seal.origin}, the log here is {stands.origin}"
    elif (seal.bytes, seal.sha256) != (stands.bytes, stands.sha256):
        where, said = DIGESTS, "is not the list that the seal stands for"
    elif seal.log_size != stands.log_size:
        sizes = f"{seal.log_size} entries, the log here has {stands.log_size}"
        said = f"was made beside a log of {sizes}"
    else:
        findings.passed(Check.SEAL)
        return
    findings.fault(
        Check.SEAL, where, said, "The list, the seal or the log is of another time, or was changed."
    )
