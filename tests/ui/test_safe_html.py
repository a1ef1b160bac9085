"""HTML from code that ran: tables stand on the page, cleaned; whatever runs or styles belongs in the frame."""

import pytest

from orchat.ui.safe_html import fragment

PNG = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    "given, shown",
    [
        (
            '<table border="1" class="dataframe"><thead><tr><th>a</th></tr></thead></table>',
            "<table><thead><tr><th>a</th></tr></thead></table>",
        ),
        ('<td onclick="x">', None),
        ("<b>bold</b> & 1 < 2", "<b>bold</b> &amp; 1 &lt; 2"),
        (
            '<a href="https://example.com" target="_top">x</a>',
            '<a href="https://example.com" rel="noopener noreferrer">x</a>',
        ),
        ('<a href="JavaScript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<a href="data:text/html,x">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<img src="https://evil.example/pixel.png">', "<img>"),
        ('<img src="data:image/svg+xml;base64,AAAA">', "<img>"),
        (f'<img src="{PNG}" alt="dot">', f'<img src="{PNG}" alt="dot">'),
        (
            '<p style="color: red; position: fixed; background: url(https://evil.example)">x</p>',
            '<p style="color:red">x</p>',
        ),
        ('<div id="root" class="stApp" style="color:red">x</div>', "<div>x</div>"),
        ("<marquee>x</marquee><plaintext>y", "xy"),
        ("<!-- [if IE]> x -->", ""),
    ],
)
def test_a_fragment_keeps_its_text_and_loses_what_it_must_not_have(given: str, shown: str | None):
    assert fragment(given) == shown


@pytest.mark.parametrize(
    "page",
    [
        "<script>1</script>",
        "<ScRiPt src=x>",
        "<style>td {color: red}</style><table></table>",
        "<img src=x onerror=alert(1)>",
        "<img src=x\nONERROR = alert(1)>",
        "<svg></svg>",
        "<!doctype html><html><body>x",
        "<form action=/x>",
        "<iframe srcdoc=x>",
    ],
)
def test_what_runs_or_brings_a_style_is_a_page(page: str):
    assert fragment(page) is None


@pytest.mark.parametrize("hidden", ["<img/src=x/onerror=alert(1)>", "<scr\0ipt>alert(1)</scr\0ipt>", "<svg/onload=x>"])
def test_what_is_not_recognised_as_a_page_is_cleaned_all_the_same(hidden: str):
    shown = fragment(hidden) or ""
    assert "on" not in shown.partition(">")[0]
    assert "<script" not in shown
