"""Searches the documents of the conversation, of the user and of everybody."""

import asyncio
import re
from typing import Any

from langchain_core.tools import tool

from orchat import Artifact, Plugin, ToolContext, ToolError
from orchat.agent.sources import kept
from orchat.sources import Document, Documents, as_text

PLUGIN = Plugin(title="File search", icon=":material/find_in_page:", approval="auto", timeout=60)
FOUND = 8
READ_WITHIN = 20.0
"""Seconds that a search waits for files that have just been added."""
SHELVES = {"chat": "of this chat", "own": "of the user's collection", "shared": "shared with everybody"}
NUMBERS = re.compile(r"(\d{1,6})(?:\s*-\s*(\d{1,6}))?")
MOST_NUMBERS = 50


def get_tools(ctx: ToolContext) -> list[Any]:
    """Return the tools, bound to the documents that this conversation can reach."""

    @tool
    async def list_files() -> str:
        """List the documents that can be searched: those of this chat, of the user, and shared ones.

        Call it first: searching within the right files finds far more than searching all of them.
        """
        found = await asyncio.to_thread(_documents(ctx).all)
        return (
            "\n".join(map(_line, found))
            or "There are no documents. The user can attach some, or add them on the Files page."
        )

    @tool(response_format="content_and_artifact")
    async def search_files(query: str, files: list[str] | None = None) -> tuple[str, list[Artifact]]:
        """Search the documents and return the passages that answer best, each with the number to cite it by.

        Args:
            query: What to look for, in the words that the document would use. Nothing in it is syntax.
            files: Names of the files to search within, as list_files gives them; all without it.
        """
        unread = await asyncio.to_thread(_documents(ctx).wait, READ_WITHIN)
        found = await asyncio.to_thread(_documents(ctx).search, query, files or (), FOUND)
        if not found:
            still = f" Still being read: {', '.join(unread)}." if unread else ""
            return f"Nothing was found. Try other words, or read a file.{still}", []
        return as_text(found), [kept(found)]

    @tool(response_format="content_and_artifact")
    async def read_file(file: str, pages: str = "") -> tuple[str, list[Artifact]]:
        """Read a document, or some pages, slides, sheets or sections of it, each with the number to cite it by.

        Args:
            file: The name of the file, as list_files gives it.
            pages: Which of them, such as "3" or "2-4, 9"; the first ones without it.
        """
        found, there = await asyncio.to_thread(_documents(ctx).read, file, _numbers(pages))
        more = f"\n\n[“{file}” has {there} altogether; name others to read on.]" if len(found) < there else ""
        return as_text(found) + more, [kept(found)]

    return [list_files, search_files, read_file]


def _documents(ctx: ToolContext) -> Documents:
    if ctx.documents is None:
        raise ToolError("There is no conversation, and so no documents.")
    return ctx.documents


def _line(document: Document) -> str:
    status = document.status
    size = f", {document.pages} pages" if document.pages else ""
    state = "" if status.chunks else f" – {status.reason or 'not read yet: try again in a moment'}"
    note = f" – {status.note}" if status.note else ""
    return f"{status.name} ({SHELVES[document.shelf]}{size}){state}{note}"


def _numbers(pages: str) -> list[int]:
    """Return the numbers of a list such as "2-4, 9"; one that cannot be read is refused in words."""
    chosen: list[int] = []
    for piece in filter(None, (piece.strip() for piece in pages.split(","))):
        match = NUMBERS.fullmatch(piece)
        if match is None:
            raise ToolError(f"“{piece}” is no page. Write numbers such as 3, or 2-4.")
        first, last = int(match[1]), int(match[2] or match[1])
        chosen += range(first, min(last, first + MOST_NUMBERS) + 1)
    return chosen[:MOST_NUMBERS]
