"""A session: state from cell to cell, output as it comes, errors with their lines, and an end."""

import asyncio
import threading
import time
from pathlib import Path

import pytest

from orchat.errors import SandboxError
from orchat.sandbox import AsyncSandbox, Output, Sandbox
from orchat.sandbox.engine import Engine


def test_a_last_expression_is_shown_and_variables_stay(box: Sandbox):
    box.run("x = 20\ny = 1")
    result = box.run("print('now')\nx * 2 + y + 1")
    assert result.stdout == "now\n"
    assert result.outputs == (Output("text/plain", "42", "42"),)
    assert result.error is None
    assert result.duration > 0


@pytest.mark.parametrize("code", ["x = 1", "x = 1; x;", "None", "", "# nothing", "if True:\n    5"])
def test_nothing_is_shown_where_there_is_nothing_to_show(box: Sandbox, code: str):
    result = box.run(code)
    assert (result.outputs, result.error) == ((), None)


def test_an_error_names_the_line_that_raised_it_and_not_the_runner(box: Sandbox):
    box.run("def divide(a, b):\n    return a / b")
    error = box.run("a = 1\ndivide(a, 0)").error
    assert error is not None
    assert (error.name, error.value) == ("ZeroDivisionError", "division by zero")
    assert "return a / b" in error.traceback
    assert "divide(a, 0)" in error.traceback
    assert "runner" not in error.traceback


def test_code_that_is_no_python_is_an_error_with_its_place(box: Sandbox):
    error = box.run("for x in\n    pass").error
    assert error is not None
    assert error.name == "SyntaxError"
    assert "for x in" in error.traceback


def test_lines_of_notebooks_are_left_out_or_explained(box: Sandbox):
    assert box.run("%matplotlib inline\n5").outputs[0].data == "5"
    error = box.run("!pip install x").error
    assert error is not None
    assert "do not work here" in error.value


def test_await_works_at_the_top(box: Sandbox):
    box.run("import asyncio\nqueue = asyncio.Queue()\nawait queue.put(3)")
    assert box.run("await queue.get()").outputs[0].data == "3"


def test_output_comes_while_the_cell_runs(box: Sandbox):
    came: list[tuple[str, object, float]] = []
    began = time.monotonic()
    result = box.run(
        "import sys, time\nprint('first', flush=True)\ntime.sleep(0.5)\nprint('second')\n"
        "print('to the other', file=sys.stderr)\ndisplay(7)",
        on_output=lambda kind, payload: came.append((kind, payload, time.monotonic() - began)),
    )
    assert [(kind, payload) for kind, payload, _ in came if kind == "display"] == [("display", result.outputs[0])]
    first = next(at for kind, payload, at in came if payload == "first\n")
    second = next(at for kind, payload, at in came if "second" in str(payload))
    assert second - first > 0.3
    assert result.stderr == "to the other\n"


def test_a_value_shows_itself_in_its_richest_form(box: Sandbox):
    result = box.run(
        "class Page:\n    def __repr__(self): return 'plain'\n    def _repr_html_(self): return '<b>rich</b>'\nPage()"
    )
    assert result.outputs == (Output("text/html", "<b>rich</b>", "plain"),)


def test_input_is_refused_with_a_sentence(box: Sandbox):
    error = box.run("input('name?')").error
    assert error is not None
    assert "cannot ask anybody" in error.value


def test_files_go_in_and_come_out(box: Sandbox):
    assert box.files.write("in.csv", b"a,b\n1,2\n") == "in.csv"
    result = box.run("text = open('in.csv').read()\nopen('out.txt', 'w').write(text.upper())\nprint(text)")
    assert result.stdout.startswith("a,b")
    assert result.files == ("out.txt",)
    assert box.files.read("out.txt") == b"A,B\n1,2\n"
    assert list(box.files) == ["in.csv", "out.txt"]


def test_only_what_a_cell_wrote_is_named_as_its_file(box: Sandbox):
    box.run("import os\nos.makedirs('a/b')\nopen('a/b/one.txt', 'w').close()\nopen('old', 'w').close()")
    assert box.run("open('old', 'a').write('x')\nopen('new', 'w').close()").files == ("new", "old")
    assert box.run("open('a/b/one.txt').read()").files == ()


