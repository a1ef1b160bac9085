"""Export: conversations as Markdown to read, as one HTML file to show, as JSON to bring back."""

import html
import json
from collections.abc import Sequence
from functools import partial

from orchat.archive import enclosed, own_format
from orchat.continuing import answers, joined
from orchat.store import Conversation, Message, Store

SPEAKERS = {"user": "You", "assistant": "Answer", "tool": "Tool", "system": "Instructions"}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
article {{ border-top: 1px solid #8884; padding: .5rem 0 1rem; }}
h3 {{ font-size: .85rem; margin: .5rem 0; opacity: .7; }}
pre {{ font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }}
img {{ max-width: 100%; border-radius: .5rem; }}
footer {{ font-size: .8rem; opacity: .7; margin-top: .5rem; }}
</style></head><body>
{body}
</body></html>
"""


def as_json(store: Store, owner: str, chats: Sequence[Conversation]) -> str:
    """Return conversations with all branches, costs and files, as `import_file` reads them."""
    return json.dumps(own_format.write(store, owner, chats), ensure_ascii=False, indent=1)


def as_markdown(store: Store, owner: str, chats: Sequence[Conversation]) -> str:
    """Return the branches that are shown, as Markdown."""
    return "\n\n---\n\n".join(_markdown(chat, store.branch(owner, chat.id)) for chat in chats) + "\n"


def _markdown(chat: Conversation, branch: Sequence[Message]) -> str:
    parts = [f"# {chat.title or 'New chat'}", f"{chat.created_at:%Y-%m-%d %H:%M} UTC"]
    for answer in answers(branch):
        files = [line for message in answer for line in enclosed.as_markdown(message)]
        if content := list(filter(None, [_said(answer).strip(), *files])):
            parts += [f"**{SPEAKERS[answer[0].role]}**", *content]
        parts += [f"<sub>{html.escape(about)}</sub>" for about in map(_about, answer) if about]
    return "\n\n".join(parts)


def as_html(store: Store, owner: str, chats: Sequence[Conversation]) -> str:
    """Return the branches that are shown as one HTML file, which loads nothing and runs nothing."""
    read = partial(store.file_data, owner)
    body = "\n".join(_section(chat, store.branch(owner, chat.id), read) for chat in chats)
    title = chats[0].title if len(chats) == 1 else "Chats"
    return _PAGE.format(title=html.escape(title or "Chat"), body=body)


def _section(chat: Conversation, branch: Sequence[Message], read: enclosed.Read) -> str:
    articles = "\n".join(
        _article(answer, read)
        for answer in answers(branch)
        if _said(answer).strip() or any(enclosed.files_of(message) for message in answer)
    )
    when = f"{chat.created_at:%Y-%m-%d %H:%M} UTC"
    return f"<section><h1>{html.escape(chat.title or 'New chat')}</h1><p>{when}</p>\n{articles}</section>"


def _article(answer: Sequence[Message], read: enclosed.Read) -> str:
    files = "".join(enclosed.as_html(message, read) for message in answer)
    about = "".join(f"<footer>{html.escape(_about(message))}</footer>" for message in answer)
    said = html.escape(_said(answer))
    return f"<article><h3>{SPEAKERS[answer[0].role]}</h3><pre>{said}</pre>{files}{about}</article>"


def _said(answer: Sequence[Message]) -> str:
    """What a message says, or an answer with all that continues it."""
    return joined(answer) if len(answer) > 1 else enclosed.said(answer[0])


def _about(message: Message) -> str:
    cost = f"${message.cost.normalize():f}" if message.cost is not None else ""
    parts = (message.model_answered, message.provider, cost, "zero data retention" if message.zdr else "")
    return " · ".join(part for part in parts if part)
