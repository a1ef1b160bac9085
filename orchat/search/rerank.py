"""A second look at the best chunks, without a model: how much of the query stands in each, and how close."""

import math
import re
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from itertools import pairwise

from orchat.search.index import IndexedChunk
from orchat.search.places import head
from orchat.search.words import Query, split

WEIGHT = 0.25
"""Of all that is seen here together, beside the fused ranking's 1."""

SHARES = {"coverage": 0.4, "window": 0.2, "phrase": 0.2, "head": 0.2}
"""What each feature is worth, 1 in all."""

KEPT = 3
"""Letters at the beginning of a word that are no ending."""

_ENDING = re.compile(rf"(?<=\w{{{KEPT}}})(?:ations?|ings?|ed|ies|es|s|ly|e|y)$")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return a word without its commonest English endings; enough to compare words, not to index them."""
    return _ENDING.sub("", word)


def reranked(
    query: Query, ranked: Sequence[tuple[int, float]], chunks: Mapping[int, IndexedChunk]
) -> list[tuple[int, float]]:
    """Return the ids with their new scores, best first."""
    terms = [stem(term.text) for term in query.terms]
    beginnings = {term[:KEPT] for term in terms}
    texts = {id_: _stems(split(chunks[id_].text), beginnings) for id_, _ in ranked}
    rarity = _rarity(terms, [frozenset(words) for words in texts.values()])
    scored = []
    for id_, score in ranked:
        chunk = chunks[id_]
        above = frozenset(_stems(split(head(chunk.name, chunk.title, chunk.place)), beginnings))
        features = _features(terms, texts[id_], above, rarity)
        scored.append((id_, (score + WEIGHT * features) / (1 + WEIGHT)))
    return sorted(scored, key=lambda item: -item[1])


def _stems(words: Sequence[str], beginnings: Set[str]) -> list[str]:
    """The words without endings, of those at least that can be a term of the query."""
    return [stem(word) if word[:KEPT] in beginnings else word for word in words]


def rescaled(ranked: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return what is not looked at again with scores that can stand behind those that are."""
    return [(id_, score / (1 + WEIGHT)) for id_, score in ranked]


def _features(terms: Sequence[str], words: Sequence[str], above: frozenset[str], rarity: Mapping[str, float]) -> float:
    """All features of one chunk, each from 0 to 1, as one number from 0 to 1."""
    everything = sum(rarity.values()) or 1.0
    places: dict[str, list[int]] = {term: [] for term in rarity}
    for place, word in enumerate(words):
        if word in places:
            places[word].append(place)
    present = {term: found for term, found in places.items() if found}
    pairs = list(pairwise(terms))
    following = set(pairwise(words))
    values = {
        "coverage": sum(weight for term, weight in rarity.items() if term in present or term in above) / everything,
        "window": len(present) / max(_window(present), len(present), 1) * (len(present) > 1),
        "phrase": sum(pair in following for pair in pairs) / len(pairs) if pairs else 0.0,
        "head": sum(weight for term, weight in rarity.items() if term in above) / everything,
    }
    return sum(SHARES[name] * value for name, value in values.items())


def _rarity(terms: Sequence[str], texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much each term tells these chunks apart."""
    return {term: math.log(1 + len(texts) / (1 + sum(term in text for text in texts))) for term in dict.fromkeys(terms)}


def _window(places: Mapping[str, Sequence[int]]) -> int:
    """The number of words of the shortest stretch in which every term stands that stands anywhere."""
    found = sorted((place, term) for term, where in places.items() for place in where)
    last: dict[str, int] = {}
    shortest = math.inf
    for place, term in found:
        last[term] = place
        if len(last) == len(places):
            shortest = min(shortest, place - min(last.values()) + 1)
    return int(shortest) if found else 0
