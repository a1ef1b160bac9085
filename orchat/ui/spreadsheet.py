"""Cells that no spreadsheet takes for formulas: each table on a page has a button that writes what it shows as CSV."""

from collections.abc import Iterable, Mapping

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def cell(text: str) -> str:
    """Return text as a cell has to have it; what a spreadsheet would run begins with an apostrophe."""
    return f"'{text}" if text.startswith(_BEGIN_FORMULAS) else text


def rows(lines: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return the rows of a table; what is no text stays as it is."""
    return [{name: cell(value) if isinstance(value, str) else value for name, value in line.items()} for line in lines]
