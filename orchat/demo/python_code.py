"""Python that a simulated model writes when it is offered an interpreter: made up for the prompt, and real."""

from __future__ import annotations

import re

from orchat.demo.prompt import words_of
from orchat.demo.writing.maths import find_expression

_PLOT = frozenset({"plot", "chart", "graph", "draw", "diagram", "histogram", "visualise", "visualize", "curve"})
_STATISTICS = frozenset({"average", "mean", "median", "deviation", "statistics", "variance"})
_TABLE_FILE = re.compile(r"[\w .()-]+\.(?:csv|tsv)\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

_FROM_FILE = """
import matplotlib.pyplot as plt
import pandas as pd

table = pd.read_csv({name!r}, sep=None, engine="python")
numbers = table.select_dtypes("number")
if len(numbers.columns):
    labels = table.columns.difference(numbers.columns, sort=False)
    table.plot(x=labels[0] if len(labels) else None, y=list(numbers.columns), marker="o", figsize=(8, 4))
    plt.title({name!r})
    plt.tight_layout()
    plt.show()
table
"""
_OSCILLATION = """
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

t = np.linspace(0, 10, 1_000)
y = np.exp(-t / 4) * np.cos(np.pi * t)

plt.figure(figsize=(8, 4))
plt.plot(t, y)
plt.title("A damped oscillation")
plt.xlabel("time (s)")
plt.show()

peak = (y[1:-1] > y[:-2]) & (y[1:-1] > y[2:])
pd.DataFrame({"time (s)": t[1:-1][peak].round(2), "height": y[1:-1][peak].round(3)})
"""
_FUNCTION = """
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace({start}, {end}, 500)
plt.figure(figsize=(8, 4))
plt.plot(x, np.{function}(x))
plt.title("{function}(x)")
plt.grid(alpha=0.3)
plt.show()
"""
_DESCRIBE = """
import statistics

values = [{values}]
print("mean:", statistics.mean(values))
print("median:", statistics.median(values))
print("standard deviation:", round(statistics.stdev(values), 4))
"""
_FUNCTIONS = {
    "sin": ("sin", -6.3, 6.3),
    "sine": ("sin", -6.3, 6.3),
    "cos": ("cos", -6.3, 6.3),
    "cosine": ("cos", -6.3, 6.3),
    "exp": ("exp", -2, 3),
    "sqrt": ("sqrt", 0, 10),
    "log": ("log", 0.01, 10),
}
"""What people call a function, its name in numpy, and where it is worth looking at."""


def python_for(text: str) -> str:
    """Return code that does what a prompt asks for, as far as a simulation can tell."""
    if fenced := re.search(r"```(?:python)?\n(.*?)```", text, re.DOTALL):
        return fenced[1].strip()
    said = set(words_of(text))
    if found := _TABLE_FILE.search(text):
        return _FROM_FILE.format(name=found[0].strip()).strip()
    if said & _PLOT:
        return _plot(said)
    numbers = _NUMBER.findall(text)
    if said & _STATISTICS and len(numbers) > 1:
        return _DESCRIBE.format(values=", ".join(numbers)).strip()
    if expression := find_expression(text):
        return f"print({expression})"
    return f"values = range(1, {int(float(numbers[0])) if numbers else 10} + 1)\nprint(sum(values))"


def _plot(said: set[str]) -> str:
    asked = next((name for name in _FUNCTIONS if name in said), None)
    if asked is None:
        return _OSCILLATION.strip()
    function, start, end = _FUNCTIONS[asked]
    return _FUNCTION.format(function=function, start=start, end=end).strip()
