"""Scans read by OpenRouter's file parser: the pages leave the machine, and zero data retention does not cover that."""

import base64

from orchat.errors import UpstreamError
from orchat.openrouter import OpenRouterClient
from orchat.openrouter.books import Books
from orchat.wire import fields, objects

ENGINE = "mistral-ocr"
"""The engine that recognises text in pictures; USD 2 for 1,000 pages (https://openrouter.ai/docs/features/multimodal/pdfs)."""
_ANSWER = 16
"""The most tokens of the model's own answer, which nobody reads; some models take no smaller limit."""


class FileParser:
    """Reads pages by the `file-parser` plugin, which needs a model to ask: it is told to say one word.

    What has been recognised comes as an annotation of the answer, not as words of the model, which could be wrong.
    """

    def __init__(self, client: OpenRouterClient, model: str) -> None:
        self._client = client
        self._model = model

    def counted(self, books: Books) -> "FileParser":
        """Return the same reader with its requests entered in books."""
        return FileParser(self._client.with_options(books=books), self._model)

    def read(self, page: bytes) -> str:
        """Return the text of a PDF of one page, as Markdown without its pictures.

        Raises:
            OpenRouterError: OpenRouter cannot be asked, refuses, or answers without what it has read.
        """
        data = "data:application/pdf;base64," + base64.b64encode(page).decode()
        content = [
            {"type": "text", "text": "Answer with the word OK."},
            {"type": "file", "file": {"filename": "page.pdf", "file_data": data}},
        ]
        reply = self._client.complete(
            [{"role": "user", "content": content}],
            model=self._model,
            plugins=[{"id": "file-parser", "pdf": {"engine": ENGINE}}],
            max_tokens=_ANSWER,
        )
        files = [fields(note.get("file")) for note in reply.annotations if note.get("type") == "file"]
        if not files:
            raise UpstreamError("OpenRouter did not say what it has read on the page.")
        parts = [part for file in files for part in objects(file.get("content"))]
        return "\n".join(str(part.get("text") or "") for part in parts if part.get("type") == "text")
