"""Several rankings made one."""

from collections.abc import Sequence

K = 60
"""How little the first ranks stand out; the value of the paper (Cormack, Clarke, Büttcher 2009), not tuned."""


def reciprocal_rank_fusion(rankings: Sequence[Sequence[int]]) -> dict[int, float]:
    """Return the score of each id in any of the rankings, best first: 1 is what is first in all of them."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, id_ in enumerate(ranking, 1):
            scores[id_] = scores.get(id_, 0.0) + (K + 1) / (K + rank) / len(rankings)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))
