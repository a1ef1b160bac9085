"""Kept: what a model sent that is no text, put away as files; a message holds their addresses, and no Base64."""

import base64
import binascii
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from orchat.errors import DocumentError, NotFoundError, StoreError
from orchat.media.names import free_name
from orchat.media.taking import FileData
from orchat.search.parsing import ParseLimits, shrink_picture
from orchat.store import Store
from orchat.wire import JSON, fields, objects

ADDRESS = "orchat-file:"
"""Before the SHA-256 of a kept file, in place of its bytes: leads nowhere outside this program."""
LARGEST_EDGE = 8192
LIMITS = ParseLimits(wall=60.0)
PARSED = "parsed"
"""The kind of pictures in a PDF, as a parser sends them: kept to be sent back, and never shown."""


class Kept:
    """The files of one answer."""

    def __init__(self, store: Store, owner: str, conversation_id: str) -> None:
        self._store = store
        self._owner = owner
        self._conversation_id = conversation_id
        self._known: dict[str, JSON] = {}
        # An answer is saved while it arrives, on another thread than what arrives.
        self._lock = Lock()

    def put_away(self, message: Mapping[str, Any]) -> JSON:
        """Return a message whose pictures are files of the conversation. Blocks for what it has not seen before."""
        kept = dict(message)
        if images := objects(message.get("images")):
            kept["images"] = [self.image(image) for image in images]
        if annotations := objects(message.get("annotations")):
            kept["annotations"] = [_with_pictures(annotation, self._parsed) for annotation in annotations]
        return kept

    def image(self, image: JSON) -> JSON:
        """Keep a picture, and return what stands for it: `image_url` is its address, `file` its reference.

        Without `file` it could not be read: it is none, damaged, or too large. `problem` then says why.
        """
        url = str(fields(image.get("image_url")).get("url"))
        with self._lock:
            if url not in self._known:
                self._known[url] = self._image(url)
            return self._known[url]

    def _image(self, url: str) -> JSON:
        try:
            data = _bytes_of(url)
            found = shrink_picture(data, edge=LARGEST_EDGE, original=True, limits=LIMITS)
            taken = {file.name for file in self._store.files(self._owner, self._conversation_id)}
            name = free_name(f"picture.{found.mime.partition('/')[2].replace('jpeg', 'jpg')}", taken)
            file = self._add(name, found.mime, "image", data)
        except (DocumentError, StoreError, ValueError) as error:
            problem = getattr(error, "message", "What came is no picture.")
            return {"type": "image_url", "image_url": {"url": ""}, "problem": problem}
        about = {"medium": "image", "width": found.width, "height": found.height}
        return {"type": "image_url", "image_url": {"url": f"{ADDRESS}{file['sha256']}"}, "file": file | about}

    def _parsed(self, url: str) -> str:
        with self._lock:
            if url not in self._known:
                try:
                    self._known[url] = self._add("page.png", url[5:].partition(";")[0], PARSED, _bytes_of(url))
                except (StoreError, ValueError):
                    return ""
            return f"{ADDRESS}{self._known[url]['sha256']}"

    def _add(self, name: str, mime: str, kind: str, data: bytes) -> JSON:
        file = self._store.add_file(self._owner, self._conversation_id, name=name, mime=mime, kind=kind, data=data)
        return {"kind": file.kind, "name": file.name, "mime": file.mime, "size": file.size, "sha256": file.sha256}


def brought_back(message: Mapping[str, Any], read: FileData, *, images: bool) -> JSON:
    """Return an answer as it is sent again: addresses are bytes once more, and pictures words where none are taken."""
    sent = {key: value for key, value in message.items() if key != "images"}
    if annotations := objects(message.get("annotations")):
        sent["annotations"] = [_with_pictures(annotation, lambda url: _url(url, read)) for annotation in annotations]
    pictures = objects(message.get("images"))
    if pictures and images:
        urls = [_url(str(fields(picture.get("image_url")).get("url")), read) for picture in pictures]
        sent["images"] = [{"type": "image_url", "image_url": {"url": url}} for url in urls if url]
    elif pictures:
        gone = "\n".join("[image removed: this model takes no images]" for _ in pictures)
        sent["content"] = "\n\n".join(filter(None, [str(message.get("content") or ""), gone]))
    return sent


def _with_pictures(annotation: JSON, address: Callable[[str], str]) -> JSON:
    """Return the annotation of a parsed file with other addresses of its pictures."""
    file = annotation.get("file")
    if not isinstance(file, dict) or not isinstance(file.get("content"), list):
        return annotation
    parts = [_part(part, address) if isinstance(part, dict) else part for part in file["content"]]
    return {**annotation, "file": {**file, "content": parts}}


def _part(part: JSON, address: Callable[[str], str]) -> JSON:
    url = fields(part.get("image_url")).get("url")
    if not isinstance(url, str) or not url.startswith(("data:", ADDRESS)):
        return part
    return {**part, "image_url": {**part["image_url"], "url": address(url)}}


def _url(url: str, read: FileData) -> str:
    """Return the bytes behind an address as a data URL, an empty one where they are gone."""
    if not url.startswith(ADDRESS):
        return url
    try:
        data = read(url.removeprefix(ADDRESS))
    except NotFoundError:
        return ""
    return f"data:{mime_of(data)};base64,{base64.b64encode(data).decode()}"


def mime_of(data: bytes) -> str:
    """Return the media type of a picture, by its first bytes."""
    signs = ((b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))
    return next((mime for sign, mime in signs if data.startswith(sign)), "image/png")


def _bytes_of(url: str) -> bytes:
    """Return the bytes of a data URL; raises ValueError for anything else."""
    head, _, data = url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        raise ValueError("no data URL")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError("no Base64") from error
