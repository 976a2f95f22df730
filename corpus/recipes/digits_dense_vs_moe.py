"""A mixture of linear experts against one linear model on handwritten digits.

Data: the 1,797 images of 8 x 8 pixels that scikit-learn carries (`load_digits`, from the UCI
repository), scaled to [0, 1].  The gate is k-means on the training images (hard, top-1); each
expert is a logistic regression on the images of its cluster.  Five stratified folds.  The number of
experts, the regularisation C = 1 and the seeds are our choice.  Controls: a gate that ignores the
image, and labels shuffled in the training part of the first fold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from _common import Floats, Ints, Results, agree, require
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXPERTS = 8
FOLDS = 5


def linear(images: Floats, labels: Ints) -> LogisticRegression:
    """One logistic regression, fitted to convergence."""
    return LogisticRegression(C=1.0, max_iter=2000).fit(images, labels)


def mixture(train: Floats, labels: Ints, test: Floats, gate: Ints, route: Ints) -> Ints:
    """Predictions of one linear expert per gate value; an empty expert is an error."""
    predicted = np.full(test.shape[0], -1, dtype=np.int64)
    for expert in range(EXPERTS):
        mine, asked = gate == expert, route == expert
        if not asked.any():
            continue
        known = np.unique(labels[mine])
        if known.size == 1:
            predicted[asked] = known[0]
            continue
        predicted[asked] = linear(train[mine], labels[mine]).predict(test[asked])
    require("every test image is answered", holds=bool((predicted >= 0).all()))
    return predicted


def fold(images: Floats, labels: Ints, rows: tuple[Ints, Ints], seed: int) -> dict[str, float]:
    """Accuracies in percent and the gate's loads for one split."""
    train, test = images[rows[0]], images[rows[1]]
    known, truth = labels[rows[0]], labels[rows[1]]
    rng = np.random.default_rng(seed)
    means = KMeans(n_clusters=EXPERTS, n_init=3, random_state=seed).fit(train)
    gate, route = means.labels_.astype(np.int64), means.predict(test).astype(np.int64)
    blind, blind_route = (
        rng.integers(EXPERTS, size=known.size),
        rng.integers(EXPERTS, size=truth.size),
    )
    loads = np.bincount(gate, minlength=EXPERTS)
    return {
        "dense": 100 * float((linear(train, known).predict(test) == truth).mean()),
        "moe": 100 * float((mixture(train, known, test, gate, route) == truth).mean()),
        "blind": 100 * float((mixture(train, known, test, blind, blind_route) == truth).mean()),
        "max_load": float(loads.max() / loads.mean()),
        "classes": float(np.mean([np.unique(known[gate == e]).size for e in range(EXPERTS)])),
        "purity": 100
        * float(
            np.mean(
                [np.bincount(known[gate == e]).max() / (gate == e).sum() for e in range(EXPERTS)]
            )
        ),
    }


def in_test(rows: tuple[Ints, Ints], size: int) -> NDArray[np.bool_]:
    """True for the images of the test part."""
    mask = np.zeros(size, dtype=np.bool_)
    mask[rows[1]] = True
    return mask


def compute() -> Results:
    """Mean over folds; raises RecipeError if shuffled labels do not fall to chance."""
    data = load_digits()
    images, labels = data.data / 16.0, data.target.astype(np.int64)
    splitter = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=0)
    splits = [
        (train.astype(np.int64), test.astype(np.int64))
        for train, test in splitter.split(images, labels)
    ]
    # One thread: the fits are small, and the sum order of the linear algebra stays the same.
    with threadpool_limits(1):
        folds = [fold(images, labels, rows, seed) for seed, rows in enumerate(splits)]
        shuffled = np.random.default_rng(FOLDS).permutation(labels)
        control = fold(
            images, np.where(in_test(splits[0], labels.size), labels, shuffled), splits[0], 0
        )
    out: Results = {key: float(np.mean([one[key] for one in folds])) for key in folds[0]}
    out["gap"] = float(out["moe"]) - float(out["dense"])
    out["blind_gap"] = float(out["dense"]) - float(out["blind"])
    out["best_folds"] = sum(one["moe"] > one["dense"] for one in folds)
    out["shuffled"] = control["moe"]
    agree("shuffled labels", control["moe"], 10.0, 6.0)
    out |= {
        "images": int(images.shape[0]),
        "pixels": int(images.shape[1]),
        "folds": FOLDS,
        "experts": EXPERTS,
        "k": 1,
        "active": 100 / EXPERTS,
        "digit_classes": 10,
        "weights_dense": 10 * 65,
        "weights_moe": EXPERTS * 10 * 65 + EXPERTS * 64,
        "weights_used": 10 * 65 + EXPERTS * 64,
    }
    out["used_share"] = 100 * int(out["weights_used"]) / int(out["weights_moe"])
    return out
