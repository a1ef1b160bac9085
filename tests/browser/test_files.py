"""Documents: added, found, cited with their page, shown, and gone when they are deleted."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from orchat.demo import DemoServer
from orchat.search import Collection
from tests.browser.app_process import AppProcess
from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, serious
from tests.search.made_files import pdf, word

pytestmark = pytest.mark.browser
PAGES = ("This report is about herons.", "The heron population rose to 412 pairs.", "The heron returns in spring.")
FILES = [
    # Their names and types say something else than they are.
    {"name": "birds.txt", "mimeType": "text/plain", "buffer": pdf(PAGES)},
    {
        "name": "handbook.docx",
        "mimeType": "application/octet-stream",
        "buffer": word([("Heading 1", "Holidays"), ("Normal", "Everybody has thirty days of holiday.")]),
    },
    {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 nothing"},
]
SCRIPT = ('call search_files {"query": "heron population"}', "say It **rose** [1], made up [99], and `x[99]` is code.")


@pytest.fixture(scope="module")
def app(browser: Any, demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    settings = {"ORCHAT_TITLE_MODEL": "none", "ORCHAT_DEFAULT_MODEL": "demo/script", "ORCHAT_EMBEDDINGS": "off"}
    with AppProcess(demo, tmp_path_factory.mktemp("app"), **settings) as app:
        yield app


def files_page(tab: Chat) -> Chat:
    tab.go("/files")
    expect(tab.page.get_by_role("heading", name="Files")).to_be_visible(timeout=PATIENCE)
    return tab


def with_files(tab: Chat) -> Chat:
    """The files page, with the files on it."""
    files_page(tab)
    if not tab.page.get_by_text("searchable file").count():
        tab.page.locator("input[type=file]").set_input_files(FILES)  # type: ignore[arg-type] # dicts of what it wants
    expect(tab.page.get_by_text("2 searchable files · 4 passages · 1 failed")).to_be_visible(timeout=PATIENCE)
    # What is being drawn anew is faded, and so hard to read.
    expect(tab.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    expect(tab.page.locator("[data-stale=true]")).to_have_count(0, timeout=PATIENCE)
    return tab


def row(tab: Chat, name: str) -> Locator:
    return tab.page.locator("[class*='st-key-file-']").filter(has_text=name)


def dialog(tab: Chat) -> Locator:
    return tab.page.get_by_role("dialog")


def chips(tab: Chat) -> Locator:
    return tab.page.locator("[class*='st-key-sources-'] button")


def cited(tab: Chat) -> Chat:
    """An answer of the agent that cites a page."""
    tab.go("/agent").ready().do(*SCRIPT)
    tab.says("2 model calls")
    return tab


def fits(tab: Chat) -> bool:
    return bool(tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_files_are_added_by_their_content_and_found_by_hand(new_tab: Callable[..., Chat]):
    tab = files_page(new_tab())
    expect(tab.page.get_by_text("Nothing here yet.")).to_be_visible(timeout=PATIENCE)
    with_files(tab)
    expect(row(tab, "birds.txt")).to_contain_text("3 pages")
    expect(row(tab, "broken.pdf")).to_contain_text("it begins like a PDF, and is none")
    expect(tab.page.get_by_text("Search by meaning is switched off")).to_be_visible()
    tab.page.get_by_placeholder("Search in these documents").fill("heron population")
    tab.page.keyboard.press("Enter")
    hit = tab.keyed("hit-0")
    expect(hit).to_contain_text("birds.txt · page 2", timeout=PATIENCE)
    expect(hit).to_contain_text(re.compile(r"score [0-9.]+ · words [0-9.]+"))
    hit.get_by_role("button", name="Show").click()
    expect(dialog(tab)).to_contain_text("Page 2 of 3", timeout=PATIENCE)
    expect(dialog(tab)).to_contain_text("The passage is marked.", timeout=PATIENCE)


def test_an_answer_cites_the_page_and_a_click_shows_it_marked(new_tab: Callable[..., Chat]):
    tab = with_files(new_tab(color_scheme="dark"))
    assert serious(tab) == []
    cited(tab)
    expect(tab.answer.locator(".stMarkdownBadge")).to_have_text(["1"])
    text = tab.answer.inner_text().replace("\N{WORD JOINER}", "")
    assert "made up, and x[99] is code" in text
    assert text.count("99") == 1
    expect(chips(tab)).to_have_count(1)
    chips(tab).click()
    expect(dialog(tab)).to_contain_text("Page 2 of 3", timeout=PATIENCE)
    expect(dialog(tab)).to_contain_text("The passage is marked.", timeout=PATIENCE)
    expect(dialog(tab).get_by_role("img", name="Page 2 of birds.txt")).to_be_visible()
    assert serious(tab) == []
    dialog(tab).get_by_role("button", name="Next ›").click()
    expect(dialog(tab)).to_contain_text("Page 3 of 3", timeout=PATIENCE)
    expect(dialog(tab)).not_to_contain_text("The passage is marked.")
    with tab.page.expect_download() as download:
        dialog(tab).get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "birds.txt"
    dialog(tab).get_by_role("button", name="Close").click()
    expect(dialog(tab)).to_have_count(0)


def test_on_a_phone_nothing_is_cut_off_and_all_is_accessible(new_tab: Callable[..., Chat]):
    tab = with_files(new_tab(viewport=PHONE, has_touch=True, is_mobile=True))
    assert serious(tab) == []
    assert fits(tab)
    cited(tab)
    assert serious(tab) == []
    chips(tab).tap()
    expect(dialog(tab)).to_contain_text("The passage is marked.", timeout=PATIENCE)
    assert fits(tab)


def test_the_chat_page_searches_documents_on_request(new_tab: Callable[..., Chat], demo: DemoServer):
    tab = with_files(new_tab()).go("/").ready()
    tab.send("Holidays?").ended()
    expect(chips(tab)).to_have_count(0)
    tab.flip("documents")
    tab.send("say Thirty days [1]; made up [99].").ended()
    expect(tab.answer).to_contain_text("Thirty days", timeout=PATIENCE)
    tab.send("How many days of holiday has everybody?\nsay Thirty days [2].").ended()
    expect(chips(tab).last).to_contain_text("handbook.docx · Holidays", timeout=PATIENCE)
    chips(tab).last.click()
    expect(dialog(tab).locator("mark")).to_contain_text("thirty days of holiday", timeout=PATIENCE)
    tab.page.reload()
    tab.ready()
    expect(tab.keyed("documents").locator("input")).to_be_checked()
    assert "99" not in tab.answers.nth(1).inner_text()


def test_a_deleted_file_is_gone_at_once_and_what_was_cited_is_kept(new_tab: Callable[..., Chat]):
    tab = cited(with_files(new_tab()))
    address = tab.page.url
    files_page(tab)
    row(tab, "birds.txt").get_by_role("button", name="Delete", exact=True).click()
    row(tab, "birds.txt").get_by_role("button", name="Keep").click()
    row(tab, "birds.txt").get_by_role("button", name="Delete", exact=True).click()
    row(tab, "birds.txt").get_by_role("button", name="Delete now").click()
    expect(row(tab, "birds.txt")).to_have_count(0, timeout=PATIENCE)
    found = tab.app.folder.glob("data/documents/own-*.db")
    with Collection.open(next(found), "local", background=False) as collection:
        assert [file.name for file in collection.files()] == ["handbook.docx"]
        assert collection.search("heron") == []
    tab.page.goto(address)
    chips(tab.ready()).click()
    expect(dialog(tab)).to_contain_text("This file has been deleted since.", timeout=PATIENCE)
    expect(dialog(tab)).to_contain_text("rose to 412 pairs")
