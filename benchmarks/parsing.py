"""Reading PDFs, in their process and out of it again, beside pypdf."""

import random
import resource
import time
import zlib
from collections.abc import Iterable
from functools import partial
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdf

from benchmarks.report import Bar, Row, Table
from benchmarks.rounds import medians
from benchmarks.scale import Scale
from orchat.search.chunking import chunks
from orchat.search.parsing import parse

OURS, PEER = "orchat", "pypdf"
PAGES, LINES, WORDS = 300, 42, 12
LEAST, FASTER = Bar(least=200), Bar(least=8, relative=True)
SYLLABLES = ["ra", "ne", "to", "li", "su", "ka", "mo", "ver", "den", "sti", "pro", "con", "tal", "ges", "un", "schi"]


def measure(scale: Scale) -> Table:
    """Read one long document by turns."""
    pages = scale.chunks(PAGES)
    with TemporaryDirectory() as folder:
        path = Path(folder, "report.pdf")
        path.write_bytes(made_up_pdf(pages))
        subjects = {PEER: partial(_pypdf, path), OURS: partial(_orchat, path)}
        spent = medians(scale.rounds(5), subjects)
    speeds = {name: pages / seconds for name, seconds in spent.items()}
    measured = f"PDF of {pages:,} pages, pages per second of CPU"
    rows = [
        Row(measured, PEER, speeds[PEER], ""),
        Row(measured, OURS, speeds[OURS], "", None, LEAST),
        Row(measured, OURS, speeds[OURS], "", speeds[PEER], FASTER),
    ]
    note = (
        f"Made-up text, {LINES} lines of {WORDS} words a page, kerned and compressed as typesetting programs do. "
        f"orchat with the start of its process and the chunks; pypdf {version('pypdf')} within this process."
    )
    return Table("Reading PDFs", rows, [note])


def _orchat(path: Path) -> float:
    began = _cpu()
    if not chunks(parse(path)):
        raise ValueError("nothing was read")
    return _cpu() - began


def _pypdf(path: Path) -> float:
    began = _cpu()
    if not all(page.extract_text() for page in pypdf.PdfReader(path).pages):
        raise ValueError("nothing was read")
    return _cpu() - began


def _cpu() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def made_up_pdf(pages: int) -> bytes:
    """A document whose every word is placed by itself."""
    chance = random.Random(1)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{' '.join(f'{4 + 2 * n} 0 R' for n in range(pages))}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>",
    ]
    for page in range(pages):
        content = zlib.compress(_content(chance))
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (5 + 2 * page),
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        ]
    return _file(objects)


def _content(chance: random.Random) -> bytes:
    lines = []
    for line in range(LINES):
        words = ("".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(WORDS))
        kerned = " -250 ".join(f"({word[:2]}) {chance.randint(-40, 40)} ({word[2:]})" for word in words)
        lines.append(f"1 0 0 1 60 {740 - 16 * line} Tm [{kerned}] TJ")
    return f"BT /F 11 Tf {' '.join(lines)} ET".encode("ascii")


def _file(objects: Iterable[bytes]) -> bytes:
    out, places = BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))
    return out.getvalue()
