"""The files page: documents in, how far each is, and a search by hand."""

import streamlit as st

from orchat.library import Shelf
from orchat.search.collection import Collection
from orchat.search.records import FileState, FileStatus, Hit
from orchat.sources import from_hit, where
from orchat.ui import file_list, preview, quota_note, resources, session
from orchat.ui.wording import plain

SHELVES = {Shelf.OWN: ":material/folder: My files", Shelf.SHARED: ":material/folder_shared: Shared"}
ABOUT = {
    Shelf.OWN: "Only you can search these, in every chat.",
    Shelf.SHARED: "Everybody who uses this orchat can search and read these.",
}
KINDS = "PDF, Word, slides, sheets, OpenDocument, EPUB, HTML, Markdown, CSV, e-mail, code and text."
SCANS = (
    "Pages without text are sent to OpenRouter, to be read by mistral-ocr: $2 for 1,000 pages. "
    "Zero data retention does not cover that."
)
HITS = 8
SHOWN = 420
"""Characters of a passage in the list of what was found."""


def draw() -> None:
    """Draw the page."""
    st.title("Files")
    shelf = st.segmented_control(
        "Shelf",
        list(SHELVES),
        default=Shelf.OWN,
        required=True,
        format_func=lambda shelf: SHELVES[shelf],
        label_visibility="collapsed",
        key="shelf",
    )
    shelf = Shelf(shelf or Shelf.OWN)
    st.caption(ABOUT[shelf])
    # Before somebody looks for a file in vain.
    resources.services().library.check()
    may_write = shelf is Shelf.OWN or session.may_share()
    quota_note.draw(shelf)
    if may_write:
        _upload(shelf)
    collection = resources.services().library.in_reach(session.current().owner, "").get(shelf)
    statuses = collection.status() if collection else []
    if collection is None or not statuses:
        _nothing_yet(shelf, may_write=may_write)
        return
    _state(collection, statuses)
    _search(collection, shelf)
    st.markdown("**All files**")
    file_list.draw(collection, statuses, shelf, may_write=may_write)
    if any(map(file_list.is_on_its_way, statuses)):
        _watch(shelf, statuses)


@st.fragment(run_every=1.0)
def _watch(shelf: Shelf, drawn: list[FileStatus]) -> None:
    """Draw the page again as soon as a file has come further."""
    if resources.services().library.of(shelf, session.current().owner).status() != drawn:
        st.rerun(scope="app")


def _upload(shelf: Shelf) -> None:
    current = session.current()
    # Another key after each upload empties it.
    files = st.file_uploader(
        "Add documents",
        accept_multiple_files=True,
        key=f"upload-{shelf}-{current.uploads}",
        help=f"{KINDS} What a file is, its content says, whatever its name.",
    )
    if resources.services().settings.scans:
        st.caption(SCANS)
    if not files:
        return
    # Until it is taken it is tried again with every drawing: what does not fit does not count as asked.
    if not (quota_note.has_room(shelf, sum(file.size for file in files)) and quota_note.may_add()):
        return
    collection = resources.services().library.of(shelf, current.owner)
    taken = collection.add([(file.name, file.getvalue()) for file in files])
    for file, status in zip(files, taken, strict=True):
        if status.state is FileState.FAILED:
            st.toast(f"**{plain(file.name)}**: {plain(status.reason)}", icon=":material/error:", duration="long")
        elif status.name != file.name:
            st.toast(f"**{plain(file.name)}** is here already, as {plain(status.name)}.", duration="long")
    current.uploads += 1
    st.rerun()


def _nothing_yet(shelf: Shelf, *, may_write: bool) -> None:
    with st.container(border=True):
        if not may_write:
            st.markdown("**Nothing is shared yet.** Documents that an operator puts here can be searched by everybody.")
            return
        st.markdown("**Nothing here yet.** Drop a report, a handbook or your notes above.")
        st.caption(
            "Then ask the agent about them, or switch on *Search my documents* in a chat: the answer says in which "
            "file and on which page it found what. A model sees only the passages that are found."
            + (" Everybody here will be able to search them." if shelf is Shelf.SHARED else "")
        )


def _state(collection: Collection, statuses: list[FileStatus]) -> None:
    """Say how many documents there are, and how they are found."""
    vectors = collection.vectors
    searchable, failed = [status for status in statuses if status.chunks], _count(statuses, FileState.FAILED)
    parts = [_many(len(searchable), "searchable file"), _many(sum(status.chunks for status in searchable), "passage")]
    if failed:
        parts.append(f"{failed} failed")
    st.markdown(" · ".join(parts))
    if not searchable:
        return
    if not vectors.model:
        st.caption("Found by words. Search by meaning is switched off in the settings.")
    elif vectors.problem:
        st.caption(f"Found by words. Search by meaning is not available: {plain(vectors.problem)}")
    elif not vectors.complete:
        st.caption(f"Found by words, and soon by meaning: {vectors.done:,} of {vectors.total:,} passages are ready.")
    else:
        st.caption("Found by words and by meaning.")


def _count(statuses: list[FileStatus], state: FileState) -> int:
    return sum(status.state is state for status in statuses)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _search(collection: Collection, shelf: Shelf) -> None:
    """Search by hand."""
    wanted = st.text_input(
        "Search",
        key=f"files-search-{shelf}",
        icon=":material/search:",
        placeholder="Search in these documents",
        label_visibility="collapsed",
    )
    if not wanted.strip():
        return
    hits = collection.search(wanted, HITS)
    if not hits:
        st.caption("Nothing was found. Try other words.")
    for number, hit in enumerate(hits):
        _hit(hit, number, shelf)


def _hit(hit: Hit, number: int, shelf: Shelf) -> None:
    with st.container(border=True, key=f"hit-{number}"):
        place = " · ".join(filter(None, (hit.name, where(hit.place))))
        st.markdown(f"**{plain(place)}**")
        st.markdown(plain(hit.text if len(hit.text) <= SHOWN else f"{hit.text[:SHOWN]}…"))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(" · ".join(_scores(hit)), width="content")
            source = from_hit(hit, shelf)
            st.button("Show", key=f"show-hit-{number}", type="tertiary", on_click=preview.show, args=(source, ""))


def _scores(hit: Hit) -> list[str]:
    parts = [f"score {hit.score:.2f}"]
    if hit.words is not None:
        parts.append(f"words {hit.words:.2f}")
    if hit.similarity is not None:
        parts.append(f"similarity {hit.similarity:.2f}")
    return parts
