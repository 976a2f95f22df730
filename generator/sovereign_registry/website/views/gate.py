"""Every attempt at Gate 2, in one sentence each: what was tried, by what, and what it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.fair_test import stated_number, too_wide
from sovereign_registry.contracts.gate import GateReason, GateStatus, Judge
from sovereign_registry.contracts.rules import gate_v1, gate_v2
from sovereign_registry.contracts.rules.gate_v1 import claim_status
from sovereign_registry.website.views import status, words
from sovereign_registry.website.views.parts import Link, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.gate import ClaimVerdict, MetricOutcome
    from sovereign_registry.website.model import SiteInfo

_TONES = {GateStatus.VERIFIED: "pass", GateStatus.FALSIFIED: "fail"}
_MARGIN = Decimal("0.08")
"""Free space at either end of a plot, as a share of what it shows."""


class MetricPlot(Part, frozen=True):
    """One metric on its own scale; all places in percent with one decimal."""

    low: str
    """Where the tolerance begins."""
    width: str
    """How wide it is."""
    expected: str
    observed: str
    control: str
    """Empty where there is no value."""
    label: str
    """The same in words, for those who do not see it."""


class MetricRow(Part, frozen=True):
    """One metric of an attempt."""

    name: str
    stated: str
    """Which number of the claim it is, in the claim's words; or that the claim states none."""
    expected: str
    tolerance: str
    observed: str
    control: str
    outcome: str
    tone: str
    plot: MetricPlot | None


class AttemptPart(Part, frozen=True):
    """One attempt at one claim."""

    entry: Link
    claim: Link
    status: str
    tone: str
    at: str
    sentence: str
    """What was tried, on which claim, by which judge, under which seal, with what outcome."""
    means: str
    """What it does not mean."""
    standing: str
    """Why it does not count for the claim as it reads now; empty where it does."""
    earlier: bool
    """Whether it is about words that were corrected since."""
    metrics: tuple[MetricRow, ...]
    plotted: bool
    """Whether any row has a plot."""
    command: str
    """How to run it again at home; empty where nothing can be run."""
    files: tuple[Link, ...]
    digest: str
    """The artifact's digest; empty where there is none."""


class GatePart(Part, frozen=True):
    """All attempts, newest first."""

    summary: str
    attempts: tuple[AttemptPart, ...]


def gate_part(view: RecordView, site: SiteInfo) -> GatePart:
    """What ``partials/record/gate.html`` is given.

    Args:
        view: The record as it stands.
        site: What is said about the site.
    """
    gate = view.record.gate
    counting = {
        found.entry
        for claim in view.record.claims
        if (found := claim_status(claim, gate.verdicts)) is not None
    }
    return GatePart(
        summary=gate.reason + uncounted(view),
        attempts=tuple(
            _attempt(view, site, verdict, counts=verdict.entry in counting)
            for verdict in reversed(gate.verdicts)
        ),
    )


def uncounted(view: RecordView) -> str:
    """Claims that the published count takes in and that nothing can decide; empty for none.

    Rule gate-v1 and the manifest count by the kind of a claim alone; gate-v2 leaves these out.
    """
    record = view.record
    retracted = status.retracted_claims(view)
    judged = [one for one in record.claims if gate_v1.JUDGES[one.kind] is not Judge.NONE]
    gone = [one.id for one in judged if one.id in retracted]
    silent = [one.id for one in judged if gate_v2.numberless(one) and one.id not in retracted]
    if record.gate.checkable_claims <= len(judged) - len(gone) - len(silent):
        return ""
    parts = [f"{', '.join(gone)} retracted since"] if gone else []
    parts += [f"{', '.join(silent)} without a number in digits"] if silent else []
    return f" Counted by kind alone; no run decides {' and '.join(parts)}." if parts else ""


def brief(pointer: str, value: object) -> str:
    """A changed list of attempts in few words, which stand in full elsewhere; empty for others.

    Args:
        pointer: The changed field.
        value: Its old or new value, as JSON.
    """
    if pointer == "/gate" and isinstance(value, dict):
        return (
            f"{value.get('status')} ({value.get('reason_code')}): {_counted(value, 'verdicts')}, "
            f"{_counted(value, 'accepted')}. {value.get('reason')}"
        )
    name = pointer.removeprefix("/gate/")
    known = name in _COUNTED and pointer != name and isinstance(value, list)
    return _counted({name: value}, name) if known else ""


_COUNTED = {"verdicts": "attempt", "accepted": "accepted artifact"}


def _counted(value: dict[str, object], name: str) -> str:
    found = value.get(name, [])
    return words.count(len(found) if isinstance(found, list) else 0, _COUNTED[name])


def _attempt(
    view: RecordView, site: SiteInfo, verdict: ClaimVerdict, *, counts: bool
) -> AttemptPart:
    record = view.record
    folder = f"records/{record.id}/{verdict.folder}/"
    same = any(
        (one.id, one.sha256) == (verdict.claim, verdict.claim_sha256) for one in record.claims
    )
    text = _text_of(view, verdict)
    rows = tuple(_row(one, text) for one in verdict.metrics)
    return AttemptPart(
        entry=Link(f"History entry {verdict.entry}", fragment=f"entry-{verdict.entry}"),
        claim=Link(verdict.claim, fragment=verdict.claim),
        status=words.GATE[verdict.status],
        tone=_TONES.get(verdict.status, "care"),
        at=words.moment(verdict.evaluated_at),
        sentence=_sentence(verdict),
        means=_means(verdict, text),
        standing="" if counts else _superseded(same=same),
        earlier=not same,
        metrics=rows,
        plotted=any(row.plot for row in rows),
        command=_command(verdict, site.address(folder) or folder),
        files=tuple(Link(file.path, folder + file.path) for file in verdict.files),
        digest=verdict.artifact or "",
    )


