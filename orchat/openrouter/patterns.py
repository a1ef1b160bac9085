"""Patterns: names with wildcards (`anthropic/*`, `*:free`), and slugs of providers, which have regions below them."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name fits one of the patterns; case does not matter."""
    folded = name.casefold()
    return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)


def narrowed(wanted: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """Return patterns for what both lists have; an empty list stands for everything.

    Where two patterns only overlap (`*:free` and `openai/*`), neither is taken: rather too little than too much.
    """
    if not wanted or not allowed:
        return list(wanted or allowed)
    both = [one for one in wanted if matches(one, allowed)]
    return list(dict.fromkeys([*both, *(one for one in allowed if matches(one, wanted))]))


def served_by(slug: str, slugs: Iterable[str]) -> bool:
    """Whether a provider is one of `slugs`; `google-vertex` is all of its regions, `google-vertex/us-east5` is one."""
    folded = slug.casefold()
    return any(folded == other.casefold() or folded.startswith(f"{other.casefold()}/") for other in slugs)
