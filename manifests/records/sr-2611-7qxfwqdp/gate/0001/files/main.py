"""One linear model against eight linear experts behind a k-means gate, on handwritten digits.

Reads ``digits.txt``: 1,797 images of 8 x 8 pixels of the UCI data set "Optical Recognition of
Handwritten Digits" (E. Alpaydin and C. Kaynak, CC BY 4.0) as scikit-learn carries them.  A line is
one image: its label, a space, and 64 pixels from 0 to g (16).

Writes the accuracies in percent on the split of the technical note (SEED), and the mean over five
other shuffles of the same folds.  With SHUFFLE=1 the labels that are trained on are shuffled.
"""

import json
import os
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

EXPERTS, FOLDS, OTHERS = 8, 5, (1, 2, 3, 4, 5)


def fit(images, labels):
    """One logistic regression; the label itself where only one is known."""
    if np.unique(labels).size == 1:
        return lambda rows: np.full(len(rows), labels[0])
    return LogisticRegression(C=1.0, max_iter=2000).fit(images, labels).predict


def accuracies(images, labels, split, shuffle):
    """Mean accuracy of both models over the folds of one shuffle, in percent."""
    folds = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=split)
    found = []
    for number, (train, test) in enumerate(folds.split(images, labels)):
        known = labels[train]
        if shuffle:
            known = np.random.default_rng([split, number]).permutation(known)
        dense = fit(images[train], known)(images[test])
        means = KMeans(EXPERTS, n_init=3, random_state=100 * split + number).fit(images[train])
        route, sparse = means.predict(images[test]), np.empty_like(dense)
        for expert in np.unique(route):
            mine = means.labels_ == expert
            sparse[route == expert] = fit(images[train][mine], known[mine])(
                images[test][route == expert]
            )
        found.append([100 * np.mean(made == labels[test]) for made in (dense, sparse)])
    return np.mean(found, axis=0)


def numbers(dense, sparse):
    """Both accuracies and their difference, to four decimals."""
    made = {"dense": dense, "mixture": sparse, "difference": sparse - dense}
    return {name: round(float(value), 4) for name, value in made.items()}


def main():
    """Fit, compare, write."""
    lines = Path(__file__).with_name("digits.txt").read_text().split("\n")[:-1]
    labels = np.array([int(line[0]) for line in lines])
    images = np.array([[int(pixel, 17) for pixel in line[2:]] for line in lines]) / 16
    shuffle, seed = os.environ.get("SHUFFLE") == "1", int(os.environ["SEED"])
    dense, sparse = accuracies(images, labels, seed, shuffle)
    others = np.mean([accuracies(images, labels, one, shuffle) for one in OTHERS], axis=0)
    made = {
        "images": len(labels),
        "split_of_the_note": numbers(dense, sparse),
        "other_splits": numbers(*others),
    }
    text = json.dumps(made)
    Path(os.environ["OUT"], "accuracy.json").write_text(text)
    print(text)


main()
