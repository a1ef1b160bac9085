"""A conversation in which a tool has made something."""

from orchat import Artifact
from orchat.agent.files import ConversationFiles
from orchat.store import Store
from tests.ui.chat_app import OWNER


def made(store: Store, *artifacts: Artifact) -> str:
    """Keep a conversation in which one call of a tool has made these; return its id."""
    chat = store.create_conversation(OWNER, kind="agent").id
    question = store.add_message(OWNER, chat, role="user", wire={"role": "user", "content": "Go on"}, parent_id=None)
    call = {"id": "1", "type": "function", "function": {"name": "make", "arguments": "{}"}}
    wire = {"role": "assistant", "content": "", "tool_calls": [call]}
    step = store.add_message(OWNER, chat, role="assistant", wire=wire, parent_id=question.id)
    files = [ConversationFiles(store, OWNER, chat).save(artifact).to_json() for artifact in artifacts]
    details = {"title": "Make", "icon": "🔧", "arguments": {}, "status": "ok", "artifacts": files}
    wire = {"role": "tool", "tool_call_id": "1", "name": "make", "content": "made"}
    store.add_message(OWNER, chat, role="tool", wire=wire, parent_id=step.id, details=details)
    return chat