def _sentence(verdict: ClaimVerdict) -> str:
    outcome = f"{words.GATE[verdict.status]}: {verdict.reason}"
    if verdict.judge is Judge.NONE:
        return f"Nothing was tried on claim {verdict.claim}. {outcome}"
    what = (
        "A sealed re-run of a supplied script"
        if verdict.judge is Judge.SEALED_RUN
        else "A judgement of a supplied Lean proof"
    )
    under = "under the seal of" if verdict.judge is Judge.SEALED_RUN else "by"
    by = f" {under} {verdict.tool}" if verdict.tool else ""
    seal = f" ({verdict.seal.rstrip('.')})" if verdict.seal else ""
    return f"{what} was tried on claim {verdict.claim}{by}{seal}. {outcome}"


def _text_of(view: RecordView, verdict: ClaimVerdict) -> str:
    """The claim's words as they were tried, from the record or its history; empty if in neither."""
    texts = [claim.text for claim in view.record.claims if claim.id == verdict.claim]
    texts += [
        step.value
        for entry in view.history
        for step in entry.patch
        if isinstance(step.value, str) and step.path.endswith("/text")
    ]
    return next((one for one in texts if text_sha256(one) == verdict.claim_sha256), "")


def _came(metrics: Sequence[MetricOutcome], text: str) -> str:
    """What came for each number of the claim, which is named in the claim's own words."""
    values: dict[str, list[str]] = {}
    for one in metrics:
        found = stated_number(text, one.expected) if text else None
        wide = ", wider than a claim's number may have it today" if too_wide(one) else ""
        what = f"{found.told if found else one.expected} (tolerance {_tolerance(one)}{wide})"
        values.setdefault(what, []).append(one.observed or "nothing")
    return "; ".join(f"{' and '.join(some)} for the number {what}" for what, some in values.items())


def _means(verdict: ClaimVerdict, text: str) -> str:
    """What an outcome says, and what it does not."""
    if verdict.reason_code is GateReason.REPRODUCED:
        came = _came([one for one in verdict.metrics if one.stated], text)
        return (
            f"It means: a re-run of a supplied script, on a machine of this registry, gave {came}. "
            "It does not mean: independently replicated, measured anew, or right in any other "
            "number or word of the claim. The run was not given the value, but a script can be "
            "written to contain it: read it. That the run took place is the publisher's word until "
            "somebody runs it again."
        )
    if verdict.reason_code is GateReason.PROOF_ACCEPTED:
        return (
            "It means: a proof of the attached statement type-checks. That the statement says what "
            "the claim says is the word of the person who reviewed it, and that a judge accepted "
            "it is the publisher's until somebody has it judged again."
        )
    if verdict.status is GateStatus.FALSIFIED:
        return (
            "It means: the attached artifact, which the owner had accepted as a fair test, speaks "
            "against the claim as it read then. Whether it tests the claim well is for the reader "
            "to judge."
        )
    return "It says nothing about whether the claim is true."


def _superseded(*, same: bool) -> str:
    if same:
        return "Another attempt at this claim counts in its place."
    return "It was made for other words than the claim has now and no longer counts for it."


def _command(verdict: ClaimVerdict, place: str) -> str:
    if verdict.judge is not Judge.SEALED_RUN or verdict.run is None:
        return ""
    return f"sovereign-registry gate try {place}"


def _tolerance(metric: MetricOutcome) -> str:
    parts = []
    if metric.absolute is not None:
        parts.append(f"± {metric.absolute}")
    if metric.relative is not None:
        parts.append(f"± {Decimal(metric.relative) * 100:f} %")
    return " and ".join(parts)


def _row(metric: MetricOutcome, text: str) -> MetricRow:
    found = stated_number(text, metric.expected) if metric.stated and text else None
    stated = found.told if found else "stated by the claim"
    outcome, tone = {
        True: ("within tolerance", "pass"),
        False: ("outside of tolerance", "fail"),
        None: ("no value", "care"),
    }[metric.within]
    return MetricRow(
        name=metric.name.replace("_", " "),
        stated=stated if metric.stated else "beside the claim",
        expected=metric.expected,
        tolerance=_tolerance(metric),
        observed=metric.observed or "none",
        control=metric.control or "none",
        outcome=outcome,
        tone=tone,
        plot=_plot(metric),
    )


def _plot(metric: MetricOutcome) -> MetricPlot | None:
    if metric.observed is None:
        return None
    expected, observed = Decimal(metric.expected), Decimal(metric.observed)
    bounds = []
    if metric.absolute is not None:
        bounds.append(Decimal(metric.absolute))
    if metric.relative is not None:
        bounds.append(Decimal(metric.relative) * abs(expected))
    allowed = min(bounds)
    shown = [expected - allowed, expected + allowed, observed]
    if metric.control is not None:
        shown.append(Decimal(metric.control))
    span = (max(shown) - min(shown)) or Decimal(1)
    start, whole = min(shown) - span * _MARGIN, span * (1 + 2 * _MARGIN)

    def at(value: Decimal) -> str:
        return f"{(value - start) / whole * 100:.1f}"

    return MetricPlot(
        low=at(expected - allowed),
        width=f"{2 * allowed / whole * 100:.1f}",
        expected=at(expected),
        observed=at(observed),
        control="" if metric.control is None else at(Decimal(metric.control)),
        label=(
            f"Observed {metric.observed}, expected {metric.expected} {_tolerance(metric)}, "
            f"control {metric.control or 'none'}"
        ),
    )
