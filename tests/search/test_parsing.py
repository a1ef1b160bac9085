"""Documents of every kind: their text, each piece with its place."""

import shutil
import subprocess
from email.message import EmailMessage
from pathlib import Path

import pytest

from orchat.search.document import Parsed, Place
from orchat.search.parsing import ParseLimits, parse
from tests.search import made_files


def texts(parsed: Parsed) -> dict[tuple[str, ...], str]:
    return {part.place.heading: part.text for part in parsed.parts}


def test_a_pdf_is_read_page_by_page_with_its_printed_page_numbers():
    data = made_files.pdf(
        ["Preface", None, "Chapter (one)\nsecond line"], labels="0 << /S /r >> 2 << /S /D >>", title="Tides"
    )
    parsed = parse(data)
    assert (parsed.mime, parsed.title, parsed.pages) == ("application/pdf", "Tides", 3)
    assert parsed.pages_without_text == (2,)
    assert [(part.text, part.place) for part in parsed.parts] == [
        ("Preface", Place("page", 1, "i")),
        ("Chapter (one)\nsecond line", Place("page", 3, "1")),
    ]


def test_a_word_document_is_read_by_its_headings():
    parsed = parse(
        made_files.word(
            [
                ("Title", "Report"),
                ("Normal", "Before <all> & any chapter."),
                ("Heading 1", "Methods"),
                ("Normal", "We measured."),
                ("Heading 2", "Samples"),
                ("List Bullet", "blood"),
                ("Heading 1", "Results"),
                ("Normal", "It grew."),
            ]
        )
    )
    assert texts(parsed) == {
        ("Report",): "Report\n\nBefore <all> & any chapter.",
        ("Report", "Methods"): "Methods\n\nWe measured.",
        ("Report", "Methods", "Samples"): "Samples\n\nblood",
        ("Report", "Results"): "Results\n\nIt grew.",
    }


