"""Fuzzing by Hypothesis: by number of examples in `make test`, by the clock in `make test-long`."""

import os
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

SECONDS = float(os.environ.get("ORCHAT_TEST_FUZZ_SECONDS", "600"))  # noqa: TID251 - a setting of the tests
EXAMPLES = 60
ROUND = 200
BRIEF_OR_LONG = pytest.mark.parametrize(
    "seconds", [0.0, pytest.param(SECONDS, marks=[pytest.mark.long, pytest.mark.timeout(SECONDS + 600)])]
)
"""For tests with an argument `seconds`; 0 stands for a fixed set of examples."""


def fuzz(
    strategy: st.SearchStrategy[Any], check: Callable[[Any], object], seconds: float, *, examples: int = EXAMPLES
) -> None:
    """Try values that `check` may fail on: the same few each time, or new ones until the time is over.

    What is found is shrunk, and told with the seed that found it.
    """

    def attempt(value: Any) -> None:
        check(value)

    def tried(examples: int, *, fixed: bool) -> Callable[[], None]:
        options = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=fixed,
            print_blob=not fixed,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.target, Phase.shrink],
        )
        return options(given(strategy)(attempt))

    if not seconds:
        tried(examples, fixed=True)()
        return
    until, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        number = random.SystemRandom().randrange(2**32)
        try:
            seeded(number)(tried(ROUND, fixed=False))()
        except BaseException as error:
            error.add_note(f"seed {number}, after {rounds} rounds of {ROUND} examples")
            raise
        rounds += 1
    print(f"{rounds * ROUND} examples in {seconds:.0f} s")  # noqa: T201 - shown by -s


@st.composite
def mutated(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """One of the originals with bytes changed, cut out, doubled and put in."""
    data = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.sampled_from([1, 2, 4, 16, 256, 4096]))
        match draw(st.sampled_from(["change", "flip", "cut", "double", "put in", "end"])):
            case "change":
                piece = draw(st.binary(min_size=1, max_size=min(length, 64)))
                data[at : at + len(piece)] = piece
            case "flip" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[at : at + length]
            case "double":
                data[at:at] = data[at : at + length]
            case "put in":
                data[at:at] = draw(st.sampled_from(SPECIAL)) * draw(st.sampled_from([1, 1, 1, 50]))
            case "end":
                del data[at:]
    return bytes(data)


SPECIAL = [
    *(b"\x00", b"\xff\xff\xff\xff", b"\r", b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xed\xa0\x80", "\u2028".encode()),
    *(b"{", b"[", b'"', b"\\ud800", b"1e999", b"NaN", b"null", b"-", b"../", b"%s", b"&lol;", b"<![CDATA["),
    *(b"data: ", b"data: [DONE]\n\n", b": ", b"PK\x03\x04", b"%PDF-1.7", b"startxref", b"IHDR", b"\xff\xc0"),
]