def test_an_interrupt_ends_the_cell_and_keeps_the_variables(box: Sandbox):
    box.run("x = 5")
    threading.Timer(0.3, box.interrupt).start()
    result = box.run("import time\nprint('began')\ntime.sleep(60)")
    assert result.interrupted
    assert not result.ended
    assert result.limit is None
    assert result.error is not None
    assert result.error.name == "KeyboardInterrupt"
    assert result.stdout == "began\n"
    assert box.run("x").outputs[0].data == "5"


def test_an_interrupt_while_nothing_runs_changes_nothing(box: Sandbox):
    box.run("x = 5")
    box.interrupt()
    result = box.run("x")
    assert not result.interrupted
    assert result.outputs[0].data == "5"


def test_an_interrupt_is_never_lost_and_never_meant_for_the_next_cell(box: Sandbox):
    box.run("x = 5")
    for delay in (0.0, 0.001, 0.003, 0.01, 0.03):
        stop = threading.Timer(delay, box.interrupt)
        stop.start()
        result = box.run("import time\ntime.sleep(0.02)\nx", timeout=20)
        stop.join()
        assert result.interrupted or result.outputs[0].data == "5"
        assert box.run("x").outputs[0].data == "5"


def test_reset_forgets_the_variables_and_keeps_the_files(box: Sandbox):
    box.run("x = 1\nopen('kept', 'w').close()")
    box.reset()
    result = box.run("import os\nprint(os.listdir('.'))\nx")
    assert "kept" in result.stdout
    assert result.error is not None
    assert result.error.name == "NameError"
    assert not result.fresh


def test_after_its_end_a_new_interpreter_says_that_it_is_fresh(box: Sandbox):
    assert not box.run("x = 1").fresh
    assert box.run("import os; os._exit(1)").ended
    assert box.run("1").fresh
    assert not box.run("2").fresh


def test_a_module_of_the_workspace_can_be_imported_and_hides_none_of_the_library(box: Sandbox):
    box.run("open('mine.py', 'w').write('value = 7')\nopen('json.py', 'w').write('1 / 0')")
    assert box.run("import mine\nmine.value").outputs[0].data == "7"
    box.reset()
    assert box.run("import json\njson.dumps([1])").error is None


def test_a_closed_sandbox_runs_nothing(engine: Engine, tmp_path: Path):
    box = Sandbox.open(tmp_path / "w", engine=engine)
    box.close()
    with pytest.raises(SandboxError, match="closed"):
        box.run("1")


def test_without_a_folder_it_has_one_of_its_own_that_goes_with_it(engine: Engine):
    with Sandbox.open(engine=engine) as box:
        box.run("open('x', 'w').close()")
        folder = box.workspace
        assert (folder / "x").exists()
    assert not folder.exists()


def test_closing_ends_a_cell_that_runs(engine: Engine, tmp_path: Path):
    box = Sandbox.open(tmp_path / "w", engine=engine)
    threading.Timer(0.3, box.close).start()
    result = box.run("while True: pass", timeout=30)
    assert result.ended
    assert result.duration < 20


async def test_it_runs_from_asyncio_without_holding_the_loop_up(engine: Engine, tmp_path: Path):
    async with await AsyncSandbox.open(tmp_path / "w", engine=engine) as box:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.02)

        ticking = asyncio.create_task(tick())
        result = await box.run("import time; time.sleep(0.4); 3")
        ticking.cancel()
        assert result.outputs[0].data == "3"
        assert ticks > 5
        assert box.files.names() == []


async def test_cancelling_interrupts_the_cell(engine: Engine, tmp_path: Path):
    async with await AsyncSandbox.open(tmp_path / "w", engine=engine) as box:
        await box.run("x = 1")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(box.run("import time; time.sleep(60)"), 0.4)
        assert (await box.run("x")).outputs[0].data == "1"


def test_code_that_is_too_long_is_refused(box: Sandbox):
    with pytest.raises(SandboxError, match="too long"):
        box.run("#" * 5_000_000)


def test_the_example_of_the_documentation_works(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """It names no engine, and would make an environment in the reader's folder of data."""
    page = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
    code = page.partition("```py\n")[2].partition("```")[0]
    here = code.replace('workspace="work",', "workspace=folder, engine=engine,")
    assert here != code
    exec(compile(here, "docs/sandbox.md", "exec"), {"folder": tmp_path / "work", "engine": engine})
    assert "['1', '2'] None () None" in capsys.readouterr().out
