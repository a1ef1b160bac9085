"""One very long answer, for whoever measures how a page copes with it."""

from __future__ import annotations

from orchat.demo.kinds import capitalised, topic_of

LONG_ANSWER_CHARACTERS = 32_000

_SECTION = """\
## {number}. {title}

Section {number} is about {topic}. It says with **bold**, *italic* and `code` words what a page has to draw while the
text is still coming in, and it costs between $5 and $10 of patience.

- a first point, number {number}
- a second point with a [link](https://example.com/{number})
  - and a point below it

| step | input | output |
|:--|--:|--:|
| one | {number} | {double} |
| two | {double} | {square} |

```python
def section_{number}(value: int = {number}) -> int:
    \"\"\"Section {number} as a function.\"\"\"
    return value * value  # {square}
```

The sum up to here is $\\sum_{{k=1}}^{{{number}}} k = {total}$.

"""


def write_long_answer(question: str) -> str:
    """Exactly 32,000 characters of Markdown."""
    topic = topic_of(question)
    text = f"*Simulated reply.* A long answer about {topic}.\n\n"
    number = 0
    while len(text) < LONG_ANSWER_CHARACTERS:
        number += 1
        text += _SECTION.format(
            number=number,
            title=capitalised(topic),
            topic=topic,
            double=2 * number,
            square=number * number,
            total=number * (number + 1) // 2,
        )
    return text[:LONG_ANSWER_CHARACTERS]
