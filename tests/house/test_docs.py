"""The documentation: its tables are current, its examples run, what it names exists."""

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest

from orchat import errors
from orchat.demo import DemoServer
from orchat.demo.demo_models import DEMO_MODELS
from orchat.errors import Action, OrchatError
from orchat.settings import Settings
from scripts import docs
from tests.house.tree import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text()
SETTINGS = {str(field.validation_alias.choices[0]) for field in Settings.model_fields.values()}
COMPOSE_ONLY = {"ORCHAT_PORT", "ORCHAT_TARGET", "ORCHAT_HOST", "ORCHAT_TLS"}
KEY = '"sk-or-v1-YOUR-KEY"'
"""How the examples write the reader's key."""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def examples() -> list[object]:
    found = ((page, enumerate(fenced(page, "python"), 1)) for page in PAGES)
    return [pytest.param(code, id=f"{name(page)} {number}") for page, codes in found for number, code in codes]


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as started:
        yield started


def test_the_generated_parts_are_current(capsys: pytest.CaptureFixture[str]):
    assert docs.main(["--check"]) == 0, f"{capsys.readouterr().out}Run: python scripts/docs.py"


def test_a_part_that_is_not_current_is_replaced_and_nothing_else():
    written = docs.with_parts("before\n<!-- generated: settings -->\noutdated\n<!-- end -->\nafter\n")
    assert "| `OPENROUTER_API_KEY` |" in written
    assert "outdated" not in written
    assert written.startswith("before\n<!-- generated: settings -->\n")
    assert written.endswith("<!-- end -->\nafter\n")


@pytest.mark.parametrize("code", examples())
def test_each_example_runs(code: str, server: DemoServer):
    answered = len(server.requests)
    for_the_server = code.replace(KEY, f'"{server.api_key}", base_url="{server.base_url}"')
    # Compiled and run as a reader would run it: in a process, with warnings as errors.
    outcome = subprocess.run(
        [sys.executable, "-W", "error", "-c", for_the_server], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    assert len(server.requests) > answered or "DemoServer" in code


def test_the_library_page_and_the_readme_have_examples():
    assert len(fenced(ROOT / "docs" / "library.md", "python")) >= 5
    assert len(fenced(ROOT / "README.md", "python")) == 1


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_to_a_file_leads_somewhere(page: Path):
    pointed = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", prose(page))
    targets = {unquote((link or image).partition("#")[0]) for link, image in pointed}
    local = {target for target in targets if target and "://" not in target and not target.startswith("mailto:")}
    assert {target for target in local if not (page.parent / target).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_setting_that_a_page_names_exists(page: Path):
    named = set(re.findall(r"\b(?:ORCHAT|OPENROUTER)_[A-Z_]+\b", page.read_text()))
    assert named - SETTINGS - COMPOSE_ONLY == set()


def test_the_variables_that_only_compose_reads_are_in_its_file():
    compose = "".join((ROOT / name).read_text() for name in ("compose.yaml", "deploy/compose.team.yaml"))
    assert {variable for variable in COMPOSE_ONLY if f"${{{variable}:" not in compose} == set()


def test_every_setting_is_in_the_tables():
    for page in (README, (ROOT / "docs" / "settings.md").read_text()):
        assert {setting for setting in SETTINGS if f"| `{setting}` |" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_command_of_a_page_exists(page: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|[`$] ?|… |&& )make (?:[A-Z]+=\S+ )*([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named - targets == set()


def test_the_errors_page_names_every_class():
    rows = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE))
    classes = (getattr(errors, offered) for offered in errors.__all__)
    assert rows == {kind.__name__ for kind in classes if isinstance(kind, type) and issubclass(kind, OrchatError)}


def test_the_errors_page_explains_every_action():
    page = (ROOT / "docs" / "errors.md").read_text()
    explained = page[page.index("| Action |") : page.index("## The classes")]
    words = {action.value.replace("_", " ").replace("zdr", "ZDR") for action in Action}
    assert {word for word in words if word not in explained} == set()


def test_the_demo_page_names_every_model_with_a_purpose():
    page = (ROOT / "docs" / "demo.md").read_text()
    assert {model.id for model in DEMO_MODELS if f"| `{model.id}` |" not in page} == set()


def test_the_demo_page_names_options_that_exist():
    command = [sys.executable, "-m", "orchat.demo", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"(?<=`|\s)--[a-z]+", (ROOT / "docs" / "demo.md").read_text()))
    assert named
    assert {option for option in named if option not in shown} == set()


def test_the_image_to_pull_first_is_the_one_that_is_built_on():
    base = re.search(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert base is not None
    assert f"docker pull {base[1]}" in (ROOT / "docs" / "troubleshooting.md").read_text()


def test_the_architecture_page_places_every_module():
    page = (ROOT / "ARCHITECTURE.md").read_text()
    placed = re.findall(r"`(\w+)`", page[page.index("| Layer |") : page.index("<!-- end -->")])
    modules = [
        path.stem for path in (ROOT / "orchat").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    ]
    assert {module for module in modules if module != "__init__" and module not in placed} == set()


def test_every_file_that_the_architecture_page_names_exists():
    named = set(re.findall(r"`([\w./]+(?:\.py|/))`", (ROOT / "ARCHITECTURE.md").read_text()))
    assert named
    assert {file for file in named if not ((ROOT / "orchat" / file).exists() or (ROOT / file).exists())} == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_headings_go_down_one_level_at_a_time(page: Path):
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(page), re.MULTILINE)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


@pytest.mark.parametrize("picture", ["chat-light", "chat-dark", "phone", "models", "agent"])
def test_the_pictures_are_there_and_light(picture: str):
    assert 0 < (ROOT / "docs" / "images" / f"{picture}.png").stat().st_size <= 250_000


def test_the_example_of_a_tool_is_as_short_as_it_says_and_works_when_it_is_dropped_in(tmp_path: Path):
    from orchat.agent.toolbox import Toolbox
    from orchat.runs import Runs

    code, asking, artifacts = fenced(ROOT / "docs" / "tools.md", "py")
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    (tmp_path / "dice.py").write_text(code)
    (tmp_path / "sales.py").write_text(artifacts)
    (tmp_path / "summary.py").write_text(asking)
    runs = Runs()
    found = Toolbox([tmp_path], run=runs.submit, entry_points=False).plugins()
    runs.close()
    dice, *_ = found
    assert [plugin.problem for plugin in found] == [None, None, None]
    assert [info.name for plugin in found for info in plugin.tools] == ["roll_dice", "sales", "summarise"]
    assert dice.tools[0].approval == "auto"


def test_the_page_of_tools_names_what_is_true():
    from orchat.agent.toolbox.calls import MODEL_OUTPUT
    from orchat.agent.toolbox.sources import GROUP
    from orchat.store.files import MAX_FILE

    page = (ROOT / "docs" / "tools.md").read_text()
    assert f"{MODEL_OUTPUT:,} characters" in page
    assert f"{MAX_FILE >> 20} MB" in page
    assert f"`{GROUP}`" in page
    assert {path.stem for path in (ROOT / "tools").iterdir() if not path.name.startswith(("_", "."))} == {
        "clock",
        "code_interpreter",
        "file_search",
        "load_document",
        "openrouter_models",
        "web_page",
    }
