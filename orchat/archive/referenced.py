"""Files that messages of an import refer to: what they are is found out anew, and their word for it counts nothing."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from orchat.errors import AttachmentError
from orchat.media.intake import EXTRACT, Checked, check
from orchat.media.kinds import PICTURE_ADDRESSES, kind_of
from orchat.media.taking import Reading, Takes
from orchat.store.files import MAX_FILE, digest
from orchat.store.imports import NewFile
from orchat.usage import whole
from orchat.wire import JSON, words

SECONDS = 60.0
"""What reading the documents of one import may take before the others stay without text."""
NOT_THERE = "not in the import"
"""In place of the SHA-256 of a file that did not come along: another chat's may have the one that is named."""
_SHAPES = {"image": ("width", "height"), "text": ("characters",), "audio": ()}


class Extracts:
    """The texts of the documents of one import, each read here and once: another one could go to a model unseen."""

    def __init__(self) -> None:
        self._until = time.monotonic() + SECONDS
        self._known: dict[str, Checked | None] = {}

    def of(self, sha256: str, name: str, data: bytes) -> Checked | None:
        """Return a document with its text; None of one that cannot be read, or not in time. Blocks."""
        if sha256 not in self._known:
            self._known[sha256] = self._read(name, data) if time.monotonic() < self._until else None
        return self._known[sha256]

    @staticmethod
    def _read(name: str, data: bytes) -> Checked | None:
        try:
            # As for a model that reads it whole: a long text is cut, and a scan is no error.
            return check(name, data, Takes(), Reading.MODEL)
        except AttachmentError:
            return None


class Referenced:
    """The files of one chat that is imported, and what may be said of them."""

    def __init__(self, files: Sequence[NewFile], extracts: Extracts) -> None:
        self._extracts = extracts
        brought = [(digest(file.data[:MAX_FILE]), file) for file in files if file.kind != EXTRACT]
        self._files = dict(brought)
        # The same bytes under the same name are kept once.
        self._kept = {(sha256, file.name): file for sha256, file in brought}

    @property
    def files(self) -> list[NewFile]:
        """What is kept with the chat: its files, and the texts that were read in them here."""
        return list(self._kept.values())

    def file(self, value: Any) -> JSON | None:
        """Return a reference of which each part has its shape; None for what names no file."""
        if not isinstance(value, Mapping) or not (words(value.get("sha256")) and words(value.get("name"))):
            return None
        file = self._files.get(value["sha256"])
        kept = {name: words(value.get(name)) or "" for name in ("kind", "name", "mime")}
        size = len(file.data) if file else whole(value.get("size")) or 0
        return {**kept, "size": size, "sha256": value["sha256"] if file else NOT_THERE}

    def picture(self, value: Any) -> JSON | None:
        """Return the reference of a picture of an answer."""
        kept = self.file(value)
        return kept and {**kept, "medium": "image", **_sizes(value, "image")}

    def attachment(self, value: Any) -> JSON | None:
        """Return the reference of a file that went with a question; the text of a document is read here. Blocks."""
        kept = self.file(value)
        if kept is None or "medium" not in value:
            return kept
        file = self._files.get(kept["sha256"])
        if file is None:
            return {**kept, "medium": "document"}
        try:
            kind = kind_of(file.data)
        except AttachmentError:
            return kept
        if kind.medium == "image" and f"data:{kind.mime};base64," not in PICTURE_ADDRESSES:
            # No page shows it: it is a file to download, and goes nowhere.
            return kept
        kept |= {"medium": kind.medium, "mime": kind.mime}
        if kind.medium in _SHAPES:
            return kept | _sizes(value, kind.medium)
        return kept | self._extract(kept, file.data) if "text" in value else kept

    def _extract(self, reference: JSON, data: bytes) -> JSON:
        found = self._extracts.of(reference["sha256"], reference["name"], data)
        if found is None or found.text is None:
            return {}
        name, raw = f"{reference['name']}.txt", found.text.encode()
        sha256 = digest(raw)
        self._kept.setdefault((sha256, name), NewFile(name, "text/plain", EXTRACT, raw))
        return {**found.about, "mime": found.mime, "text": sha256}


def _sizes(value: Mapping[str, Any], medium: str) -> JSON:
    return {name: size for name in _SHAPES[medium] if (size := whole(value.get(name)))}
