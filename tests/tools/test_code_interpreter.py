"""The code interpreter: what the model reads, what the person gets, and what stays from call to call."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import ToolMessage

from orchat import Artifact, ToolContext, ToolError
from orchat.agent.contract import RunningCall, running
from orchat.sandbox import Sandbox, available
from orchat.settings import Settings
from tests.tools.conftest import Get, Kept, module


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with Python alone: packages would take minutes to install."""
    folder = tmp_path_factory.mktemp("data")
    patch = pytest.MonkeyPatch()
    patch.setenv("ORCHAT_DATA_DIR", str(folder))
    patch.setenv("ORCHAT_SANDBOX_PACKAGES", "false")
    report = available(Settings.load())
    if report.chosen is None:
        patch.undo()
        pytest.skip(f"nothing here isolates code: {report.reason}")
    with Sandbox.open(folder / "workspace") as opened:
        yield opened
    patch.undo()


@pytest.fixture
def run(get: Get, sandbox: Sandbox) -> Any:
    sandbox.reset()

    def run(code: str, files: Kept | None = None, **context: Any) -> ToolMessage:
        tool = get("run_python", sandbox=lambda: sandbox, files=files or Kept(), **context)
        call = {"type": "tool_call", "id": "1", "name": tool.name, "args": {"code": code}}
        return asyncio.run(tool.ainvoke(call))

    return run


def test_the_model_reads_what_is_printed_and_the_last_value(run: Any):
    assert run("print('counted')\n6 * 7").content == "counted\n42"


@pytest.mark.parametrize(
    ("reach", "told"),
    [
        ("", "There is no network."),
        ("data.example.org", "The network reaches nothing but data.example.org."),
        (
            "packages of index.example",
            "nothing but packages of index.example. A line `%pip install name` installs a package",
        ),
    ],
)
def test_the_model_is_told_what_code_may_reach(get: Get, reach: str, told: str):
    assert told in get("run_python", reach=reach).description


def test_a_host_that_is_called_packages_is_no_index(get: Get):
    assert "pip" not in get("run_python", reach="packages.example.org").description


def test_variables_stay_for_the_next_call(run: Any):
    run("kept = 'still here'")
    assert run("kept").content == "'still here'"


def test_a_new_interpreter_is_told_to_the_model_and_files_are_there(run: Any, sandbox: Sandbox):
    run("kept = 1; open('notes.txt', 'w').write('on disk')")
    sandbox.suspend()
    text = run("open('notes.txt').read()").content
    assert text.startswith("[A new interpreter was started: variables and imports are gone, the files are there.]")
    assert "'on disk'" in text


def test_an_error_is_a_short_traceback(run: Any):
    text = run("def half(x):\n    return x / 0\nhalf(2)").content
    assert "ZeroDivisionError: division by zero" in text
    assert "return x / 0" in text
    deep = run("def down(n):\n    return down(n + 1)\ndown(0)").content
    assert "RecursionError" in deep
    assert len(deep.splitlines()) < 40


def test_files_become_downloads_under_safe_names(run: Any):
    message = run("import os\nos.mkdir('out')\nopen('out/sum of 1\\u202e.csv', 'w').write('a,b')\n")
    (artifact,) = message.artifact
    assert (artifact.kind, artifact.name, artifact.mime, artifact.data) == ("file", "sum of 1_.csv", "text/csv", b"a,b")
    assert "[Files written: out/sum of 1" in message.content


def test_attached_files_lie_in_the_working_folder_and_what_tools_made_does_not(run: Any):
    class Conversation(Kept):
        def all(self) -> Any:
            kinds = {"report.csv": "attachment", "made.png": "image"}
            return [replace(file, kind=kinds[file.name]) for file in super().all()]

    files = Conversation(report_csv=b"x,y\n1,2\n", made_png=b"x")
    message = run("import os\nprint(open('report.csv').read())\nos.path.exists('made.png')", files)
    assert message.content == "[Put into the working folder: report.csv]\nx,y\n1,2\nFalse"
    assert "Put into" not in run("1", files).content


