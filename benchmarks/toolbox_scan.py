"""How long the toolbox takes to load a dozen plugins, and to see that none has changed."""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.scale import Scale

PLUGIN = '''
"""A plugin."""
from langchain_core.tools import tool

PLUGIN = {"title": "Tool NUMBER", "approval": "auto"}


@tool
def toolNUMBER(text: str, count: int = 1) -> str:
    """Repeat a text."""
    return text * count
'''
FILES, ROUNDS, LOOKS = 12, 9, 20
FIRST, AGAIN = Bar(most=100), Bar(most=2)


def measure(scale: Scale) -> Table:
    """Load the plugins in a new process each time; what they import is imported before."""
    firsts, looks = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            Path(folder, f"tool{number}.py").write_text(PLUGIN.replace("NUMBER", str(number)), encoding="utf-8")
        for _ in range(scale.rounds(ROUNDS)):
            with Process(["-m", "benchmarks.toolbox_scan", folder]) as process:
                first, look = map(float, process.line().split())
            firsts.append(first)
            looks.append(look)
    rows = [
        Row("first load", f"orchat, {FILES} plugins", median(firsts), "ms", bar=FIRST),
        Row("look for changes", f"orchat, {FILES} plugins", median(looks), "ms", bar=AGAIN),
    ]
    notes = ["CPU of the process. Packages that bring tools by an entry point are looked for each time too."]
    return Table("The toolbox", rows, notes)


def main(folder: str) -> None:
    """Print the milliseconds of CPU of the first load, and of a look when nothing has changed."""
    from orchat.agent.toolbox import Toolbox
    from orchat.runs import Runs

    runs = Runs()
    box = Toolbox([Path(folder)], run=runs.submit)
    began = time.process_time()
    found = box.offered()
    first = time.process_time() - began
    if len(found) != FILES:
        raise RuntimeError(f"{len(found)} of {FILES} tools were found")
    began = time.process_time()
    for _ in range(LOOKS):
        box.offered()
    look = (time.process_time() - began) / LOOKS
    print(first * 1000, look * 1000, flush=True)
    runs.close()


if __name__ == "__main__":
    main(sys.argv[1])
