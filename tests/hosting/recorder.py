"""A tab that keeps all that it is sent, and knows what can be pressed and filled in."""

from dataclasses import dataclass, field

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.page_client import PageFailedError, Traffic
from tests.hosting.test_trusted_proxy import Header, ProxiedTab


@dataclass
class Recorder(ProxiedTab):
    headers: list[Header] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    """Of everything on the pages that were drawn."""
    pages: dict[str, str] = field(default_factory=dict)
    """The pages by name, each with what it is asked for by."""
    failures: int = 0
    """How often the page was an exception."""

    def _take(self, message: ForwardMsg, traffic: Traffic) -> None:
        self.frames.append(message.SerializeToString())
        element = message.delta.new_element
        if (kind := element.WhichOneof("type")) and (known := getattr(getattr(element, kind), "id", "")):
            self.ids.add(known)
        self.pages |= {page.page_name: page.page_script_hash for page in message.new_session.app_pages}
        self.pages |= {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
        try:
            super()._take(message, traffic)
        except PageFailedError:
            self.failures += 1

    def state(self, key: str) -> WidgetState:
        """The state of the widget that has this at the end of its id."""
        return WidgetState(id=next(known for known in sorted(self.ids) if known.endswith(key)))

    def press(self, key: str, *others: WidgetState) -> None:
        """Press a button; what stands in fields goes along."""
        button = self.state(key)
        button.trigger_value = True
        self.rerun(*others, button)

    def paste_a_key(self, key: str) -> None:
        """Use a key of one's own, by the dialog."""
        self.press("-enter-key")
        entered = self.state("-own-key")
        entered.string_value = key
        self.press("Check and use", entered)
