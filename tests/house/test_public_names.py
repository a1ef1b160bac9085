"""What `orchat` offers to a program that imports it."""

import ast
import subprocess
import sys

import orchat
from orchat import errors
from tests.house.tree import ROOT


def imported_names() -> set[str]:
    """Every name that the package takes from its own modules, at once or only for the type checker."""
    tree = ast.parse((ROOT / "orchat" / "__init__.py").read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.name for node in found if (node.module or "").startswith("orchat.") for name in node.names}


def test_the_public_names_are_those_that_are_imported_in_order():
    assert orchat.__all__ == sorted(imported_names())


def test_every_public_name_can_be_had_and_is_listed():
    assert {name for name in orchat.__all__ if getattr(orchat, name, None) is None} == set()
    assert set(orchat.__all__) <= set(dir(orchat))


def test_each_branch_of_the_errors_can_be_caught_by_a_public_name():
    branches = {kind.__name__ for kind in errors.OpenRouterError.__subclasses__() if kind.__module__ == errors.__name__}
    assert "RateLimitedError" in branches
    assert branches | {"OrchatError", "SettingsError", "OpenRouterError"} <= set(orchat.__all__)


def test_importing_the_package_or_its_errors_loads_no_http_client():
    program = "import sys, orchat; orchat.OpenRouterError; print('httpx' in sys.modules, 'pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
