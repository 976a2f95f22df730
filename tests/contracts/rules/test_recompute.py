from collections import Counter
from typing import Any

import msgspec
import pytest

from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.evidence import (
    VECTORISER,
    Evidence,
    EvidenceClaim,
    EvidenceMatch,
    EvidencePassage,
)
from sovereign_registry.contracts.manifest import Manifest
from sovereign_registry.contracts.numbers import margin
from sovereign_registry.contracts.rules import lexical_v1
from tests.contracts import samples
from tests.samples import bare_manifest

PASSAGES = (
    "Trams wait forty seconds at a junction without priority.",
    "With priority the trams wait twelve seconds at most.",
    "Bicycles cross elsewhere.",
)
CLAIM = "Trams wait at a junction without priority."


def _pair() -> tuple[Manifest, Evidence]:
    counts = [lexical_v1.terms(text) for text in PASSAGES]
    df = dict(Counter(term for one in counts for term in one))
    places = [samples.locator(text, paper=f"2401.0000{n}v1") for n, text in enumerate(PASSAGES)]
    values = [lexical_v1.cosine(lexical_v1.terms(CLAIM), one, df, len(counts)) for one in counts]
    checks = [
        samples.check(
            float(values[n]),
            best=msgspec.structs.replace(samples.passage(PASSAGES[n]), locator=places[n]),
        )
        for n in (0, 1)
    ]
    claim = samples.claim(
        1, CLAIM, verification=checks[0], corroboration=checks[1], place=places[0]
    )
    matches = [EvidenceMatch(value=values[n], locator=places[n], counts=counts[n]) for n in (0, 1)]
    manifest = bare_manifest(claims=(claim,))
    evidence = Evidence(
        contract="lexical-evidence-v1",
        record=manifest.id,
        vectoriser=VECTORISER,
        passages=len(PASSAGES),
        df=df,
        claims=(
            EvidenceClaim(
                id="c1",
                sha256=text_sha256(CLAIM),
                counts=lexical_v1.terms(CLAIM),
                verification=matches[0],
                corroboration=matches[1],
            ),
        ),
        index=tuple(
            EvidencePassage(
                paper=place.paper,
                section=place.section,
                start=place.start,
                end=place.end,
                sha256=place.sha256,
            )
            for place in places
        ),
    )
    return manifest, evidence


def test_sound_evidence_has_no_fault() -> None:
    """What was published recomputes."""
    manifest, evidence = _pair()
    assert lexical_v1.recompute_claims(manifest, evidence) == []
    assert manifest.claims[0].verification.passed


def _check(manifest: Manifest, **changes: Any) -> Manifest:  # noqa: ANN401
    claim = manifest.claims[0]
    check = msgspec.structs.replace(claim.verification, **changes)
    changed = msgspec.structs.replace(claim, verification=check)
    return msgspec.structs.replace(manifest, claims=(changed,))


def test_two_units_in_the_last_place_are_allowed_and_no_more() -> None:
    """Another implementation's rounding is no fault; a shifted value is."""
    manifest, evidence = _pair()
    value = manifest.claims[0].verification.value
    assert value is not None
    for units, expected in ((2, 0), (3, 1)):
        shifted = f"{float(value) + units * 1e-9:.9f}"
        moved = _check(manifest, value=shifted, margin=margin(shifted, "0.15"))
        claim = evidence.claims[0]
        assert claim.verification is not None
        match = msgspec.structs.replace(claim.verification, value=shifted)
        found = msgspec.structs.replace(
            evidence, claims=(msgspec.structs.replace(claim, verification=match),)
        )
        assert expected == len(lexical_v1.recompute_claims(moved, found))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"passed": False}, "passed"),
        ({"margin": "0.000000000"}, "margin"),
        ({"margin": None}, "margin"),
        ({"value": None}, "no published value"),
        ({"best": None}, "different passages"),
        ({"value": "0.999999999", "margin": "0.849999999"}, "recomputed"),
    ],
)
def test_a_changed_check_is_a_fault(change: dict[str, Any], word: str) -> None:
    """A tick, margin or value that does not follow is named."""
    manifest, evidence = _pair()
    faults = lexical_v1.recompute_claims(_check(manifest, **change), evidence)
    assert any("c1 verification" in fault and word in fault for fault in faults)


def test_changed_evidence_is_a_fault() -> None:
    """Other counts, another text, an unlisted passage, a foreign or missing claim are named."""
    manifest, evidence = _pair()
    claim = evidence.claims[0]
    assert claim.verification is not None
    replace = msgspec.structs.replace
    changed = {
        "not those of the claim": replace(evidence, claims=(replace(claim, counts={"a b": 1}),)),
        "digest mismatch": replace(evidence, claims=(replace(claim, sha256="ab" * 32),)),
        "not those of the quoted": replace(
            evidence,
            claims=(replace(claim, verification=replace(claim.verification, counts={"trams": 9})),),
        ),
        "holds no match": replace(evidence, claims=(replace(claim, verification=None),)),
        "not in the evidence's index": replace(evidence, index=evidence.index[1:], passages=2),
        "passages is 9": replace(evidence, passages=9),
        "does not hold it": replace(evidence, claims=()),
        "only the evidence": replace(evidence, claims=(claim, replace(claim, id="c2"))),
        "twice": replace(evidence, claims=(claim, claim)),
        "belongs to": replace(evidence, record="sr-2605-0000000b"),
        "recomputed": replace(evidence, df=evidence.df | {"trams": 1}),
    }
    for word, tampered in changed.items():
        faults = lexical_v1.recompute_claims(manifest, tampered)
        assert any(word in fault for fault in faults), (word, faults)
