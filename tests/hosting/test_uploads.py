"""What is uploaded never goes through a file, however large it is."""

import asyncio

import pytest
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request

from orchat.hosting.uploads import keep_in_memory

MB = 2**20


def uploaded(size: int) -> bool:
    """Whether a file of this size went to the disk while it arrived, the way Streamlit takes it."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    chunks = iter([head, *[b"a" * MB] * (size // MB), b"\r\n--x--\r\n"])

    async def receive() -> dict[str, object]:
        chunk = next(chunks, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    async def take() -> bool:
        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        form = await Request({"type": "http", "method": "PUT", "headers": headers}, receive).form()
        file = form["file"]
        assert isinstance(file, UploadFile)
        assert file.size == size
        rolled = bool(getattr(file.file, "_rolled"))  # noqa: B009 - the type does not know it
        await form.close()
        return rolled

    return asyncio.run(take())


def test_an_upload_stays_in_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", MB)
    assert uploaded(3 * MB)
    keep_in_memory()
    assert not uploaded(25 * MB)
