"""A module dropped into the folder appears; a broken one is reported, and takes nothing else down with it."""

import asyncio
import os
import sys
import textwrap
import threading
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from orchat.agent.contract import ToolContext
from orchat.agent.toolbox import LoadedPlugin, Toolbox, reading, toolbox
from orchat.errors import PluginError
from orchat.openrouter.rules import Rules
from orchat.runs import Runs

GREET = '''
"""Says hello."""
from langchain_core.tools import tool

@tool
def greet(name: str) -> str:
    """Greet somebody."""
    return "VERSION " + name
'''


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


@pytest.fixture
def box(folder: Path, runs: Runs) -> Toolbox:
    return Toolbox([folder], run=runs.submit, entry_points=False)


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(textwrap.dedent(text))


def names(box: Toolbox) -> list[str]:
    return [info.name for info in box.offered()]


def plugin(box: Toolbox, name: str) -> LoadedPlugin:
    return next(each for each in box.plugins() if each.name == name)


def run(box: Toolbox, runs: Runs, tool: str, arguments: dict[str, Any], **context: Any) -> Any:
    async def invoke() -> Any:
        (ready,) = await box.tools(ToolContext(**{"owner": "ann", "conversation_id": "c", **context}), [tool])
        return await ready.tool.ainvoke(arguments)

    return runs.submit(invoke()).result(10)


def test_a_module_that_is_dropped_in_appears_and_one_that_is_removed_goes(folder: Path, box: Toolbox):
    assert box.offered() == ()
    write(folder, "greet.py", GREET)
    (info,) = box.offered()
    assert (info.name, info.plugin, info.title, info.approval) == ("greet", "greet", "Greet", "ask")
    assert info.description == "Greet somebody."
    (folder / "greet.py").unlink()
    assert box.offered() == ()