def test_a_word_document_keeps_tables_headers_and_nested_tables():
    import io

    import docx

    document = docx.Document()
    table = document.add_table(2, 2)
    for row, cells in enumerate((("Name", "a|b"), ("Ann", "outer"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 1).add_table(1, 1).cell(0, 0).text = "inner"
    document.sections[0].header.paragraphs[0].text = "Letterhead"
    out = io.BytesIO()
    document.save(out)
    assert texts(parse(out.getvalue())) == {
        (): "| Name | a\\|b |\n| --- | --- |\n| Ann | outer inner |",
        ("Headers",): "Headers\n\nLetterhead",
    }


def test_a_presentation_is_read_slide_by_slide_with_its_notes():
    parsed = parse(made_files.slides([("One", "first\nsecond", "say this"), ("", "untitled", "")]))
    assert parsed.pages == 2
    assert [(part.text, part.place) for part in parsed.parts] == [
        ("One\n\nfirst\nsecond\n\nNotes: say this", Place("slide", 1, heading=("One",))),
        ("untitled", Place("slide", 2)),
    ]


def test_slides_come_in_the_order_in_which_they_are_shown():
    import io

    import pptx

    presentation = pptx.Presentation(io.BytesIO(made_files.slides([("A", "a", ""), ("B", "b", ""), ("C", "c", "")])))
    order = presentation.slides._sldIdLst
    order.append(order[0])
    out = io.BytesIO()
    presentation.save(out)
    parsed = parse(out.getvalue())
    assert [(part.place.number, part.place.heading) for part in parsed.parts] == [(1, ("B",)), (2, ("C",)), (3, ("A",))]


def test_a_workbook_is_read_sheet_by_sheet_as_tables():
    parsed = parse(
        made_files.workbook(
            {"Costs & so": [["What", "€"], ["<rent>", 12.5], [None, None]], "Empty": [], "Last": [["x"]]}
        )
    )
    assert (parsed.pages, parsed.pages_without_text) == (3, (2,))
    assert [(part.text, part.place) for part in parsed.parts] == [
        ("| What | € |\n| --- | --- |\n| <rent> | 12.5 |", Place("sheet", 1, "Costs & so")),
        ("| x |\n| --- |", Place("sheet", 3, "Last")),
    ]


def test_opendocument_text_is_read_by_its_headings():
    body = (
        '<office:text><text:h text:outline-level="1">One</text:h>'
        '<text:p>Two<text:s text:c="2"/>blanks<text:tab/>tab</text:p>'
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        '<text:h text:outline-level="2">Sub</text:h>'
        "<table:table><table:table-row><table:table-cell><text:p>A</text:p></table:table-cell></table:table-row>"
        "</table:table></office:text>"
    )
    assert texts(parse(made_files.open_document("text", body))) == {
        ("One",): "One\n\nTwo  blanks\ttab\n\n- item",
        ("One", "Sub"): "Sub\n\n| A |\n| --- |",
    }


def test_opendocument_slides_and_sheets_are_numbered():
    box = "<draw:text-box><text:p>{0}</text:p></draw:text-box>"
    page = f'<draw:page><draw:frame presentation:class="title">{box}</draw:frame></draw:page>'
    shown = parse(
        made_files.open_document(
            "presentation",
            f"<office:presentation>{page.format('X')}<draw:page/>{page.format('Z')}</office:presentation>",
        )
    )
    assert [(part.text, part.place) for part in shown.parts] == [
        ("X", Place("slide", 1, heading=("X",))),
        ("Z", Place("slide", 3, heading=("Z",))),
    ]
    assert shown.pages_without_text == (2,)
    cell = '<table:table-cell office:value-type="string"><text:p>{0}</text:p></table:table-cell>'
    sheet = '<table:table table:name="{0}"><table:table-row>' + cell + "</table:table-row></table:table>"
    counted = parse(
        made_files.open_document(
            "spreadsheet", f"<office:spreadsheet>{sheet.format('Eins')}{sheet.format('Zwei')}</office:spreadsheet>"
        )
    )
    assert [part.place for part in counted.parts] == [Place("sheet", 1, "Eins"), Place("sheet", 2, "Zwei")]


def test_a_book_is_read_in_reading_order():
    parsed = parse(
        made_files.book({"b": "<h1>Second</h1><p>later</p>", "a": "<h1>First</h1><p>early</p>"}, order=["a", "b"])
    )
    assert parsed.title == "A book"
    assert list(texts(parsed).items()) == [(("First",), "First\n\nearly"), (("Second",), "Second\n\nlater")]


def test_a_web_page_is_read_without_its_scripts():
    page = (
        "<!DOCTYPE html><html><head><title>T &amp; t</title><script>alert(1)</script><style>p{}</style></head><body>"
        "<h1>One</h1><p>5 &lt; 6<br>next</p><noscript>no</noscript><h3>Deep</h3><ul><li>x<li>y</ul><table>"
        "<tr><th>A<th>B<tr><td>1<td><p>2</p></table><pre>  keep\n   this</pre></body></html>"
    )
    parsed = parse(page.encode())
    assert parsed.title == "T & t"
    assert texts(parsed) == {
        ("One",): "One\n\n5 < 6\nnext",
        ("One", "Deep"): "Deep\n\n- x\n\n- y\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n\n  keep\n   this",
    }


def test_a_web_page_is_read_in_the_encoding_that_it_declares():
    page = '<html><head><meta charset="shift_jis"></head><body><p>日本語のページ</p></body></html>'
    assert parse(page.encode("shift_jis")).parts[0].text == "日本語のページ"


def test_markdown_is_read_by_its_headings_and_knows_its_lines():
    text = "intro\n\n# One\n\ntext\n\n```sh\n# no heading\n```\n\n## Two ##\n\nmore\n"
    parsed = parse(text.encode())
    assert (parsed.mime, parsed.title) == ("text/markdown", "One")
    assert [(part.place.heading, part.place.line) for part in parsed.parts] == [
        ((), 1),
        (("One",), 3),
        (("One", "Two"), 11),
    ]
    assert "".join(part.text for part in parsed.parts) == text


@pytest.mark.parametrize(
    ("text", "mime"),
    [
        ("name,city\nAnn,Rome\nBob,Oslo\n", "text/csv"),
        ("name;city\nAnn;Rome, Italy\nBob;Oslo\n", "text/csv"),
        ("def f(x):\n    # why\n    return x + 1\n\n\nclass A:\n    pass\n", "text/x-source"),
        ('#include <stdio.h>\nint main(void) {\n  puts("hi");\n  return 0;\n}\n', "text/x-source"),
        ('{"a": [1, 2], "b": null}', "application/json"),
        ('{"a": 1}\n{"a": 2}\n', "application/json"),
        ("Dear Ann,\n\nit rained, it snowed, and we stayed.\nBob, who came, sends his love.\n", "text/plain"),
        ("First, we went, slowly, home.\nThen, we ate, quickly, there.\n", "text/plain"),
        ("# a setting\nname = 1\n# another\nother = 2\n", "text/x-source"),
    ],
)
def test_a_text_is_taken_for_what_it_looks_like(text: str, mime: str):
    assert parse(text.encode()).mime == mime


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "cp1251"])
def test_a_text_is_read_in_its_encoding(encoding: str):
    words = (
        "Привет, как дела? Сегодня хорошая погода." if encoding == "cp1251" else "Größe und Maße, café au lait, señor"
    )
    text = f"{words}\n" * 20
    assert parse(text.replace("\n", "\r\n").encode(encoding)).parts[0].text == text


