"""One cell: compiled as a notebook compiles it, run, and its error described."""

import ast
import asyncio
import builtins
import inspect
import linecache
import os
import re
import traceback
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any

RUNNER = os.path.dirname(os.path.abspath(__file__))
MAX_ERROR_TEXT = 20_000
PIP = re.compile(r"[%!]\s*pip3?\s+(.*\S)\s*")
FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

_loop: asyncio.Runner | None = None


class CpuLimitExceeded(BaseException):
    """The cell used more processor time than it may; not an Exception, so that a cell does not catch it by accident."""


def run_cell(code: str, number: int, namespace: dict[str, Any], show: Callable[[Any], None]) -> None:
    """Run a cell. The value of a last expression is shown, unless a semicolon ends it or it is None."""
    name = f"<cell {number}>"
    source = without_notebook_lines(code)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    tree = ast.parse(source, name)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        evaluate(compile(tree, name, "exec", FLAGS, dont_inherit=True), namespace)
        return
    tree.body.pop()
    evaluate(compile(tree, name, "exec", FLAGS, dont_inherit=True), namespace)
    value = evaluate(compile(ast.Expression(last.value), name, "eval", FLAGS, dont_inherit=True), namespace)
    if value is not None:
        namespace["_"] = value
        if not source.rstrip().endswith(";"):
            show(value)


def evaluate(code: CodeType, namespace: dict[str, Any]) -> Any:
    """Run code that may await; its loop stays for the next cell."""
    value = eval(code, namespace)  # noqa: S307 - this is what the runner is for
    if not code.co_flags & inspect.CO_COROUTINE:
        return value
    global _loop  # noqa: PLW0603 - one loop for the life of the process, made only if somebody awaits
    _loop = _loop or asyncio.Runner()
    return _loop.run(value)


def without_notebook_lines(code: str) -> str:
    """Leave out what only sets a notebook up; other lines of that kind are refused with a sentence."""
    lines = code.split("\n")
    for index, line in enumerate(lines):
        if line.lstrip().startswith("%matplotlib"):
            lines[index] = ""
        elif line.startswith(("%", "!")) and not parses(code):
            asked = PIP.fullmatch(line) if hasattr(builtins, "run_pip") else None
            if asked is None:
                raise SyntaxError(
                    "lines that begin with % or ! are not Python and do not work here",
                    ("<cell>", index + 1, 1, line),
                )
            lines[index] = f"run_pip({asked[1]!r})"
    return "\n".join(lines)


def parses(code: str) -> bool:
    """Whether it is Python after all: a line inside a text may begin with anything."""
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def describe(error: BaseException) -> dict[str, str] | None:
    """An error as name, text and traceback; None for an exit without one."""
    if isinstance(error, SystemExit) and not error.code:
        return None
    name = type(error).__name__
    try:
        value = str(error)
    except BaseException:  # noqa: BLE001 - an error of the cell may be broken itself
        value = "(its text cannot be read)"
    try:
        error.__traceback__ = of_the_cell(error.__traceback__)
        text = "".join(traceback.format_exception(error))
    except BaseException:  # noqa: BLE001 - likewise
        text = f"{name}: {value}"
    return {"name": name[:200], "value": value[:MAX_ERROR_TEXT], "traceback": shortened(text)}


def of_the_cell(trace: TracebackType | None) -> TracebackType | None:
    """Leave out the runner's own frames at the top."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(RUNNER):
        trace = trace.tb_next
    return trace


def shortened(text: str) -> str:
    """Both ends of a long traceback: where it began and what happened."""
    half = MAX_ERROR_TEXT // 2
    return text if len(text) <= MAX_ERROR_TEXT else f"{text[:half]}\n  … cut …\n{text[-half:]}"
