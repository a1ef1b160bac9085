"""Reads a document of the conversation with one of LangChain's document loaders."""

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchat import Plugin, ToolContext, ToolError

PLUGIN = Plugin(title="Load document", icon=":material/description:", approval="auto", timeout=60)
ABSENT = (
    "langchain-community, which brings the document loaders, is not installed. It is being retired by its makers; "
    "where it is still wanted: pip install langchain-community."
)
LOADERS = {
    ".txt": ("TextLoader", None),
    ".md": ("TextLoader", None),
    ".csv": ("CSVLoader", None),
    ".html": ("BSHTMLLoader", "beautifulsoup4 lxml"),
    ".htm": ("BSHTMLLoader", "beautifulsoup4 lxml"),
    ".pdf": ("PyPDFLoader", "pypdf"),
    ".docx": ("Docx2txtLoader", "docx2txt"),
}


def get_tools(ctx: ToolContext) -> list[Any]:
    """Return the tool, which reaches the files of this conversation and nothing else on the disk."""

    def load_document(name: str) -> str:
        """Read a file of this conversation and return its text.

        Args:
            name: The file's name, as it is shown in the conversation.
        """
        if ctx.files is None:
            raise ToolError("There is no conversation, and so no file.")
        if ctx.temporary:
            raise ToolError("This tool reads from the disk, and nothing of a temporary chat is written there.")
        files = ctx.files.all()
        found = next((file for file in reversed(files) if file.name == name), None)
        if found is None:
            there = ", ".join(file.name for file in files) or "none"
            raise ToolError(f"There is no file “{name}”. There are: {there}.")
        suffix = Path(name).suffix.lower()
        if suffix not in LOADERS:
            raise ToolError(f"Files of type “{suffix}” cannot be read; these can: {', '.join(LOADERS)}.")
        loader, needs = LOADERS[suffix]
        # A private folder that goes with the call: the loaders read from disk.
        with tempfile.TemporaryDirectory(prefix="orchat-") as folder:
            path = Path(folder) / f"document{suffix}"
            path.write_bytes(ctx.files.read(found.sha256))
            return _read(_loader(loader), path, needs)

    return [load_document]


def _loader(name: str) -> Callable[..., Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # each import announces that the package is being retired
            from langchain_community import document_loaders

            return getattr(document_loaders, name)
    except ImportError as error:
        raise ToolError(ABSENT) from error


def _read(loader: Callable[..., Any], path: Path, needs: str | None) -> str:
    options = {"encoding": "utf-8"} if path.suffix in (".txt", ".md", ".csv") else {}
    try:
        documents = loader(str(path), **options).load()
    except ImportError as error:
        raise ToolError(f"Reading {path.suffix} files needs a package: pip install {needs}.") from error
    except (ValueError, OSError, RuntimeError) as error:
        raise ToolError(f"The file cannot be read as {path.suffix}: {type(error).__name__}.") from error
    text = "\n\n".join(document.page_content for document in documents).strip()
    return text or "The file holds no text that can be read. If it is a scan, it holds pictures only."
