"""Two things side by side."""

from __future__ import annotations

import re
from random import Random

from orchat.demo.kinds import capitalised, topic_of

_CRITERIA = (
    ("Getting started", ("a minute", "an afternoon", "a few commands", "one page to read")),
    ("Strong at", ("small teams", "large volumes", "quick experiments", "long-lived projects")),
    ("Weak at", ("rare cases", "very large inputs", "strict deadlines", "many users at once")),
    ("Upkeep", ("hardly any", "now and then", "a person's Friday", "automatic")),
    ("Typical cost", ("$5 to $10 a month", "$20 a month", "free to begin with", "$0.50 a day")),
)


def write_comparison(question: str, random: Random) -> str:
    """A table of criteria, a way to decide, and a recommendation."""
    left, right = _sides(question)
    rows = "\n".join(_row(name, values, random) for name, values in _CRITERIA)
    return f"""\
## {capitalised(left)} or {right}

| | {capitalised(left)} | {capitalised(right)} |
|:--|:--|:--|
{rows}

### How to decide

```mermaid
flowchart TD
    A[What matters most?] -->|Speed of a first result| B["{_label(left)}"]
    A -->|Room to grow| C["{_label(right)}"]
    B --> D[Try it for a week]
    C --> D
```

1. Write down the *one* property that you cannot do without.
2. Try the cheaper side first: between $5 and $10 is a small price for an answer.
3. Look again after a month.

**In short:** begin with {random.choice((left, right))}, and keep the other in mind."""


def _sides(question: str) -> tuple[str, str]:
    match = re.search(
        r"(?:between|compare|of|is|are)?\s*([\w.+# -]{2,40}?)\s+"
        r"(?:versus|vs\.?|and|or|with|to|than)\s+([\w.+# -]{2,40})",
        topic_of(question),
        re.IGNORECASE,
    )
    if not match:
        return topic_of(question), "its alternatives"
    left = re.sub(r"^(.*\b(between|of|compare)\b|\s*table\b)\s*", "", match[1].strip(), flags=re.IGNORECASE)
    right = re.split(r"\b(?:in|as|for|by|on)\b", match[2])[0]
    return left.strip() or "the first", right.strip() or "the second"


def _row(name: str, values: tuple[str, ...], random: Random) -> str:
    left, right = random.sample(values, 2)
    return f"| **{name}** | {left} | {right} |"


def _label(side: str) -> str:
    return side.replace('"', "'")
