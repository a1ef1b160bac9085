"""Enclosures: the files of a chat's questions and the pictures of its answers, as they are drawn."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from orchat.errors import NotFoundError
from orchat.media.kinds import FORMATS, PICTURE_ADDRESSES
from orchat.ui import artifacts
from orchat.ui.pictures import bounded
from orchat.ui.wording import plain
from orchat.wire import JSON, fields, objects

if TYPE_CHECKING:
    from orchat.store import Message

THUMBNAIL = 240
"""Pixels of width; a click shows the picture whole."""
LARGEST = 720


def draw(attached: Sequence[JSON], *, key: str) -> None:
    """Draw the files that went with a question: pictures small, sound with a player, others to download."""
    if not attached:
        return
    with st.container(horizontal=True, gap="small", key=f"enclosed-{key}"):
        for number, reference in enumerate(attached):
            _enclosure(reference, f"attached-{key}-{number}")


def _enclosure(reference: JSON, key: str) -> None:
    medium = reference.get("medium")
    if medium not in ("image", "audio"):
        artifacts.draw(reference, key=key)
        return
    try:
        data = artifacts.data_of(reference)
        if medium == "image":
            _picture(data, reference, THUMBNAIL)
        else:
            with st.container(width=320):
                st.audio(data, format=_sound(str(reference.get("mime"))))
    except NotFoundError:
        st.caption(f"{plain(str(reference['name']))} is not kept any more.")
    except (ValueError, OSError):
        artifacts.draw(reference | {"kind": "file"}, key=key)


def _sound(mime: str) -> str:
    """Return the type of a recording: nothing is handed to a browser as a page."""
    if mime not in FORMATS:
        raise ValueError("no sound")
    return mime


def draw_pictures(message: Message) -> None:
    """Draw the pictures of an answer."""
    for number, image in enumerate(objects(message.wire.get("images"))):
        draw_picture(image, key=f"picture-{message.id}-{number}")


def draw_picture(image: JSON, *, key: str) -> None:
    """Draw one picture of an answer, with a way to download it."""
    if isinstance(reference := image.get("file"), dict):
        try:
            data = artifacts.data_of(reference)
            _picture(data, reference, LARGEST)
            artifacts.download(data, reference, key)
        except NotFoundError:
            st.caption("A picture that is not kept any more.")
        except (ValueError, OSError):
            st.caption("A picture that cannot be shown.")
    elif problem := image.get("problem"):
        st.caption(f"A picture that cannot be shown. {plain(str(problem))}")
    else:
        _of_address(str(fields(image.get("image_url")).get("url")))


def _picture(data: bytes, reference: JSON, widest: int) -> None:
    st.image(bounded(data), width=min(widest, int(reference.get("width") or widest)), alt=str(reference.get("name")))


def _of_address(url: str) -> None:
    """Draw a picture that came with an imported answer; an address would tell its server who reads this, and when."""
    head, _, data = url.partition(",")
    if f"{head}," not in PICTURE_ADDRESSES:
        return
    try:
        st.image(bounded(base64.b64decode(data)))
    except (ValueError, OSError):
        st.caption("A picture that cannot be shown.")
