"""What is cached for the pages says for whom: a cache is everybody's, so whose a value is has to be in its key."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_size import sources
from tests.house.tree import ROOT

STREAMLITS = {"cache_data", "cache_resource"}
CACHES = {"cache", "lru_cache", *STREAMLITS}
EVERYBODYS = {
    ("orchat/ui/model_dialog.py", "_asked"),  # who offers a model, for a key or without one
    ("orchat/ui/resources.py", "warm_up_agent"),  # a module that is loaded
    ("orchat/ui/transcript.py", "_drawn"),  # text made into Markdown: whoever asks brings all of it
    ("orchat/ui/wording.py", "model_labels"),  # the catalogue's names
}
PAGES = ("orchat/ui", "pages", "streamlit_app.py", "tools")


def cached() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The functions of the pages whose values are kept, each with its file."""
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(PAGES):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(caches, node.decorator_list)):
                yield name, node


def caches(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in CACHES


def test_what_is_cached_is_cached_for_its_owner_or_named_as_everybodys():
    found = list(cached())
    without_owner = {(name, node.name) for name, node in found if first(node) != "owner"}
    assert without_owner == EVERYBODYS
    assert {node.name for _, node in found} >= {"_data", "_kept"}


def first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The name of the first argument. Streamlit leaves those that begin with `_` out of the key."""
    return node.args.args[0].arg if node.args.args else ""


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_streamlits_caches_are_decorators_and_nothing_else(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    decorators = [node for function in ast.walk(tree) for node in getattr(function, "decorator_list", ())]
    seen = {id(node) for decorator in decorators for node in ast.walk(decorator)}
    named = (node for node in ast.walk(tree) if getattr(node, "attr", getattr(node, "name", "")) in STREAMLITS)
    assert [ast.unparse(node) for node in named if id(node) not in seen] == []
