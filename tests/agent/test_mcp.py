"""Servers of the operator's file: each with its own session, its own failure, and none of our secrets."""

import json
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchat.agent import mcp
from orchat.agent.contract import ToolContext
from orchat.agent.mcp import MCPServers, read
from orchat.agent.toolbox import LoadedPlugin, Toolbox
from orchat.errors import PluginError
from orchat.runs import Runs
from tests.waiting import until

SERVER = '''
import os, sys
from mcp.server.fastmcp import FastMCP

server = FastMCP("test")
count = 0

@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b

@server.tool()
def again() -> int:
    """Count the calls of this session."""
    global count
    count += 1
    return count

@server.tool()
def fail() -> str:
    """Fail."""
    raise ValueError("no such luck")

@server.tool()
def environment() -> str:
    """Show the environment."""
    return " ".join(sorted(os.environ))

@server.tool()
def leave() -> str:
    """Leave."""
    os._exit(1)

server.run()
'''


@pytest.fixture
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


class Box:
    """A toolbox whose only tools are those of MCP servers."""

    def __init__(self, folder: Path, runs: Runs) -> None:
        self.runs, self.path = runs, folder / "mcp.json"
        (folder / "server.py").write_text(SERVER)
        self.ours = {"command": sys.executable, "args": [str(folder / "server.py")]}
        self.box = Toolbox([], run=runs.submit, entry_points=False, mcp=MCPServers(self.path, runs.submit))

    def list(self, **servers: Any) -> "Box":
        self.path.write_text(json.dumps({"mcpServers": servers}))
        return self

    def plugins(self) -> dict[str, LoadedPlugin]:
        return {plugin.name: plugin for plugin in self.box.plugins()}

    def call(self, name: str, **arguments: Any) -> Any:
        async def invoke() -> Any:
            (ready,) = await self.box.tools(ToolContext(owner="ann"), [name])
            call = {"type": "tool_call", "id": "1", "name": name, "args": arguments}
            return await ready.tool.ainvoke(call)

        return self.runs.submit(invoke()).result(20)

    def close(self) -> None:
        self.runs.submit(self.box.aclose()).result(10)


@pytest.fixture
def box(tmp_path: Path, runs: Runs) -> Iterator[Box]:
    box = Box(tmp_path, runs)
    yield box
    box.close()


def said(message: Any) -> str:
    return str(message.text)


def test_tools_of_a_server_are_offered_under_its_name_and_ask_first(box: Box):
    box.list(sums=box.ours)
    until(lambda: bool(box.plugins()["mcp-sums"].tools))
    plugin = box.plugins()["mcp-sums"]
    assert plugin.problem is None
    assert plugin.origin == "MCP server sums"
    assert {info.name for info in plugin.tools} >= {"sums_add", "sums_again"}
    assert {info.approval for info in plugin.tools} == {"ask"}
    assert said(box.call("sums_add", a=1, b=2)) == "3"


def test_a_session_is_held_open_from_call_to_call(box: Box):
    box.list(sums={**box.ours, "approval": "auto", "timeout": 5})
    assert [said(box.call("sums_again")) for _ in range(3)] == ["1", "2", "3"]
    info = box.plugins()["mcp-sums"].tools[0]
    assert (info.approval, info.timeout) == ("auto", 5)


def test_a_tool_that_fails_tells_the_model(box: Box):
    box.list(sums=box.ours)
    message = box.call("sums_fail")
    assert message.status == "error"
    assert "no such luck" in said(message)


def test_a_server_that_does_not_start_takes_no_other_down(box: Box):
    box.list(
        sums=box.ours,
        gone={"command": "/nowhere/to/be/found"},
        dead={"command": sys.executable, "args": ["-c", "1 / 0"]},
        empty={},
        off={**box.ours, "disabled": True},
    )
    plugins = box.plugins()
    assert plugins["mcp-sums"].problem is None
    for name in ("gone", "dead", "empty"):
        problem = plugins[f"mcp-{name}"].problem
        assert problem is not None
        assert plugins[f"mcp-{name}"].tools == ()
    assert "mcp-off" not in plugins
    assert said(box.call("sums_add", a=1, b=2)) == "3"


