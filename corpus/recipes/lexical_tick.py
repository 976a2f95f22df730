"""What the registry's lexical test accepts, on sentences of our own.

The rule is the registry's: `TfidfVectorizer(ngram_range=(1, 2))` of scikit-learn, otherwise
defaults, fitted on the passages, cosine with the best passage at least 0.15.  Each claim below is
compared with all passages but the one that it was made from only where that is said (`left_out`).
Check: the cosine of a verbatim copy is 1.
"""

from __future__ import annotations

import re

import numpy as np
from _common import Results, agree, require
from sklearn.feature_extraction.text import TfidfVectorizer

THRESHOLD = 0.15

PASSAGES = (
    "Top-2 routing of 8 experts activates 25 percent of the expert weights for each token.",
    "The router balances the load of the experts after 150 updates of a bias.",
    "Hash routing sends every occurrence of a token to the same one of 64 experts.",
    "Expert-choice routing leaves 10 percent of the tokens without any expert.",
    "A cache of 16 experts answers 70 percent of the requests without a transfer.",
    "Latent attention reduces the key-value cache of a decoder by 98 percent.",
    "Four-bit quantisation raises the relative error of the weights to 11 percent.",
    "Dropping three quarters of the visual tokens saves 68 percent of the prefill compute.",
    "A batch of 16 tokens touches 88 percent of the experts of a layer.",
    "Attention scores take 40 percent of the compute at a context of 32768 tokens.",
    "The all-to-all dispatch limits the speed-up of expert parallelism to a factor of 14.",
    "A mixture of linear experts classifies 96 percent of the digits correctly.",
)
NEGATED = (
    "Top-2 routing of 8 experts never activates 25 percent of the expert weights for each token.",
    "The router does not balance the load of the experts after 150 updates of a bias.",
    "Hash routing does not send every occurrence of a token to the same one of 64 experts.",
    "Expert-choice routing does not leave 10 percent of the tokens without any expert.",
    "A cache of 16 experts cannot answer 70 percent of the requests without a transfer.",
    "Latent attention does not reduce the key-value cache of a decoder by 98 percent.",
    "Four-bit quantisation never raises the relative error of the weights to 11 percent.",
    "Dropping three quarters of the visual tokens saves no part of the prefill compute.",
    "A batch of 16 tokens never touches 88 percent of the experts of a layer.",
    "Attention scores never take 40 percent of the compute at a context of 32768 tokens.",
    "The all-to-all dispatch never limits the speed-up of experts to a factor of 14.",
    "A mixture of linear experts fails to classify 96 percent of the digits correctly.",
)
PARAPHRASED = (
    "Only one in four feed-forward weights runs when two of eight blocks are picked.",
    "Nudging a threshold per unit evens out how much work each one gets.",
    "Words always go where their identifier says.",
    "Some inputs are picked by nobody when blocks do the picking.",
    "Keeping recently used blocks nearby avoids most copies over the link.",
    "Compressing past states into a small vector shrinks memory during decoding.",
    "Rounding parameters coarsely makes them about a tenth less exact.",
    "Most image patches can go before the first layer, and two thirds of the work goes too.",
    "Serving many sequences at once wakes nearly every block.",
    "Long inputs make pairwise comparison dominate.",
    "Exchanging activations between devices bounds how much parallel hardware helps.",
    "Several small linear models together read handwritten numerals well.",
)
UNRELATED = (
    "Coral reefs recover slowly after bleaching in warm summers.",
    "The treaty was signed in the spring and ratified in autumn.",
    "Sourdough bread needs a long and cool fermentation.",
    "Glaciers in the valley lost half of their mass in a century.",
    "The orchestra played the symphony without a conductor.",
    "Bees find their way home by the polarised light of the sky.",
    "Medieval guilds set the price of wool and of dyes.",
    "The comet passes the inner planets once in 76 years.",
    "Vaccines train the immune system with harmless fragments.",
    "Suspension bridges carry their deck by cables in tension.",
    "Old maps show the river on the other side of the town.",
    "Chess openings are named after players, towns and animals.",
)


def renumbered(sentence: str) -> str:
    """The sentence with every number made greater by seven."""
    return re.sub(r"(?<![-\w])\d+", lambda found: str(int(found.group()) + 7), sentence)


def cosines(
    claims: tuple[str, ...], *, left_out: bool = False, stop_words: str | None = None
) -> list[float]:
    """Best cosine of each claim, quantised to 1e-9; `left_out` skips passage i for claim i."""
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), stop_words=stop_words)
    passages = vectoriser.fit_transform(PASSAGES)
    table = np.asarray((vectoriser.transform(claims) @ passages.T).todense())
    if left_out:
        np.fill_diagonal(table, 0.0)
    return [round(float(value), 9) for value in table.max(axis=1)]


def joint_cosines(claims: tuple[str, ...]) -> list[float]:
    """Best cosine of each claim when the vectoriser is fitted on the passages and the claim."""
    best = []
    for claim in claims:
        table = TfidfVectorizer(ngram_range=(1, 2)).fit_transform((*PASSAGES, claim))
        best.append(round(float((table[-1] @ table[:-1].T).max()), 9))
    return best


def known_words(claims: tuple[str, ...]) -> float:
    """Percentage of the claims' words that the vectoriser fitted on the passages knows."""
    vectoriser = TfidfVectorizer().fit(PASSAGES)
    words = [word for claim in claims for word in vectoriser.build_analyzer()(claim)]
    return 100 * float(np.mean([word in vectoriser.vocabulary_ for word in words]))


def compute() -> Results:
    """Share of claims that pass in percent, and mean cosine, for each kind of claim."""
    kinds = {
        "verbatim": PASSAGES,
        "negated": NEGATED,
        "renumbered": tuple(renumbered(sentence) for sentence in PASSAGES),
        "paraphrased": PARAPHRASED,
        "unrelated": UNRELATED,
    }
    out: Results = {"threshold": THRESHOLD, "passages": len(PASSAGES), "kinds": len(kinds)}
    for name, claims in kinds.items():
        values = cosines(claims)
        out[f"{name}_passed"] = sum(value >= THRESHOLD for value in values)
        out[f"{name}_share"] = 100 * float(np.mean([value >= THRESHOLD for value in values]))
        out[f"{name}_mean"], out[f"{name}_max"] = float(np.mean(values)), max(values)
        out[f"{name}_min"] = min(values)
    agree("verbatim", float(out["verbatim_min"]), 1.0, 1e-9)
    alone = cosines(PASSAGES, left_out=True)
    out["alone_passed"] = sum(value >= THRESHOLD for value in alone)
    out["alone_share"] = 100 * float(np.mean([value >= THRESHOLD for value in alone]))
    out["alone_mean"], out["alone_max"] = float(np.mean(alone)), max(alone)
    require(
        "every number moves",
        holds=all(a != b for a, b in zip(PASSAGES, kinds["renumbered"], strict=True)),
    )
    for name in ("negated", "paraphrased", "unrelated"):
        values = cosines(kinds[name], stop_words="english")
        out[f"{name}_filtered"] = sum(value >= THRESHOLD for value in values)
        out[f"{name}_joint"] = sum(value >= THRESHOLD for value in joint_cosines(kinds[name]))
    out["unrelated_known"] = known_words(UNRELATED)
    out["negated_known"] = known_words(NEGATED)
    out["shift"] = 7
    require(
        "negation passes more than paraphrase",
        holds=float(out["negated_share"]) > float(out["paraphrased_share"]),
    )
    return out
