"""From ranked chunks to passages: neighbours joined, no page more often than three times."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from orchat.search.index import IndexedChunk
from orchat.search.records import Hit

PER_PAGE = 3
LONGEST = 3
"""Chunks that a passage may be joined of."""


@dataclass(slots=True)
class Passage:
    """Chunks that follow each other in a part. The first that was found gives the score."""

    score: float
    found: IndexedChunk
    chunks: list[IndexedChunk] = field(default_factory=list)

    def takes(self, chunk: IndexedChunk) -> bool:
        """Take a chunk that stands directly before or behind; whether it does."""
        first, last = self.chunks[0], self.chunks[-1]
        if (chunk.file, chunk.part) != (first.file, first.part) or len(self.chunks) == LONGEST:
            return False
        if chunk.id == last.id + 1:
            self.chunks.append(chunk)
        elif chunk.id == first.id - 1:
            self.chunks.insert(0, chunk)
        else:
            return False
        return True


def passages(ranked: Iterable[tuple[IndexedChunk, float]], k: int) -> list[Passage]:
    """Return up to `k` passages, best first."""
    chosen: list[Passage] = []
    per_page: Counter[tuple[str, str, int]] = Counter()
    for chunk, score in ranked:
        if len(chosen) == k:
            break
        if any(passage.takes(chunk) for passage in chosen):
            continue
        if chunk.place.number is not None:
            page = (chunk.file, chunk.place.unit, chunk.place.number)
            if per_page[page] == PER_PAGE:
                continue
            per_page[page] += 1
        chosen.append(Passage(score, chunk, [chunk]))
    return chosen


def to_hit(passage: Passage, words: Mapping[int, float], similarities: Mapping[int, float]) -> Hit:
    """Return a passage as it is shown."""
    first, last, found = passage.chunks[0], passage.chunks[-1], passage.found
    return Hit(
        text=joined(passage.chunks),
        file=found.file,
        name=found.name,
        mime=found.mime,
        place=first.place,
        score=passage.score,
        part=found.part,
        start=first.start,
        end=last.end,
        words=words.get(found.id),
        similarity=similarities.get(found.id),
    )


def joined(chunks: Sequence[IndexedChunk]) -> str:
    """Return the text of chunks that follow each other, without what they share."""
    text = chunks[0].text
    for before, chunk in pairwise(chunks):
        # Chunks of a table repeat its header, and so are longer than their place in the part: these stay whole.
        exact = len(chunk.text) == chunk.end - chunk.start
        shared = before.end - chunk.start
        if exact and 0 <= shared <= len(chunk.text) and text.endswith(chunk.text[:shared]):
            text += chunk.text[shared:]
        else:
            text += f"\n{chunk.text}"
    return text
