"""Record pages of every sort, odd ones among them, each rendered into a folder of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.website.rendering import Renderer, make_environment
from sovereign_registry.website.views import record, trail
from tests.website.pages.states import state_view
from tests.website.views import imported, samples
from tests.website.views.sample_parts import SITE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView

TITLES = {
    "long": ("How far does a title reach that nobody cut, and who reads it? " * 9)[:500],
    "unbroken": "Mixtureofexperts" * 18,
    "arabic": "كيف يغيّر عدد الخبراء (Mixture-of-Experts, top-2) حركة الذاكرة؟",
    "markup": "<b onclick=\"alert(1)\">Bold</b> &amp; {{ 7 * 7 }} <script>alert('x')</script>",
    "emoji": "Do 🐘🐘🐘 routers 👩‍👩‍👧‍👦 balance ⚖️ experts?",
    "math": "Is ∑ᵢ pᵢ·log pᵢ ≤ $\\log n$ for softmax gates, σ² → ∞, and x₁ ≠ x₂?",
}
"""Titles that arrive sooner or later."""
MANY = 200


def titled(title: str) -> RecordView:
    """The sample record under another title and question."""
    base = samples.manifest()
    work = msgspec.structs.replace(base.work, title=title, abstract=f"{title} {base.work.abstract}")
    question = msgspec.structs.replace(base.question, text=title)
    return samples.view(msgspec.structs.replace(base, work=work, question=question))


def empty() -> RecordView:
    """A record without claims, sources, queries, opinions, related records and files."""
    base = samples.manifest()
    return samples.view(
        msgspec.structs.replace(
            base,
            claims=(),
            sources=(),
            artifacts=(),
            uncertainties=(),
            limitations=(),
            retrieval=msgspec.structs.replace(base.retrieval, queries=(), retrieved=0),
            review=msgspec.structs.replace(base.review, rounds=(), guards=(), score=None),
            index=msgspec.structs.replace(base.index, related=()),
        )
    )


def crowded() -> RecordView:
    """A record with 200 claims of some 230 characters, half of them no compressor can guess."""
    base = samples.manifest()
    claims = []
    for number in range(1, MANY + 1):
        claim = base.claims[number % len(base.claims)]
        words = " ".join(f"{(number * prime) % 9973:x}" for prime in range(3, 31))
        best = claim.verification.best
        assert best is not None
        quoted = msgspec.structs.replace(best, quotation=f"{words[::-1]} {best.quotation}")
        check = msgspec.structs.replace(claim.verification, best=quoted)
        changed = {"id": f"c{number}", "text": f"{words}. {claim.text}", "verification": check}
        claims.append(msgspec.structs.replace(claim, **changed))
    return samples.view(msgspec.structs.replace(base, claims=tuple(claims)))


KINDS: dict[str, Callable[[], RecordView]] = {
    "auto-approved": samples.computed,
    "approved after a revision, corrected": samples.revised,
    "retracted": lambda: state_view(RecordState.RETRACTED),
    "superseded": lambda: state_view(RecordState.SUPERSEDED),
    "partly retracted": lambda: state_view(RecordState.PARTIALLY_RETRACTED),
    "imported": imported.declared,
    "hostile": imported.hostile,
    "empty": empty,
    "crowded": crowded,
}


def write(root: Path, folder: Path) -> dict[str, str]:
    """Render every sort; return for each its path below the folder."""
    renderer = Renderer(make_environment([str(root / "theme" / "templates")]), SITE, {})
    shutil.copytree(root / "theme" / "static", folder / "static")
    views = {name: make() for name, make in KINDS.items()}
    views |= {name: titled(title) for name, title in TITLES.items()}
    states = {"sr-2605-00000005": "RETRACTED", "sr-2609-00abcdef": "SUPERSEDED"}
    paths = {}
    for number, (name, view) in enumerate(views.items()):
        paths[name] = f"records/{number}/"
        _page(renderer, folder, f"{paths[name]}index.html", record.context(view, SITE, states))
    paths["history"] = "records/history/history/"
    history = trail.context(views["retracted"], SITE, states)
    _page(renderer, folder, f"{paths['history']}index.html", history, "history.html")
    return paths


def _page(
    renderer: Renderer,
    folder: Path,
    path: str,
    context: dict[str, object],
    template: str = "record.html",
) -> None:
    target = folder / path
    target.parent.mkdir(parents=True)
    target.write_bytes(renderer.render(template, path, context))
