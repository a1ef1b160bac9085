"""Sending: a branch of stored messages as a model gets it, its files in place, and what else the request asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchat.media import parts
from orchat.media.kept import brought_back
from orchat.media.taking import FileData, Reading, Takes
from orchat.store import Message
from orchat.wire import JSON, fields, objects

WEB_SEARCH: JSON = {"type": "openrouter:web_search", "parameters": {"max_results": 5}}
"""OpenRouter's tool. Source: https://openrouter.ai/docs/guides/features/server-tools/web-search."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What a model takes, and what a person wants: who reads PDFs, and whether the web is searched."""

    takes: Takes
    reading: Reading = Reading.HERE
    web: bool = False

    def messages(self, branch: Iterable[Message], read: FileData) -> list[tuple[JSON, str | None]]:
        """Return messages with their files in them, each with the model that wrote it. Blocks while files are read."""
        return [(self._message(message, read), message.model_answered) for message in branch]

    def _message(self, message: Message, read: FileData) -> JSON:
        if message.role == "assistant":
            return brought_back(message.wire, read, images=self.takes.images)
        details = fields(message.details)
        attached = [file for file in objects(details.get("attached")) if "medium" in file]
        if not attached:
            return message.wire
        said = str(details.get("said") or "")
        before = [part for file in attached for part in parts.before(file, read, self.takes, self.reading)]
        behind = [part for file in attached for part in parts.behind(file, read, self.takes, self.reading)]
        text = [{"type": "text", "text": said}] if said else []
        return {**message.wire, "content": [*before, *text, *behind]}

    def parameters(self, given: Mapping[str, Any], messages: Iterable[JSON]) -> JSON:
        """Return the parameters of a request, with what files, pictures and the web search need."""
        wanted: JSON = {**given}
        if self.takes.draws:
            wanted.setdefault("modalities", list(self.takes.draws))
        if self.web:
            wanted["tools"] = [*objects(given.get("tools")), WEB_SEARCH]
        if any(part.get("type") == "file" for message in messages for part in objects(message.get("content"))):
            # Said, and not left to a default: OpenRouter would hand the file to a third party where a model takes none.
            parser = {"id": "file-parser", "pdf": {"engine": str(self.takes.reads(self.reading))}}
            wanted["plugins"] = [*objects(given.get("plugins")), parser]
        return wanted
