"""Runs Python in a sandbox that keeps its state from call to call."""

import asyncio
from typing import Any

from langchain_core.tools import tool
from pydantic import BaseModel, Field

from orchat import Artifact, Plugin, ToolContext, ToolError

from .live import Live
from .results import artifacts_of, told
from .workspace import bring_files

LONGEST = 600
FIRST_START = 300
"""Seconds for the first start of all, which installs the packages."""


class Settings(BaseModel):
    """What can be set about running code."""

    timeout: int = Field(60, ge=1, le=LONGEST, description="How many seconds one run may take.")


PLUGIN = Plugin(
    title="Code interpreter",
    icon=":material/terminal:",
    settings=Settings,
    timeout=float(LONGEST + FIRST_START),
    sandbox=True,
)


def get_tools(ctx: ToolContext) -> list[Any]:
    """Return the tool, bound to the sandbox of this conversation."""
    settings = ctx.settings or Settings()

    @tool(response_format="content_and_artifact")
    async def run_python(code: str) -> tuple[str, list[Artifact]]:
        """Run Python code and return what it prints, its last expression, its plots and the files that it writes.

        Variables, imports and files stay for the next call in this conversation. numpy, pandas, matplotlib, scipy,
        openpyxl, pillow, plotly and altair can be imported. input() does not work. Files that the user attached lie in
        the working folder; what you write there is offered to the user as a download.
        Figures and tables are shown to the user: do not describe them at length, and do not link to them.

        Args:
            code: The code of one cell, as in a notebook.
        """
        if ctx.sandbox is None or ctx.files is None:
            raise ToolError("There is no conversation, and so nothing to run code in.")
        ctx.progress("starting Python")
        box = await asyncio.to_thread(ctx.sandbox)
        brought = await asyncio.to_thread(bring_files, ctx.files, box)
        ctx.progress("running")
        with Live(ctx.output) as live:
            result = await box.arun(code, settings.timeout, live.take)
        if result.error is not None:
            ctx.failed(f"{result.error.name}: {result.error.value}")
        return told(result, brought), await asyncio.to_thread(artifacts_of, result, box)

    run_python.description += f"\n\n{network_of(ctx)}"
    run_python.metadata = {"title": PLUGIN.title}
    return [run_python]


def network_of(ctx: ToolContext) -> str:
    """Say what code may reach."""
    if not ctx.reach:
        return "There is no network."
    # Of an index and not of a host that is called so: no host has a space in its name.
    pip = " A line `%pip install name` installs a package until the interpreter ends." * ("packages of " in ctx.reach)
    return f"The network reaches nothing but {ctx.reach}.{pip}"