def test_an_edit_counts_at_once_even_of_the_same_size_within_the_same_second(folder: Path, box: Toolbox, runs: Runs):
    write(folder, "greet.py", GREET.replace("VERSION", "1"))
    assert run(box, runs, "greet", {"name": "Ann"}) == "1 Ann"
    before = (folder / "greet.py").stat()
    write(folder, "greet.py", GREET.replace("VERSION", "2"))
    # The clock of a file system may not have moved on between two writes.
    os.utime(folder / "greet.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run(box, runs, "greet", {"name": "Ann"}) == "2 Ann"


def test_a_package_is_read_again_when_one_of_its_modules_changes(folder: Path, box: Toolbox, runs: Runs):
    write(folder, "pack/__init__.py", "from .words import greet\nTOOLS = [greet]")
    write(folder, "pack/words.py", GREET.replace("VERSION", "1"))
    assert run(box, runs, "greet", {"name": "Ann"}) == "1 Ann"
    write(folder, "pack/words.py", GREET.replace("VERSION", "two"))
    assert run(box, runs, "greet", {"name": "Ann"}) == "two Ann"


@pytest.mark.parametrize(
    "text, said",
    [
        ("def broken(:", "invalid syntax"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("PLUGIN = dict(requires=['nowhere-to-be-found>=2'])", "pip install 'nowhere-to-be-found>=2'"),
        ("PLUGIN = dict(requires=['httpx>=999'])", "It needs httpx>=999, and"),
        ("PLUGIN = dict(requires=['!'])", "no requirement"),
        ("PLUGIN = dict(colour='red')", "colour"),
        ("PLUGIN = 3", "orchat.Plugin"),
        ("PLUGIN = dict(approval='never')", "'ask' or 'auto'"),
        ("PLUGIN = dict(timeout='soon')", "timeout is 'soon'"),
        ("PLUGIN = dict(timeout=-1)", "timeout is -1"),
        ("PLUGIN = dict(title=3)", "title has to be text"),
        ("PLUGIN = dict(requires='httpx')", "has to be a list of requirements"),
        ("PLUGIN = dict(settings=3)", "has to be a pydantic model"),
        ("TOOLS = 3", "have to be a list"),
        ("TOOLS = [3]", "neither a tool nor a function"),
        ("def a(x: int): pass\nTOOLS = [a]", "cannot be made a tool"),
        ("def get_tools(ctx): raise OSError('no')", "OSError: no"),
        ("def get_tools(): return []", "TypeError"),
        ("def get_tools(ctx): return 3", "have to be a list"),
        ("def get_tools(ctx): raise SystemExit(3)", "SystemExit"),
        ("async def get_tools(ctx): raise SystemExit(3)", "SystemExit"),
        ("import sys\nsys.exit('bye')", "SystemExit: bye"),
        ("import asyncio\nasync def get_tools(ctx): raise TimeoutError('x')", "was not loaded within"),
        ("from langchain_core.tools import tool\n@tool\ndef a(): 'A.'\na.metadata = dict(timeout='x')", "a's timeout"),
        (
            "from langchain_core.tools import tool\n@tool\ndef a(): 'A.'\na.metadata = dict(approval='x')",
            "a's approval",
        ),
        ("from typing import Callable\ndef a(x: Callable): 'A.'\nTOOLS = [a]", "cannot be described to a model"),
        ("from langchain_core.tools import tool\n@tool('a b')\ndef a(): 'A.'", "cannot be the name of a tool"),
        ("def a():\n 'A.'\ndef get_tools(ctx): return [a, a]", "same name"),
    ],
)
def test_a_broken_module_is_reported_and_the_others_work(folder: Path, box: Toolbox, text: str, said: str):
    write(folder, "bad.py", text)
    write(folder, "greet.py", GREET)
    problem = plugin(box, "bad").problem
    assert problem is not None
    assert said in problem.summary
    assert "toolbox/loading.py" not in problem.traceback
    assert names(box) == ["greet"]


def test_the_traceback_begins_in_the_plugin(folder: Path, box: Toolbox):
    write(folder, "bad.py", "def inner():\n    return 1 / 0\ninner()")
    problem = plugin(box, "bad").problem
    assert problem is not None
    assert problem.traceback.splitlines()[0].endswith("in <module>")
    assert "return 1 / 0" in problem.traceback


def test_control_c_while_loading_is_not_swallowed(folder: Path, box: Toolbox):
    write(folder, "bad.py", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        box.plugins()


def test_after_a_broken_edit_the_last_good_version_serves(folder: Path, box: Toolbox, runs: Runs):
    write(folder, "greet.py", GREET.replace("VERSION", "1"))
    assert names(box) == ["greet"]
    write(folder, "greet.py", "oh no(")
    broken = plugin(box, "greet")
    assert broken.problem is not None
    assert broken.kept
    assert run(box, runs, "greet", {"name": "Ann"}) == "1 Ann"
    write(folder, "greet.py", GREET.replace("VERSION", "2"))
    assert plugin(box, "greet").problem is None
    assert run(box, runs, "greet", {"name": "Ann"}) == "2 Ann"


def test_after_a_broken_edit_the_last_good_version_still_finds_its_own_parts(folder: Path, box: Toolbox, runs: Runs):
    lazy = GREET.replace('return "VERSION " + name', "from .words import WORD\n    return WORD + name")
    write(folder, "pack/words.py", "WORD = 'Hello '")
    write(folder, "pack/__init__.py", lazy)
    assert names(box) == ["greet"]
    write(folder, "pack/__init__.py", "oh no(")
    assert plugin(box, "pack").kept
    assert run(box, runs, "greet", {"name": "Ann"}) == "Hello Ann"


@pytest.mark.parametrize(
    "text",
    ["import time\ntime.sleep(60)", "import time\ndef get_tools(ctx): time.sleep(60)"],
    ids=["module", "factory"],
)
def test_a_module_that_never_ends_is_reported_and_holds_up_nobody(
    folder: Path, box: Toolbox, runs: Runs, monkeypatch: pytest.MonkeyPatch, text: str
):
    monkeypatch.setattr(reading, "LOADED_WITHIN", 0.3)
    write(folder, "bad.py", text)
    write(folder, "greet.py", GREET)
    looking = threading.Thread(target=lambda: names(box))
    looking.start()
    assert runs.submit(asyncio.sleep(0, "the loop goes on")).result(0.25) == "the loop goes on"
    looking.join(10)
    assert names(box) == ["greet"]
    assert "was not loaded within 0.3 s" in str(plugin(box, "bad").problem)


def test_of_two_tools_with_one_name_the_first_has_it_and_the_second_is_told(folder: Path, box: Toolbox, runs: Runs):
    write(folder, "a.py", GREET.replace("VERSION", "a"))
    write(folder, "b.py", GREET.replace("VERSION", "b"))
    assert names(box) == ["greet"]
    problem = plugin(box, "b").problem
    assert problem is not None
    assert "also a tool of tools/a.py" in problem.summary
    assert run(box, runs, "greet", {"name": "Ann"}) == "a Ann"


def test_tools_that_a_module_imports_are_not_its_own(folder: Path, box: Toolbox):
    write(folder, "greet.py", GREET)
    write(folder, "other.py", "from orchat_plugin_greet import greet")
    assert plugin(box, "greet").tools
    assert plugin(box, "other").tools == ()


def test_hidden_files_and_other_ones_are_no_plugins(folder: Path, box: Toolbox):
    for name in ("_helper.py", ".hidden.py", "notes.txt", "data/x.csv"):
        write(folder, name, "1 / 0")
    assert box.plugins() == ()


def test_a_folder_that_is_not_there_has_no_tools(tmp_path: Path, runs: Runs):
    assert Toolbox([tmp_path / "nowhere"], run=runs.submit, entry_points=False).plugins() == ()


def test_a_factory_gets_the_context_of_each_run(folder: Path, box: Toolbox, runs: Runs):
    write(
        folder,
        "who.py",
        '''
        async def get_tools(ctx):
            def whoami() -> str:
                """Say who asks."""
                return ctx.owner

            return [whoami]
        ''',
    )
    assert run(box, runs, "whoami", {}) == "ann"
    assert run(box, runs, "whoami", {}, owner="bob") == "bob"


SETTINGS = '''
from pydantic import BaseModel, SecretStr

class Settings(BaseModel):
    city: str
    key: SecretStr

PLUGIN = dict(settings=Settings, title="Weather")

def get_tools(ctx):
    def weather() -> str:
        """Tell the weather."""
        return f"{ctx.settings.city} {ctx.settings.key.get_secret_value()}"

    return [weather]
'''


def test_settings_come_validated_and_a_bad_one_is_said_without_its_value(folder: Path, runs: Runs):
    stored: dict[str, Any] = {"city": "Rome", "key": "hush", "left over": 1}
    box = Toolbox([folder], run=runs.submit, settings=lambda owner, name: stored, entry_points=False)
    write(folder, "weather.py", SETTINGS)
    assert run(box, runs, "weather", {}) == "Rome hush"
    stored["city"] = ["hush"]
    with pytest.raises(PluginError, match="Weather needs its settings: city") as caught:
        run(box, runs, "weather", {})
    assert "hush" not in str(caught.value)


def test_a_plugin_without_the_settings_that_it_needs_is_listed_all_the_same(folder: Path, box: Toolbox):
    write(folder, "weather.py", SETTINGS)
    assert names(box) == ["weather"]


def test_a_tool_says_of_itself_what_differs_from_its_plugin(folder: Path, box: Toolbox):
    write(
        folder,
        "two.py",
        """
        from langchain_core.tools import tool
        PLUGIN = dict(title="Two", icon=":material/star:", approval="auto", timeout=5)

        @tool
        def one(): "One."

        @tool
        def two(): "Two."

        two.metadata = {"approval": "ask", "timeout": 9, "title": "Second", "icon": "2️⃣"}
        """,
    )
    one, two = box.offered()
    assert (one.approval, one.timeout, one.icon, one.title) == ("auto", 5, ":material/star:", "One")
    assert (two.approval, two.timeout, two.icon, two.title) == ("ask", 9, "2️⃣", "Second")


def test_packages_bring_tools_by_an_entry_point(
    folder: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "brought.py").write_text(GREET.replace("VERSION", "package"))
    (tmp_path / "worse.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "made.py").write_text(
        "def tools(ctx):\n    def hi() -> str:\n        'Hi.'\n    return [hi]\nLIST = []"
    )
    values = {"brought": "brought", "worse": "worse", "by_function": "made:tools", "by_list": "made:LIST"}
    points = [EntryPoint(name, value, "orchat.tools") for name, value in values.items()]
    monkeypatch.setattr(toolbox, "in_packages", lambda: points)
    box = Toolbox([folder], run=runs.submit)
    assert run(box, runs, "greet", {"name": "Ann"}) == "package Ann"
    assert plugin(box, "worse").problem is not None
    assert [info.name for info in plugin(box, "by_function").tools] == ["hi"]
    assert "has to name a module" in str(plugin(box, "by_list").problem)
    for name in ("brought", "made"):
        sys.modules.pop(name)


def test_a_package_that_is_installed_while_orchat_runs_is_found(
    folder: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    write(folder, "needs.py", "import just_installed\n" + GREET)
    box = Toolbox([folder], run=runs.submit)
    assert plugin(box, "needs").problem is not None
    (site / "just_installed.py").write_text(GREET.replace("greet", "packaged"))
    about = site / "just_installed-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: just-installed\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[orchat.tools]\njust = just_installed\n")
    assert {"greet", "packaged"} <= set(names(box))
    assert plugin(box, "needs").problem is None
    assert plugin(box, "just").origin == "package just-installed 1.0"
    sys.modules.pop("just_installed")


def test_folders_are_read_in_their_order_and_a_second_plugin_of_a_name_is_reported(
    folder: Path, tmp_path: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
):
    more = tmp_path / "more"
    more.mkdir()
    write(folder, "greet.py", GREET.replace("VERSION", "first"))
    write(more, "greet.py", GREET.replace("VERSION", "second"))
    write(more, "other.py", GREET.replace("greet", "other"))
    monkeypatch.setattr(toolbox, "in_packages", lambda: [EntryPoint("greet", "greet_package", "orchat.tools")])
    box = Toolbox([folder, more], run=runs.submit)
    assert names(box) == ["greet", "other"]
    assert run(box, runs, "greet", {"name": "Ann"}) == "first Ann"
    problems = [each.problem.summary for each in box.plugins() if each.problem]
    assert problems == [
        "more/greet.py has the name of tools/greet.py, which comes first: rename one of them.",
        "package greet_package has the name of tools/greet.py, which comes first: rename one of them.",
    ]


def test_many_threads_may_look_at_once(folder: Path, box: Toolbox):
    for number in range(6):
        write(folder, f"t{number}.py", GREET.replace("greet", f"greet{number}"))
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(names(box))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [[f"greet{number}" for number in range(6)]] * 8


def test_nothing_is_read_again_while_nothing_changes(folder: Path, box: Toolbox):
    write(folder, "greet.py", GREET)
    assert box.plugins()[0] is box.plugins()[0]


def test_a_tool_that_the_operator_forbids_is_neither_offered_nor_made_from_that_moment_on(folder: Path, runs: Runs):
    forbidden: list[str] = []
    box = Toolbox([folder], run=runs.submit, entry_points=False, rules=lambda: Rules(forbidden_tools=tuple(forbidden)))
    write(folder, "greet.py", GREET)
    assert names(box) == ["greet"]
    forbidden.append("gr*")
    assert names(box) == []
    assert runs.submit(box.tools(ToolContext(owner="ann", conversation_id="c"), ["greet"])).result(10) == []
    assert [info.name for info in plugin(box, "greet").tools] == ["greet"]
