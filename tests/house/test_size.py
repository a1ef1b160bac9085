"""The size of files and functions. The aims are 250 lines and 40; these are the lines never to be crossed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT

LONGEST_FILE = 300
LONGEST_FUNCTION = 50


def sources() -> list[Path]:
    folders = (ROOT / name for name in ("orchat", "pages", "tools"))
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted([*found, *ROOT.glob("*.py")])


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_and_its_functions_stay_readable(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    assert {name: lines for name, lines in functions(path) if lines > LONGEST_FUNCTION} == {}
