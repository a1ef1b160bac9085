"""Reading: a page as Markdown."""

import asyncio
import json
import sys
from pathlib import Path

from orchat import ToolError

from .fetch import Page

CONVERT = Path(__file__).with_name("convert.py")
WITHIN = 15.0


async def as_markdown(page: Page) -> tuple[str, str]:
    """Return a page's title and its text.

    Raises:
        ToolError: it is made so that reading it takes too long, or too much memory.
    """
    if page.kind != "text/html" and not page.kind.endswith("xhtml+xml"):
        return "", page.text
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(CONVERT), page.url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},  # whatever a page can make of its reader, there is nothing in it
    )
    try:
        async with asyncio.timeout(WITHIN):
            written, _ = await process.communicate(page.text.encode())
    except TimeoutError:
        raise ToolError("The page is too intricate to be read.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ToolError("The page is too intricate to be read.")
    title, text = json.loads(written)
    return title, text
