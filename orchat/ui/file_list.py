"""The list of a shelf's files: how far each is, what went wrong, and what can be done with it."""

import contextlib

import streamlit as st

from orchat.errors import NotFoundError
from orchat.library import Shelf
from orchat.search.collection import Collection
from orchat.search.records import FileState, FileStatus, IndexedFile
from orchat.sources import Source
from orchat.ui import preview, resources, session
from orchat.ui.wording import plain, size

STATES = {
    FileState.QUEUED: (":gray-badge[:material/schedule: queued]", "It is read in a moment."),
    FileState.PARSING: (":blue-badge[:material/hourglass_top: being read]", "It can be searched in a moment."),
    FileState.SEARCHABLE: (":green-badge[:material/check: searchable]", ""),
    FileState.EMBEDDING: (":green-badge[:material/check: searchable]", ""),
    FileState.READY: (":green-badge[:material/check: ready]", ""),
    FileState.FAILED: (":red-badge[:material/error: failed]", ""),
}


def is_on_its_way(status: FileStatus) -> bool:
    """Whether a file comes further by itself."""
    if status.state in (FileState.SEARCHABLE, FileState.EMBEDDING):
        return not status.reason
    return status.state in (FileState.QUEUED, FileState.PARSING)


def draw(collection: Collection, statuses: list[FileStatus], shelf: Shelf, *, may_write: bool) -> None:
    """Draw the files."""
    files = {file.id: file for file in collection.files()}
    for status in statuses:
        _row(status, files.get(status.id), shelf, may_write)


def _row(status: FileStatus, file: IndexedFile | None, shelf: Shelf, may_write: bool) -> None:
    with st.container(border=True, key=f"file-{status.id}", gap="small"):
        badge, about = STATES[status.state]
        st.markdown(f"**{plain(status.name)}** {badge}")
        st.caption(" · ".join(_facts(status, file)))
        if status.state is FileState.FAILED:
            st.markdown(f":small[{plain(status.reason)} {plain(status.advice)}]")
        elif about or status.note:
            st.caption(plain(about or status.note))
        if session.current().doomed == status.id:
            _confirmation(status, shelf)
        else:
            _buttons(status, file, shelf, may_write)


def _facts(status: FileStatus, file: IndexedFile | None) -> list[str]:
    facts = [size(status.size)]
    if file is not None and file.pages:
        facts.append(f"{file.pages:,} pages" if file.pages > 1 else "1 page")
    if status.chunks:
        facts.append(f"{status.chunks:,} passages" if status.chunks > 1 else "1 passage")
    if status.state is FileState.EMBEDDING:
        facts.append(f"{status.embedded:,} of {status.chunks:,} found by meaning too")
    return facts


def _buttons(status: FileStatus, file: IndexedFile | None, shelf: Shelf, may_write: bool) -> None:
    with st.container(horizontal=True, gap="small"):
        if file is not None:
            st.button(
                "Preview",
                key=f"preview-{file.id}",
                type="tertiary",
                icon=":material/visibility:",
                on_click=preview.show,
                args=(Source(0, shelf, file.id, file.name, file.mime, "", None, "", 0, 0, 0), ""),
            )
            st.download_button(
                "Download",
                preview.original(shelf, "", file.id),
                file_name=file.name,
                # As bytes of no kind: a browser must not be tempted to open a page in orchat's own origin.
                mime="application/octet-stream",
                key=f"download-{file.id}",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )
        if may_write:
            st.button(
                "Delete",
                key=f"delete-{status.id}",
                type="tertiary",
                icon=":material/delete:",
                on_click=_doom,
                args=(status.id,),
            )


def _confirmation(status: FileStatus, shelf: Shelf) -> None:
    st.markdown("Delete it? It goes at once, from the disk too. Answers keep the passages that they cite.")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Delete now",
            key=f"delete-now-{status.id}",
            type="primary",
            icon=":material/delete:",
            on_click=_delete,
            args=(shelf, status.id),
        )
        st.button("Keep", key=f"keep-{status.id}", on_click=_doom, args=(None,))


def _doom(file: str | None) -> None:
    session.current().doomed = file


def _delete(shelf: Shelf, file: str) -> None:
    _doom(None)
    if shelf is Shelf.SHARED and not session.may_share():
        return
    # Somebody else may have been quicker.
    with contextlib.suppress(NotFoundError):
        resources.services().library.of(shelf, session.current().owner).remove(file)
