"""Verification throughput: step 5 against one batched scikit-learn transform and sparse product.

``python -m benchmarks.lexical ours|sklearn PASSAGES CLAIMS`` prints the seconds of fit and of
comparison as JSON.  Both sides fit the same vectoriser on the same passages.  The peer then takes
the largest cosine of every row and stops there; ours leaves out the claim's own passage and its
copies, quantises before it compares, settles ties by order, and tests corroboration besides.
"""

from __future__ import annotations

import itertools
import random
import sys
import time

import msgspec

from benchmarks.measure import Cost, measure
from benchmarks.results import Figure, Part, ratio, say
from sovereign_registry.contracts.canonical import text_sha256
from sovereign_registry.contracts.claims import Locator
from sovereign_registry.contracts.papers import TextKind
from sovereign_registry.pipeline.passages import SourcePassage

VOCABULARY = 6_000
SENTENCE_WORDS = 22
"""Words of a sentence, about the mean of sentences in abstracts."""
PASSAGES_PER_PAPER = 200


class Timing(msgspec.Struct, kw_only=True):
    """CPU and wall seconds of the two halves."""

    fit: float
    compare: float
    compare_cpu: float


def passages(count: int) -> list[SourcePassage]:
    """Sentences whose words are drawn by Zipf's law; the same count gives the same sentences."""
    draw = random.Random(count)  # noqa: S311 - drawn to be the same again
    names = [f"word{number}" for number in range(VOCABULARY)]
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(VOCABULARY)))
    made = []
    for number in range(count):
        paper = f"{2401 + number // PASSAGES_PER_PAPER % 12}.{10000 + number // PASSAGES_PER_PAPER}"
        text = " ".join(draw.choices(names, cum_weights=weights, k=SENTENCE_WORDS))
        made.append(
            SourcePassage(
                key=paper,
                text=text,
                locator=Locator(
                    paper=f"{paper}v1",
                    kind=TextKind.SECTIONS,
                    section="1",
                    section_title="",
                    start=0,
                    end=len(text),
                    sha256=text_sha256(text),
                ),
            )
        )
    return made


def _ours(made: list[SourcePassage], claims: list[SourcePassage]) -> Timing:
    from sovereign_registry.pipeline.verification import LexicalIndex  # noqa: PLC0415

    # The first use of scikit-learn imports it; that is no part of either side's figure.
    LexicalIndex(made[:10])
    start = time.perf_counter()
    index = LexicalIndex(made)
    fitted, cpu = time.perf_counter(), time.process_time()
    for _ in index.compare(claims):
        pass
    return Timing(
        fit=fitted - start,
        compare=time.perf_counter() - fitted,
        compare_cpu=time.process_time() - cpu,
    )


def _sklearn(made: list[SourcePassage], claims: list[SourcePassage]) -> Timing:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    start = time.perf_counter()
    vectoriser = TfidfVectorizer(ngram_range=(1, 2))
    matrix = vectoriser.fit_transform([passage.text for passage in made])
    fitted, cpu = time.perf_counter(), time.process_time()
    product = vectoriser.transform([claim.text for claim in claims]) @ matrix.T
    product.max(axis=1)
    return Timing(
        fit=fitted - start,
        compare=time.perf_counter() - fitted,
        compare_cpu=time.process_time() - cpu,
    )


def bench(count: int, runs: int) -> list[Part]:
    """Compare the two, in turn, on ``count`` passages of which every fourth is a claim."""
    claims = max(1, count // 4)
    say(f"verification: {claims:,} claims over {count:,} passages")
    timings: dict[str, list[Timing]] = {"ours": [], "sklearn": []}
    costs = {side: Cost(name=f"verification, {side}", runs=[]) for side in timings}
    for _ in range(runs):
        for side, found in timings.items():
            command = (sys.executable, "-m", "benchmarks.lexical", side, str(count), str(claims))
            spent, output = measure(command)
            costs[side].runs.append(spent)
            found.append(msgspec.json.decode(output, type=Timing))
    best = {
        side: sorted(one.compare for one in found)[len(found) // 2]
        for side, found in timings.items()
    }
    figures = [
        Figure(
            name=f"claims a second, {label}",
            measured=claims / best[side],
            unit="1/s",
            better="higher",
        )
        for side, label in (("ours", "ours"), ("sklearn", "one scikit-learn product"))
    ]
    figures.append(ratio("time to compare, ours / scikit-learn", best["ours"], best["sklearn"]))
    fits = {side: min(one.fit for one in found) for side, found in timings.items()}
    figures.append(ratio("time to fit, ours / scikit-learn", fits["ours"], fits["sklearn"]))
    whole = (costs["ours"].middle("cpu"), costs["sklearn"].middle("cpu"))
    figures.append(ratio("CPU of the whole process, ours / scikit-learn", *whole))
    return [
        Part(
            name=f"Verification, {claims:,} claims over {count:,} passages",
            figures=figures,
            costs=list(costs.values()),
            notes=["the time to compare is measured inside the process: imports are left out"],
        )
    ]


def main() -> None:
    """Time one side."""
    if len(sys.argv) != 4 or sys.argv[1] not in {"ours", "sklearn"}:
        sys.exit("usage: python -m benchmarks.lexical ours|sklearn PASSAGES CLAIMS")
    made = passages(int(sys.argv[2]))
    claims = made[:: max(1, len(made) // int(sys.argv[3]))][: int(sys.argv[3])]
    timing = _ours(made, claims) if sys.argv[1] == "ours" else _sklearn(made, claims)
    print(msgspec.json.encode(timing).decode())


if __name__ == "__main__":
    main()
