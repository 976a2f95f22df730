"""The least maximum load that an assignment of whole token ids to experts can have, by search.

Token ids have Zipf frequencies, kept as whole numbers.  The search goes through all assignments, by
falling frequency; it leaves out those that differ only in the names of experts, and branches that
are no better than the best one found.  It uses no bound that follows from the most frequent id,
because that bound is what is to be tested.  With --flat all token ids are equally frequent.  Writes
the maximum over the mean once no assignment is left.
"""

import json
import os
import sys
from pathlib import Path

IDS, EXPERTS, UNIT = 32_000, 64, 10**12


def least_maximum(frequency, experts):
    """The least possible maximum of the sums; frequencies are whole numbers, greatest first."""
    best, loads, chosen, first = sum(frequency) + 1, [0] * experts, [], 0
    while True:
        place, taken = len(chosen), None
        if place == len(frequency):
            best = min(best, max(loads))
        else:
            # Experts with the same load so far differ by name only: the first stands for all.
            seen = set(loads[:first])
            for expert in range(first, experts):
                if loads[expert] not in seen and loads[expert] + frequency[place] < best:
                    taken = expert
                    break
                seen.add(loads[expert])
        if taken is not None:
            loads[taken] += frequency[place]
            chosen.append(taken)
            first = 0
        elif chosen:
            last = chosen.pop()
            loads[last] -= frequency[len(chosen)]
            first = last + 1
        else:
            return best


def main():
    """Search to the end, write."""
    flat = "--flat" in sys.argv
    frequency = [UNIT if flat else round(UNIT / rank) for rank in range(1, IDS + 1)]
    least = least_maximum(frequency, EXPERTS) * EXPERTS / sum(frequency)
    Path(os.environ["OUT"], "least.json").write_text(json.dumps({"maximum": least}))


if __name__ == "__main__":
    main()
