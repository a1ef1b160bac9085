"""XLSX, XLS and ODS: a part for each sheet, as a table, by kreuzberg."""

from typing import Any

import kreuzberg

from orchat.errors import DocumentTooLargeError, NoTextError
from orchat.search.document import Parsed, Part, Place
from orchat.search.parsing.archive import Archive
from orchat.search.parsing.extraction import extract
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.outline import table

_MIDNIGHT = " 00:00:00"


def read(data: bytes, mime: str, limits: ParseLimits) -> Parsed:
    """The cells of every sheet, as they were last calculated.

    Raises:
        DocumentError: there are none, for the reason that its class tells.
    """
    if data.startswith(b"PK"):
        Archive.open(data, limits)
    result = extract(data, mime)
    names: list[str] = list(dict[str, Any](result.metadata).get("sheet_names") or [])
    if len(names) > limits.pages:
        raise DocumentTooLargeError(f"The workbook has {len(names):,} sheets; at most {limits.pages:,} are read.")
    parts = tuple(part for found in result.tables if (part := _sheet(found, names)).text)
    if not parts:
        raise NoTextError("No text found: the sheets are empty, or have charts and pictures only.")
    told = {part.place.number for part in parts}
    return Parsed(mime, parts, "", len(names), tuple(n for n in range(1, len(names) + 1) if n not in told))


def _sheet(found: kreuzberg.ExtractedTable, names: list[str]) -> Part:
    number = found.page_number
    label = names[number - 1] if 0 < number <= len(names) else ""
    cells = ([cell.removesuffix(_MIDNIGHT) for cell in row] for row in found.cells)
    return Part(table(cells), Place("sheet", number, label))