def test_a_server_that_could_not_start_is_tried_again_later_without_anybody_waiting(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    late = tmp_path / "late.py"
    box.list(sums=box.ours, late={"command": sys.executable, "args": [str(late)]})
    assert box.plugins()["mcp-late"].problem is not None
    late.write_text(SERVER)
    assert box.plugins()["mcp-late"].problem is not None, "not at every look"
    monkeypatch.setattr(mcp, "AGAIN_AFTER", 0.0)
    until(lambda: box.plugins()["mcp-late"].problem is None)
    assert said(box.call("late_add", a=1, b=2)) == "3"


def test_a_server_that_hangs_is_given_up_and_takes_no_other_down(box: Box, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mcp, "START_WITHIN", 4.0)
    box.list(sums=box.ours, hung={"command": sys.executable, "args": ["-c", "import time; time.sleep(60)"]})
    until(lambda: box.plugins()["mcp-hung"].problem is not None)
    plugins = box.plugins()
    assert plugins["mcp-sums"].problem is None
    assert "did not answer within 4 s" in str(plugins["mcp-hung"].problem)


def test_names_that_become_the_same_are_offered_once(box: Box):
    twins = SERVER.replace("@server.tool()\ndef again", '@server.tool("a dd")\ndef again').replace(
        "@server.tool()\ndef fail", '@server.tool("a.dd")\ndef fail'
    )
    (box.path.parent / "server.py").write_text(twins)
    box.list(sums=box.ours)
    names = [info.name for info in box.plugins()["mcp-sums"].tools]
    assert names.count("sums_a_dd") == 1
    assert len(set(names)) == len(names)


def test_a_server_sees_its_own_variables_and_no_key_of_ours(box: Box, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-secret")
    monkeypatch.setenv("ORCHAT_DATABASE_URL", "postgresql://secret")
    box.list(sums={**box.ours, "env": {"ITS_OWN": "yes"}})
    names = said(box.call("sums_environment")).split()
    assert "ITS_OWN" in names
    assert "PATH" in names
    assert not [name for name in names if name.startswith(("OPENROUTER", "ORCHAT"))]


def test_a_server_that_died_is_started_again_by_the_next_who_needs_it(box: Box):
    box.list(sums=box.ours)
    assert said(box.call("sums_again")) == "1"
    with pytest.raises(Exception, match=r".*"):
        box.call("sums_leave")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            assert said(box.call("sums_again")) == "1"
        except Exception:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not come back")


def test_the_file_is_read_again_when_it_changes(box: Box):
    box.list(sums=box.ours)
    assert list(box.plugins()) == ["mcp-sums"]
    box.list(other=box.ours)
    assert list(box.plugins()) == ["mcp-other"]
    assert said(box.call("other_add", a=1, b=1)) == "2"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"mcpServers": []}', '{"mcpServers": {"a": {"args": "secret"}}}', '{"mcpServers": {"a": 1}}'],
)
def test_a_file_that_cannot_be_used_is_one_problem_and_shows_no_value(box: Box, text: str):
    box.path.write_text(text)
    with pytest.raises(PluginError) as caught:
        read(box.path)
    assert "secret" not in caught.value.message
    (plugin,) = box.plugins().values()
    assert plugin.problem is not None


def test_a_file_that_is_not_there_is_one_problem(box: Box):
    (plugin,) = box.plugins().values()
    assert plugin.problem is not None
    assert "cannot be read" in plugin.problem.summary


def test_nothing_is_left_of_the_servers_after_the_end(tmp_path: Path, runs: Runs):
    mark = tmp_path / "mark"
    box = Box(tmp_path, runs)
    script = textwrap.dedent(f"import os, pathlib; pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n")
    (tmp_path / "server.py").write_text(script + SERVER)
    box.list(sums=box.ours).plugins()
    process = Path("/proc") / mark.read_text()
    box.close()
    deadline = time.monotonic() + 10
    while process.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not process.exists()


def test_cve_2026_22252_the_command_of_a_server_goes_through_no_shell_and_gets_no_key_of_ours(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # LibreChat: what stood in the command of a stdio server was run.
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-not-theirs")
    made = tmp_path / "made-by-a-shell"
    hostile = [f"$(touch {made})", f"; touch {made}", f"`touch {made}`", f"&& touch {made}", f"| tee {made}", "*"]
    box.list(sums={**box.ours, "args": [*box.ours["args"], *hostile], "cwd": str(tmp_path)})
    assert said(box.call("sums_add", a=1, b=2)) == "3"
    seen = said(box.call("sums_environment")).split()
    assert "PATH" in seen
    assert not [name for name in seen if name.startswith(("OPENROUTER_", "ORCHAT_"))]
    assert not made.exists()


def test_cve_2026_22252_a_command_with_a_shells_words_in_it_starts_nothing(box: Box, tmp_path: Path):
    made = tmp_path / "made-by-a-shell"
    box.list(evil={"command": f"sh -c 'touch {made}'"}, worse={"command": f"true; touch {made}"})
    assert all(plugin.problem for plugin in box.plugins().values())
    assert not made.exists()
