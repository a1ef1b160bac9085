"""Hostile files: none hangs us, passes its limits, reads what is not its own, or fills our memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchat.errors import CorruptDocumentError
from orchat.search.parsing import ParseLimits
from orchat.search.parsing.archive import Archive
from tests.search.hostile import FILES
from tests.search.made_files import package

ROOT = Path(__file__).parents[2]
READ_ALL = """
import json, re, sys
from pathlib import Path
from orchat.errors import DocumentError
from orchat.search.chunking import chunks
from orchat.search.parsing import ParseLimits, parse

def highest():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

parse(b"warm up")
before = highest()
outcomes = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        found = chunks(parse(path, limits=ParseLimits(cpu=2, cpu_per_mb=0.1, memory=800_000_000)))
        outcomes[path.name] = [len(found), max(len(chunk.text) for chunk in found), "root:" in str(found)]
    except DocumentError as error:
        outcomes[path.name] = type(error).__name__
print(json.dumps({"outcomes": outcomes, "grown": highest() - before}))
"""
REFUSED = {
    "zip bomb": "DocumentTooLargeError",
    "many members": "DocumentTooLargeError",
    "nested packages": "UnknownFormatError",
    "broken directory": "CorruptDocumentError",
    "billion laughs": "CorruptDocumentError",
    "random bytes": "UnknownFormatError",
    "nothing": "EmptyDocumentError",
    "zeros": "EmptyDocumentError",
}


@pytest.mark.timeout(400)  # of a few seconds of CPU each, on a machine that may be busy
@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_no_hostile_file_hangs_passes_its_limits_or_fills_our_memory(tmp_path: Path):
    for name, make in FILES.items():
        (tmp_path / name).write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    outcomes = told["outcomes"]
    assert set(outcomes) == set(FILES)
    assert told["grown"] < 200_000_000
    read = {name: found for name, found in outcomes.items() if isinstance(found, list)}
    assert {name: found for name, found in read.items() if found[1] > 2_500 or found[2]} == {}
    assert {name: outcomes[name] for name in REFUSED} == REFUSED


def test_a_part_whose_compressed_data_is_broken_is_damage():
    packed = bytearray(package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>" * 99}))
    at = packed.index(b"content.xml") + len(b"content.xml")
    packed[at : at + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(CorruptDocumentError, match="damaged"):
        Archive.open(bytes(packed), ParseLimits()).read("content.xml")
