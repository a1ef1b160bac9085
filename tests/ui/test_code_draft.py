"""Arguments that are not complete yet, read as far as they have come."""

import json

import pytest

from orchat.ui import arguments
from orchat.ui.code_draft import read

CODE = 'print("é\\n")\nif x:\n\tpass'
WHOLE = json.dumps({"code": CODE})


@pytest.mark.parametrize("length", range(len(WHOLE) + 1))
def test_any_beginning_of_the_arguments_has_a_beginning_of_the_code(length: int):
    found = arguments.code_in(read(WHOLE[:length]))
    assert CODE.startswith(found[0] if found else "")
    if length >= len(WHOLE) - 1:
        assert found == (CODE, "python")


@pytest.mark.parametrize("broken", ["", "[1", "nonsense", '{"code": 1}', '"code"', '{"code"', "{" * 1000])
def test_what_is_no_code_is_none(broken: str):
    assert arguments.code_in(read(broken)) is None


def test_short_code_is_code_and_other_arguments_are_not():
    assert arguments.code_in({"timeout": 3, "code": "1"}) == ("1", "python")
    assert arguments.code_in({"text": "1\n2"}) is None
