"""Real answers to the questions that a new chat suggests: the first impression should be worth reading."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NEXT_WORD = r"""
## How a language model chooses the next word

**In one sentence:** it gives every word it knows a probability of coming next, draws one, and begins again with that
word added.

### Step by step

1. **Text becomes tokens.** A token is a common word or a piece of a rarer one. The model knows a fixed list of them,
   often 100,000 and more.
2. **Tokens become vectors.** Layer after layer, *attention* lets each position take in what matters from those before
   it: in “The trophy did not fit into the case because it was too big”, what “it” stands for.
3. **The last position gives scores.** Each token of the list gets one number, its *logit* $z_i$.
4. **Scores become probabilities**, by way of softmax with a temperature $T$:

   $$p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}$$

5. **One token is drawn**, appended to the text, and everything starts over until a token that means *end* comes up.

### An example

After “The cat sat on the”, with made-up scores:

| Token | Logit | $T = 0.5$ | $T = 1$ | $T = 2$ |
|:--|--:|--:|--:|--:|
| mat | 4 | 87 % | 66 % | 47 % |
| sofa | 3 | 12 % | 24 % | 29 % |
| roof | 2 | 2 % | 9 % | 17 % |
| moon | 0 | 0 % | 1 % | 6 % |

A low temperature makes the likely even likelier; a high one gives the unlikely a chance. *Top-p* sampling cuts the tail
off first: it keeps only the likeliest tokens that together reach, say, 90 %.

### What follows from it

- The same question can get different answers, because a token is *drawn*.
- A likely continuation need not be a true one: nothing in these steps looks anything up.
- Early words bind later ones. That is why it helps to let a model think before it answers.
""".strip()

_INTERVALS = '''
## Merging overlapping intervals

Sort by start. Then each interval either continues the last one of the result or opens a new one.

```python
from collections.abc import Iterable

Interval = tuple[int, int]


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the union of closed intervals as the fewest that cover it, in ascending order."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if start > end:
            raise ValueError(f"({start}, {end}) ends before it starts")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
```

The tests, for `pytest`, in the same file or with an import of `merge`:

```python
import pytest


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([], []),
        ([(1, 3)], [(1, 3)]),
        ([(1, 3), (2, 6), (8, 10)], [(1, 6), (8, 10)]),
        ([(8, 10), (1, 3)], [(1, 3), (8, 10)]),  # the order does not matter
        ([(1, 4), (4, 5)], [(1, 5)]),  # closed intervals that touch are one
        ([(1, 10), (2, 3)], [(1, 10)]),  # one inside another
    ],
)
def test_merge(intervals, expected):
    assert merge(intervals) == expected


def test_a_reversed_interval_is_refused():
    with pytest.raises(ValueError, match="ends before it starts"):
        merge([(3, 1)])
```

**Worth knowing**

- Sorting dominates: $O(n \\log n)$ time, and $O(n)$ memory for the result.
- `max` is what makes nested intervals work: the later one can end earlier.
- For half-open intervals the code is the same: `[1, 4)` and `[4, 5)` join to `[1, 5)`.
'''.strip()

_DATABASES = """
## SQLite or PostgreSQL for a small internal tool

| | SQLite | PostgreSQL |
|:--|:--|:--|
| **What it is** | A library inside your program | A server that programs connect to |
| **Set-up** | None; the database is one file | A service to install, secure and update |
| **Writers** | One at a time; in WAL mode readers go on meanwhile | Many at once (MVCC) |
| **Several machines** | No: the file belongs on a local disk | Yes, over the network |
| **Who may do what** | Rights on the file | Roles, rights on tables, row-level security |
| **Types** | Flexible; enforced in `STRICT` tables | Strict, with arrays, ranges and types of your own |
| **JSON and search** | JSON functions, FTS5 | `jsonb` with indexes, `tsvector` |
| **Changing a table** | Add, rename, drop columns; for more, build it anew | Nearly everything with `ALTER TABLE` |
| **Backup** | `VACUUM INTO` or `.backup`: a file to copy | `pg_dump`, or any point in time from the log |
| **Upkeep** | Hardly any | Versions, `VACUUM` (mostly automatic), monitoring |

### Choose SQLite if

- the tool runs on **one machine**, and
- writes are short: a few hundred transactions a second are then no problem, and
- nobody is there to look after a server.

Switch on `PRAGMA journal_mode = WAL` and `PRAGMA foreign_keys = ON`, and set a `busy_timeout`.

### Choose PostgreSQL if

- the tool will run in **several copies**, or other programs share the data,
- people write at the same time all day, or
- you need rights for each person, or a restore to five minutes ago.

**In short:** for a small internal tool begin with SQLite. Keep the SQL plain: then it is a small job to move if the
tool grows.
""".strip()


@dataclass(frozen=True, slots=True)
class Starter:
    """A question that is answered in earnest: the signs it is known by, a title, and the answer in Markdown."""

    signs: re.Pattern[str]
    title: str
    answer: str


def _signs(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_STARTERS = (
    Starter(_signs(r"\blanguage model\b.*\bnext (word|token)\b"), "How models choose words", _NEXT_WORD),
    Starter(_signs(r"\bpython\b.*\bmerg\w+ overlapping intervals\b"), "Merging overlapping intervals", _INTERVALS),
    Starter(_signs(r"\bcompare sqlite (and|with|to) postgres(ql)?\b"), "SQLite or PostgreSQL", _DATABASES),
)


def find_starter(question: str) -> Starter | None:
    """The starter that a question is, None when it is another question."""
    return next((starter for starter in _STARTERS if starter.signs.search(question)), None)
