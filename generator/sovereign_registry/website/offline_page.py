"""The verifier page of a record's bundle: one file with data and scripts in it, for ``file://``.

It runs the very scripts of the site's record pages, over the files that it carries itself, and asks
nobody anything: its own policy allows these scripts by their digest, and no connection.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.website.views import words
from sovereign_registry.website.views.verify_panel import (
    LIMITS,
    SCRIPTS,
    VerifyData,
    data_block,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sovereign_registry.contracts.claims import Claim
    from sovereign_registry.contracts.fold import RecordView

STYLE: Final = """
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
h1{line-height:1.2}
table{border-collapse:collapse;width:100%}
caption{text-align:start}
th,td{text-align:start;vertical-align:top;padding:.3rem .6rem .3rem 0;border-top:1px solid #8888}
td,li,code{overflow-wrap:anywhere}
button{font:inherit;padding:.4rem .9rem}
.fails b{color:#b3261e}
@media(prefers-color-scheme:dark){.fails b{color:#ff8a80}}
"""

_PAGE: Final = Markup("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Verify {id}</title>
<style>{style}</style>
</head>
<body>
<main>
<p>{id} · offline copy</p>
<h1><bdi data-shown="title">{title}</bdi></h1>
<p>State of the record in this copy: <strong data-shown="state">{state}</strong>. Gate 2:
<strong data-shown="gate">{gate}</strong>. What was published
later is not in it: <em>nothing newer</em> below means as of the checkpoint in this copy.</p>
<section id="verify-record" aria-labelledby="verify-h">
<h2 id="verify-h">Verify this record</h2>
<p>The check reads the files that this page carries, and nothing else: it needs no connection.</p>
<noscript><p>This check needs scripts. Without them, run the command below.</p></noscript>
<p><button type="button" data-verify="start" hidden>Check this copy</button></p>
<p role="status" data-verify="status"></p>
<ol data-verify="lines"></ol>
<p>With the software installed, over the published site:</p>
<pre><code>{command}</code></pre>
<h3>What this does not prove</h3>
<ul>
{limits}
</ul>
</section>
<section aria-labelledby="claims-h">
<h2 id="claims-h">Claims</h2>
<table>
<caption>Lexical cosine against the best passage, and the same against another source.</caption>
<thead><tr><th scope="col">Claim</th><th scope="col">Outcome</th><th scope="col">Cosine</th>
<th scope="col">Other source</th></tr></thead>
<tbody>
{claims}
</tbody>
</table>
</section>
</main>
<script type="application/json" id="verify-data">{data}</script>
<script type="application/json" id="record-files">{files}</script>
<script>{script}</script>
</body>
</html>
""")
_ROW: Final = Markup(
    '<tr><th scope="row">{id}</th><td><span data-shown="{id} text" dir="auto">{text}</span><br>'
    '<span data-shown="{id} tick">{tick}</span></td><td data-shown="{id} value">{value}</td>'
    '<td data-shown="{id} other">{other}</td></tr>\n'
)


def read_scripts(static: Path) -> str:
    """All scripts of the panel as one text, in order.

    Args:
        static: The theme's folder ``static``.

    Raises:
        OSError: one is missing.
        ValueError: one could end the element that it is to stand in.
    """
    whole = "\n".join(
        (static / "verify" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS
    )
    if "</script" in whole.lower() or "<!--" in whole:
        raise ValueError("a script of the panel holds what ends a script element")
    return whole


def offline_page(  # noqa: PLR0913 - all that the page says
    view: RecordView,
    files: Mapping[str, bytes],
    scripts: str,
    *,
    command: str,
    origin: str | None,
    key: str | None,
    entries: Sequence[int],
) -> bytes:
    """One page that checks the files that it carries, from ``file://`` too.

    Args:
        view: The record as it stands in the bundle.
        files: Path below the *site's* root (``records/ID/manifest.yaml``, ``log/checkpoint`` ...)
            -> bytes: manifest, ``record.json``, history files, ``artifacts/evidence.json`` where
            there is one, and of the log ``checkpoint``, ``keys.yaml``, the tiles on the paths, and
            below ``heads/SIZE/`` ``entry.json``, the record's shard and its tiles.
        scripts: What ``read_scripts`` gives.
        command: The command that checks the published record.
        origin: The log's name; None where the record is not logged.
        key: The first key of the log, as the site's own pages state it.
        entries: Places of the record's entries in the log, by sequence.
    """
    record = view.record
    evidence = [one.name for one in record.artifacts if one.kind == "evidence" and one.public]
    data = VerifyData(
        record=record.id,
        root="",
        origin=origin,
        key=key,
        entries=tuple(entries),
        evidence=any(f"records/{record.id}/artifacts/{name}" in files for name in evidence),
    )
    carried = {path: base64.b64encode(one).decode() for path, one in sorted(files.items())}
    page = _PAGE.format(
        policy=_policy(scripts),
        id=record.id,
        style=Markup(STYLE),  # noqa: S704 - stands above
        title=record.work.title,
        state=words.state_word(record.standing.record_state),
        gate=words.GATE[record.gate.status],
        command=command,
        limits=Markup("\n").join(Markup("<li>{}</li>").format(one) for one in LIMITS),
        claims=Markup().join(_row(claim) for claim in record.claims),
        data=data.block(),
        files=data_block(carried),
        script=Markup(scripts),  # noqa: S704 - our own, and read_scripts looked into it
    )
    return page.encode("utf-8")


def _policy(scripts: str) -> Markup:
    script, style = (
        base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (scripts, STYLE)
    )
    return escape(
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _row(claim: Claim) -> Markup:
    test, other = claim.verification, claim.corroboration
    how = "declared" if test.origin is Origin.DECLARED else "lexical"
    return _ROW.format(
        id=claim.id,
        text=claim.text,
        tick=f"{'✓ Verified' if test.passed else '✗ Not verified'} ({how})",
        value=test.display,
        other="not tested"
        if other is None
        else f"{'✓ Corroborated' if other.passed else '✗ Not corroborated'} (lexical)",
    )
