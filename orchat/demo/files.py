"""Files in a request: who reads a PDF, what comes back so that it is not read again, what it costs. All simulated."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchat.demo.prompt import parts_of

if TYPE_CHECKING:
    from orchat.demo.chat_request import ChatRequest
    from orchat.demo.models import Model

PRICES = {"mistral-ocr": 0.002, "cloudflare-ai": 0.0}
"""US dollars for a page. A model that takes files itself costs its tokens only."""
NATIVE, DEFAULT = "native", "mistral-ocr"
_OLD_NAMES = {"pdf-text": "cloudflare-ai"}
_PAGE = re.compile(rb"/Type\s*/Page\b")
_DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A PDF that a plugin has read."""

    name: str
    digest: str
    pages: int
    engine: str

    @property
    def cost(self) -> float:
        """US dollars for its pages."""
        return self.pages * PRICES.get(self.engine, 0.0)

    def annotation(self) -> dict[str, Any]:
        """What comes back, to be sent again with the next request."""
        text = f"Simulated: the text of {self.name}, {self.pages} page(s), read by {self.engine}."
        content: list[dict[str, Any]] = [{"type": "text", "text": text}]
        if self.engine == "mistral-ocr":
            content.append({"type": "image_url", "image_url": {"url": _DOT}})
        return {"type": "file", "file": {"hash": self.digest, "name": self.name, "content": content}}


def engine_of(model: Model, request: ChatRequest) -> str:
    """Who reads the files of a request: as its plugin says, else the model if it can, else a third party."""
    options: Mapping[str, Any] = request.plugin("file-parser").get("pdf") or {}
    wanted = str(options.get("engine") or (NATIVE if model.takes_files else DEFAULT))
    return _OLD_NAMES.get(wanted, wanted)


def parsed_files(model: Model, request: ChatRequest) -> tuple[ParsedFile, ...]:
    """The PDFs that a plugin reads for this request: not those of which an answer's annotation has the text."""
    engine = engine_of(model, request)
    if engine == NATIVE:
        return ()
    known = set(_known(request))
    found = (_parsed(part, engine) for message in request.prompt.messages for part in parts_of(message))
    return tuple(dict.fromkeys(file for file in found if file and file.digest not in known))


def _parsed(part: Mapping[str, Any], engine: str) -> ParsedFile | None:
    if part.get("type") != "file":
        return None
    file = part.get("file") or {}
    data = str(file.get("file_data") or "")
    pages = len(_PAGE.findall(_bytes(data))) or 1
    digest = hashlib.sha256(data.encode()).hexdigest()
    return ParsedFile(str(file.get("filename") or "file"), digest, pages, engine)


def _bytes(url: str) -> bytes:
    try:
        return base64.b64decode(url.partition(",")[2])
    except ValueError:
        return b""


def _known(request: ChatRequest) -> Iterator[str]:
    for message in request.prompt.messages:
        for annotation in message.get("annotations") or ():
            if annotation.get("type") == "file":
                yield str((annotation.get("file") or {}).get("hash"))
