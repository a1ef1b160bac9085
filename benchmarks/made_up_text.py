"""Text for measuring speed: made-up words as frequent as words are, between the small words of English."""

from collections.abc import Iterator
from functools import cache

import numpy as np

SMALL = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which "
    "one you were all her she there would their we him been has when who will no more if out so up said what its about"
)
VOCABULARY = 60_000
WORDS_PER_CHUNK = 172
"""About 1,050 characters."""

SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ra se ti vo wa xe yi zo bra cle dri flo gru pla ste tri tho she"


@cache
def vocabulary() -> np.ndarray:
    """The words, the most frequent first."""
    syllables = SYLLABLES.split()
    count = len(syllables)
    made = []
    for number in range(VOCABULARY):
        rest, word = number + count, ""
        while rest:
            rest, place = divmod(rest, count)
            word += syllables[place]
        made.append(word)
    return np.array([*SMALL.split(), *made], dtype=object)


@cache
def frequencies() -> np.ndarray:
    """How often each word comes, by the law of Zipf and Mandelbrot."""
    ranks = np.arange(1, len(vocabulary()) + 1)
    weights = 1 / (ranks + 2.7) ** 1.07
    return weights / weights.sum()


def chunks(count: int, seed: int = 1) -> Iterator[str]:
    """Yield so many chunks; the same for the same seed."""
    random = np.random.default_rng(seed)
    for start in range(0, count, 1_000):
        some = min(1_000, count - start)
        words = random.choice(vocabulary(), size=(some, WORDS_PER_CHUNK), p=frequencies())
        for row in words:
            yield " ".join(row)


def queries(count: int) -> list[str]:
    """Return so many queries of ten words, as they follow each other in a text."""
    random = np.random.default_rng(2)
    words = random.choice(vocabulary(), size=(count, 10), p=frequencies())
    return [" ".join(row) for row in words]
