"""Code of the simulated models: it runs, and does what the prompt asks for."""

import ast
import subprocess
import sys
from typing import Any

import pytest

from orchat.demo.prompt import Prompt
from orchat.demo.python_code import python_for
from orchat.demo.tool_calls import choose_tool_calls


def tool(name: str, description: str) -> dict[str, Any]:
    parameters = {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


OFFERED = (
    tool("run_python", "Run Python code and return what it prints, its plots and the files that it writes."),
    tool("current_time", "Return the date and time in a time zone."),
)


@pytest.mark.parametrize(
    "prompt, does",
    [
        ("Plot a damped oscillation, and show its first peaks as a table.", "plt.show()"),
        ("Please draw a sine curve", "np.sin(x)"),
        ("Plot log(x)", "np.log(x)"),
        ('Plot it\n\n[Files attached to this message: "my sales.csv" (12 bytes)]', "pd.read_csv('my sales.csv'"),
        ("Calculate 12 * (3 + 4)", "print(12 * (3 + 4))"),
        ("Run this:\n```python\nprint('as it stands')\n```", "print('as it stands')"),
    ],
)
def test_the_code_does_what_the_prompt_asks_for_and_is_python(prompt: str, does: str):
    code = python_for(prompt)
    assert does in code
    ast.parse(code)


@pytest.mark.parametrize(
    "prompt, printed",
    [
        ("The median of 3, 9 and 4, please", "median: 4"),
        ("Sum everything up to 100", "5050"),
        ("Calculate 2^10", "1024"),
    ],
)
def test_a_calculation_is_right(prompt: str, printed: str):
    ran = subprocess.run([sys.executable, "-c", python_for(prompt)], capture_output=True, text=True, check=True)
    assert printed in ran.stdout


@pytest.mark.parametrize(
    "prompt", ["Plot something", "Calculate the average of 1, 2 and 3", "Draw a chart of my data.csv"]
)
def test_an_interpreter_that_is_offered_is_used_for_plots_and_calculations(prompt: str):
    calls = choose_tool_calls(Prompt([{"role": "user", "content": prompt}], OFFERED), "auto", parallel=True)
    assert [call.name for call in calls] == ["run_python"]


def test_it_is_not_used_for_anything_else():
    calls = choose_tool_calls(
        Prompt([{"role": "user", "content": "Tell me about owls"}], OFFERED), "auto", parallel=True
    )
    assert calls == ()