PNG = (
    "import base64, zlib, struct\n"
    "def part(kind, data):\n"
    "    body = kind + data\n"
    "    return struct.pack('>I', len(data)) + body + struct.pack('>I', zlib.crc32(body))\n"
    "png = (b'\\x89PNG\\r\\n\\x1a\\n' + part(b'IHDR', struct.pack('>IIBBBBB', 2, 2, 8, 2, 0, 0, 0))\n"
    "    + part(b'IDAT', zlib.compress(b'\\0' + b'\\xff' * 6 + b'\\0' + b'\\0' * 6)) + part(b'IEND', b''))\n"
)


def test_pictures_are_shown_and_not_told(run: Any):
    code = (
        PNG
        + "class Picture:\n    def _repr_png_(self):\n        return png\n    def __repr__(self):\n        return 'p'\n"
    )
    message = run(code + "Picture()")
    (artifact,) = message.artifact
    assert (artifact.kind, artifact.name, artifact.mime) == ("image", "figure-1.png", "image/png")
    assert message.content == "[Shown to the user: an image]"


def test_a_picture_that_is_only_saved_is_shown_too(run: Any):
    (artifact,) = run(PNG + "_ = open('saved.png', 'wb').write(png)").artifact
    assert (artifact.kind, artifact.name) == ("image", "saved.png")
    (lie,) = run("_ = open('lie.png', 'wb').write(b'<svg onload=1>')").artifact
    assert lie.kind == "file"


def test_pages_and_drawings_come_as_what_they_are(run: Any):
    code = (
        "class Page:\n    def _repr_html_(self):\n        return '<b>bold</b>'\n"
        "class Drawing:\n    def _repr_svg_(self):\n        return '<svg></svg>'\n"
        "display(Page())\nDrawing()"
    )
    assert [(made.kind, made.mime) for made in run(code).artifact] == [
        ("html", "text/html"),
        ("image", "image/svg+xml"),
    ]


def test_what_says_that_it_is_a_table_and_is_none_is_left_out(run: Any):
    code = (
        "class Table:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        return {'application/vnd.dataresource+json': %r}\n    def __repr__(self):\n        return 'table'\n"
        "Table()"
    )
    good = '{"schema": {"fields": [{"name": "a"}, {"name": "b"}]}, "data": [[1, "x"], [null, {"deep": 1}]]}'
    (table,) = run(code % good).artifact
    assert table == Artifact("table", "table-1.csv", "text/csv", b'a,b\r\n1,x\r\n,"{""deep"": 1}"\r\n')
    for lie in ("[]", '{"schema": 1}', "no JSON", '{"schema": {"fields": [1]}, "data": [[1]]}'):
        assert run(code % lie).artifact == []


def test_output_is_shown_as_it_comes_and_a_flood_is_cut(run: Any):
    shown: list[str] = []
    with running(RunningCall("1", lambda *_: None, shown.append)):
        text = run("for n in range(30_000):\n    print(n)").content
    assert "29999" in text
    assert len("".join(shown)) < 21_000
    assert "".join(shown).startswith("0\n1\n2\n")


def test_a_cell_that_takes_too_long_ends_and_the_model_is_told(get: Get, sandbox: Sandbox):
    settings = module("code_interpreter").Settings(timeout=1)
    get("run_python")
    quick = module("code_interpreter").get_tools(ToolContext(sandbox=lambda: sandbox, files=Kept(), settings=settings))[
        0
    ]
    content, _ = asyncio.run(quick.coroutine(code="while True:\n    pass"))
    assert "ran longer than the 1 seconds it had" in content
    assert asyncio.run(quick.coroutine(code="'next'"))[0] == "'next'"


def test_without_a_conversation_it_says_so(get: Get):
    with pytest.raises(ToolError, match="no conversation"):
        asyncio.run(get("run_python").ainvoke({"code": "1"}))


def test_it_asks_before_it_runs(get: Get):
    get("run_python")
    assert module("code_interpreter").PLUGIN.approval == "ask"
