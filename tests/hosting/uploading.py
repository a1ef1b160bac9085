"""A tab that puts files into the box, the way browsers do: it asks for an address, sends the file there, names it."""

import re
from dataclasses import dataclass
from types import TracebackType

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.page_client import PATIENCE, Tab, Traffic

TYPE = "multipart/form-data; boundary=edge"


@dataclass
class UploadingTab(Tab):
    def __enter__(self) -> "UploadingTab":
        super().__enter__()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}")
        self.http.get("/_stcore/health")
        self.xsrf = self.http.cookies["_streamlit_xsrf"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()
        super().__exit__(kind, error, trace)

    def place(self, name: str = "a.txt") -> FileURLs:
        """Where a file may be sent."""
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.file_names.append(name)
        self._socket.send(message.SerializeToString())
        while True:
            frame = self._socket.recv(PATIENCE)
            assert isinstance(frame, bytes)
            answer = ForwardMsg.FromString(frame)
            if answer.WhichOneof("type") == "file_urls_response":
                [place] = answer.file_urls_response.file_urls
                return place

    def put(self, url: str, head: bytes, data: bytes) -> httpx.Response:
        """Send a file to an address, as it stands; `head` is what is said of it."""
        body = b"--edge\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + data + b"\r\n--edge--\r\n"
        return self.http.put(url, content=body, headers={"Content-Type": TYPE, "X-Xsrftoken": self.xsrf})

    def send_file(self, place: FileURLs, name: str, size: int, text: str = "") -> Traffic:
        """Say something with a file that is there, and wait until the page is at rest."""
        message = WidgetState(id=self.chat_input)
        message.chat_input_value.data = text
        said = message.chat_input_value.file_uploader_state.uploaded_file_info.add()
        said.name, said.size, said.file_id = name, size, place.file_id
        said.file_urls.CopyFrom(place)
        return self.rerun(message)


def quoted(name: bytes) -> bytes:
    """What is said of a file with this name, as browsers write it."""
    return b'name="file"; filename="' + re.sub(rb'["\r\n]', lambda found: b"%%%02X" % found[0][0], name) + b'"'
