"""Code in the language that was asked for."""

from __future__ import annotations

import re
from random import Random
from string import Template

from orchat.demo.kinds import capitalised, topic_of
from orchat.demo.prompt import words_of

_LANGUAGES = (
    ("typescript", r"\btypescript\b"),
    ("javascript", r"\b(javascript|node|react|js)\b"),
    ("rust", r"\brust\b"),
    ("go", r"\b(golang|go)\b"),
    ("sql", r"\b(sql|query|select)\b"),
    ("bash", r"\b(bash|shell)\b"),
    ("html", r"\b(html|css|web ?page)\b"),
    ("python", r""),
)
_NOISE = frozenset(
    words_of(
        """
    a an the in of for to with and that which write code function script program python javascript typescript rust
    go golang sql bash shell html css class me my i please using from given one small short simple create make
    """
    )
)

_KNOWN_PYTHON = {
    "fibonacci": '''
from collections.abc import Iterator


def fibonacci(count: int) -> Iterator[int]:
    """Yield the first `count` Fibonacci numbers."""
    current, following = 0, 1
    for _ in range(count):
        yield current
        current, following = following, current + following


print(list(fibonacci(10)))  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
''',
    "prime": '''
def is_prime(number: int) -> bool:
    """Tell whether a number is prime, by trial division up to its square root."""
    if number < 2:
        return False
    return all(number % divisor for divisor in range(2, int(number**0.5) + 1))


print([n for n in range(30) if is_prime(n)])  # [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
''',
    "fizzbuzz": '''
def fizzbuzz(number: int) -> str:
    """Return the word for a number, or the number itself."""
    words = "Fizz" * (number % 3 == 0) + "Buzz" * (number % 5 == 0)
    return words or str(number)


print(" ".join(map(fizzbuzz, range(1, 16))))
''',
    "csv": '''
import csv
from pathlib import Path


def total(path: Path, column: str) -> float:
    """Add up one column of a CSV file."""
    with path.open(newline="", encoding="utf-8") as lines:
        return sum(float(row[column] or 0) for row in csv.DictReader(lines))


print(total(Path("orders.csv"), "amount"))
''',
}

_SKETCHES = {
    "python": '''
def ${name}(items: list[str]) -> dict[str, int]:
    """A sketch of: ${topic}."""
    counts: dict[str, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


print(${name}(["tea", "coffee", "tea"]))  # {'tea': 2, 'coffee': 1}
''',
    "javascript": """
// A sketch of: ${topic}
export function ${camel}(items) {
  return items.reduce((counts, item) => {
    counts[item] = (counts[item] ?? 0) + 1;
    return counts;
  }, {});
}

console.log(${camel}(["tea", "coffee", "tea"])); // { tea: 2, coffee: 1 }
""",
    "typescript": """
// A sketch of: ${topic}
export function ${camel}(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
""",
    "rust": """
use std::collections::HashMap;

/// A sketch of: ${topic}.
pub fn ${name}<'a>(items: &[&'a str]) -> HashMap<&'a str, usize> {
    items.iter().fold(HashMap::new(), |mut counts, item| {
        *counts.entry(*item).or_insert(0) += 1;
        counts
    })
}
""",
    "go": """
// ${camel} is a sketch of: ${topic}.
func ${camel}(items []string) map[string]int {
	counts := make(map[string]int)
	for _, item := range items {
		counts[item]++
	}
	return counts
}
""",
    "sql": """
-- A sketch of: ${topic}
SELECT   customer_id, COUNT(*) AS orders, SUM(amount) AS total
FROM     orders
WHERE    ordered_at >= DATE '2026-01-01'
GROUP BY customer_id
HAVING   SUM(amount) > 100
ORDER BY total DESC;
""",
    "bash": """
#!/usr/bin/env bash
# A sketch of: ${topic}
set -euo pipefail

find "$${1:-.}" -type f -name '*.log' -mtime +7 -print0 |
  xargs -0 --no-run-if-empty gzip --verbose
""",
    "html": """
<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>${topic}</title>
  <main>
    <h1>${topic}</h1>
    <p>A page needs little more than this to begin with.</p>
  </main>
</html>
""",
}


def write_code(question: str, random: Random) -> str:
    """An introduction, a code block, and a few notes."""
    topic = topic_of(question)
    language = next(name for name, signs in _LANGUAGES if re.search(signs, question, re.IGNORECASE))
    known = next((code for word, code in _KNOWN_PYTHON.items() if word in question.lower()), None)
    code = known if known and language == "python" else Template(_SKETCHES[language]).substitute(_names(topic))
    opening = random.choice(("Here is a small version to begin with.", "This does it in a few lines.", "A start:"))
    return f"""\
## {capitalised(topic)}

{opening}

```{language}
{code.strip()}
```

**Worth knowing**

- It keeps no state, so it can be called as often as you like.
- Time grows linearly with the input: $O(n)$.
- Errors of the input are not handled yet; decide first what should happen then.

Run it with `{_command(language)}`."""


def _names(topic: str) -> dict[str, str]:
    words = [word for word in words_of(topic) if word not in _NOISE and word.isascii() and word.isalpha()][:3]
    words = words or ["count", "items"]
    name = "_".join(words)
    return {"topic": topic, "name": name, "camel": words[0] + "".join(word.title() for word in words[1:])}


def _command(language: str) -> str:
    commands = {"python": "python demo.py", "bash": "bash demo.sh", "rust": "cargo run", "go": "go run ."}
    return commands.get(language, f"your usual tool for {language}")