def test_long_texts_are_divided_at_blank_lines_and_count_their_lines():
    text = "\n\n".join(f"Paragraph {number}.\nIts second line." for number in range(5_000))
    parsed = parse(text.encode())
    assert len(parsed.parts) > 3
    assert "".join(part.text for part in parsed.parts) == text
    for part in parsed.parts:
        assert text.splitlines()[part.place.line - 1] == part.text.splitlines()[0]


def test_a_message_is_read_with_its_head_and_the_names_of_what_is_attached():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ann <ann@example.com>", "bob@example.com", "Grüße aus Köln"
    message.set_content("Hello Bob,\nsee you.")
    message.add_alternative("<p>Hello <b>Bob</b></p>", subtype="html")
    message.add_attachment(b"secret words", maintype="application", subtype="pdf", filename="plan.pdf")
    parsed = parse(message.as_bytes())
    assert (parsed.mime, parsed.title) == ("message/rfc822", "Grüße aus Köln")
    (part,) = parsed.parts
    assert "From: Ann <ann@example.com>" in part.text
    assert "Hello Bob,\nsee you." in part.text
    assert part.text.endswith("Attached: plan.pdf")
    assert "secret words" not in part.text


def test_rich_text_is_read():
    parsed = parse(rb"{\rtf1\ansi\ansicpg1252 {\b Bold} words, caf\'e9.\par Second paragraph.\par}")
    assert parsed.mime == "application/rtf"
    assert "café" in parsed.parts[0].text
    assert "Second paragraph." in parsed.parts[0].text


def test_a_file_is_what_it_holds_whatever_it_is_called(tmp_path: Path):
    path = tmp_path / "holiday.txt"
    path.write_bytes(made_files.pdf(["A page"]))
    assert parse(path).mime == "application/pdf"


def test_text_that_no_database_keeps_is_left_out():
    assert parse(made_files.pdf(["a"])).parts[0].text == "a"
    assert parse(b"<html><p>a&#0;b&#xD800;c</p></html>").parts[0].text.isprintable()


def test_a_document_with_more_text_than_allowed_is_refused():
    from orchat.errors import DocumentTooLargeError

    with pytest.raises(DocumentTooLargeError, match="characters of text"):
        parse(b"word " * 1_000, limits=ParseLimits(characters=1_000))
    with pytest.raises(DocumentTooLargeError, match="pages"):
        parse(made_files.pdf(["a"] * 3), limits=ParseLimits(pages=2))
    with pytest.raises(DocumentTooLargeError, match="at most"):
        parse(b"word " * 1_000_000, limits=ParseLimits(size=1_000_000))


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice, which writes the older formats")
@pytest.mark.parametrize("suffix", ["doc", "ppt", "xls"])
def test_older_office_formats_are_read(tmp_path: Path, suffix: str):
    made = {
        "doc": ("docx", made_files.word([("Normal", "Old words.")])),
        "ppt": ("pptx", made_files.slides([("Old", "Old words.", "")])),
        "xls": ("xlsx", made_files.workbook({"Old": [["Old words."]]})),
    }
    source, data = made[suffix]
    (tmp_path / f"a.{source}").write_bytes(data)
    subprocess.run(["soffice", "--headless", "--convert-to", suffix, f"a.{source}"], cwd=tmp_path, check=True)
    assert any("Old words." in part.text for part in parse(tmp_path / f"a.{suffix}").parts)
