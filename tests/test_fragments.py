from typing import Any

import pytest

from orchat.fragments import JOINED_AT, ReasoningDetails, TextPieces, ToolCalls, merge_unknown


def piece(name: str = "", arguments: Any = "", **where: Any) -> dict[str, Any]:
    return {**where, "function": {"name": name, "arguments": arguments}}


def gathered(*fragments: dict[str, Any]) -> list[tuple[str, str, str]]:
    calls = ToolCalls()
    for fragment in fragments:
        list(calls.add([fragment]))
    return [(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in calls.finished()]


def details(*fragments: dict[str, Any]) -> Any:
    gathering = ReasoningDetails()
    for fragment in fragments:
        gathering.add([fragment])
    return gathering.entries


def test_pieces_of_a_call_tell_where_they_belong():
    calls = ToolCalls()
    assert list(calls.add([piece("f", "", index=0, id="a")])) == [(0, "a", "f", "")]
    assert list(calls.add([piece(arguments="{}", index=0)])) == [(0, "a", "f", "{}")]


def test_interleaved_calls_come_apart_by_index():
    first, second = piece("f", "[", index=0, id="a"), piece("g", "{", index=1, id="b")
    ends = piece(arguments="]", index=0), piece(arguments="}", index=1)
    assert gathered(first, second, *ends) == [("a", "f", "[]"), ("b", "g", "{}")]


def test_interleaved_calls_come_apart_by_id_although_all_have_index_0():
    first, second = piece("f", "[", index=0, id="a"), piece("g", "{", index=0, id="b")
    ends = piece(arguments="]", index=0, id="a"), piece(arguments="}", index=0, id="b")
    assert gathered(first, second, *ends) == [("a", "f", "[]"), ("b", "g", "{}")]


def test_a_new_id_at_a_known_index_begins_a_new_call():
    assert gathered(piece("f", "{}", index=0, id="a"), piece("f", "[]", index=0, id="b")) == [
        ("a", "f", "{}"),
        ("b", "f", "[]"),
    ]


def test_calls_without_id_and_index_are_told_apart_by_their_names():
    assert gathered(piece("f", "{}"), piece("f", "["), piece(arguments="]")) == [
        ("call_0", "f", "{}"),
        ("call_1", "f", "[]"),
    ]


def test_a_name_repeated_beside_the_index_is_the_same_call():
    assert gathered(piece("f", "[", index=0, id="a"), piece("f", "]", index=0)) == [("a", "f", "[]")]


def test_another_name_at_a_known_index_is_another_call():
    assert [call[1] for call in gathered(piece("f", "{}", index=0), piece("g", "{}", index=0))] == ["f", "g"]


@pytest.mark.parametrize("noise", [piece(arguments=" \n", index=1), piece(arguments="", index=0), {"index": 3}, {}])
def test_blank_pieces_begin_no_call(noise: dict[str, Any]):
    assert gathered(noise) == []
    assert gathered(piece("f", "{}", index=0, id="a"), noise)[0][:2] == ("a", "f")
    assert len(gathered(piece("f", "{}", index=0, id="a"), noise)) == 1


def test_white_space_inside_the_arguments_is_kept_byte_for_byte():
    assert gathered(
        piece("f", '{"a":', index=0, id="a"), piece(arguments=" ", index=0), piece(arguments="1}", index=0)
    ) == [("a", "f", '{"a": 1}')]


def test_arguments_that_come_as_an_object_become_its_text():
    assert gathered(piece("f", {"a": 1}, index=0, id="a")) == [("a", "f", '{"a": 1}')]


def test_null_in_the_place_of_texts_is_nothing():
    fragment = {"index": 0, "id": None, "type": None, "function": {"name": None, "arguments": None}}
    assert gathered(piece("f", "{}", index=0, id="a"), fragment) == [("a", "f", "{}")]


def test_a_signature_that_comes_last_belongs_to_the_block_before():
    text, end = {"type": "reasoning.text", "index": 0}, {"type": "reasoning.text", "index": 0, "signature": "s"}
    assert details({**text, "text": "a"}, {**text, "text": "b"}, end) == [{**end, "text": "ab"}]


def test_the_first_signature_and_id_count():
    block = {"type": "reasoning.text", "index": 0, "signature": "s", "id": "1"}
    assert details({**block, "text": "a"}, {**block, "text": "b", "id": "2"}) == [{**block, "text": "ab"}]


def test_a_second_signature_is_a_second_block():
    first = {"type": "reasoning.text", "index": 0, "text": "a", "signature": "s1"}
    second = {"type": "reasoning.text", "index": 0, "text": "b", "signature": "s2"}
    assert details(first, second) == [first, second]


def test_summaries_are_joined_too():
    piece_of = {"type": "reasoning.summary", "index": 0}
    assert details({**piece_of, "summary": "a"}, {**piece_of, "summary": "b"})[0]["summary"] == "ab"


def test_blocks_of_another_type_or_index_are_others():
    blocks = [{"type": "reasoning.text", "text": "a", "index": index} for index in (0, 1)]
    assert details(*blocks, {"type": "reasoning.summary", "summary": "b", "index": 1}, blocks[0])[0] == blocks[0]
    assert len(details(*blocks, {"type": "reasoning.summary", "summary": "b", "index": 1}, blocks[0])) == 4


def test_encrypted_blocks_are_never_joined():
    block = {"type": "reasoning.encrypted", "index": 0}
    assert [each["data"] for each in details({**block, "data": "a"}, {**block, "data": "b"})] == ["a", "b"]


def test_an_encrypted_block_that_is_repeated_with_its_id_counts_once():
    block = {"type": "reasoning.encrypted", "index": 0, "id": "rs_1", "data": "a"}
    assert details(block, {"type": "reasoning.text", "text": "b", "index": 0}, block)[1:] == [
        {"type": "reasoning.text", "text": "b", "index": 0}
    ]


def test_entries_without_an_index_stay_apart():
    entry = {"type": "reasoning.text", "text": "a"}
    assert details(entry, entry) == [entry, entry]


def test_the_fragments_themselves_are_left_alone():
    first = {"type": "reasoning.text", "text": "a", "index": 0}
    details(first, {**first, "text": "b"})
    assert first["text"] == "a"


def test_unknown_pieces_are_joined_by_their_kind():
    known = {"text": "a", "list": [1], "object": {"inner": "x"}, "number": 1, "kept": "k"}
    new = {"text": "b", "list": [2], "object": {"inner": "y", "more": 1}, "number": 2, "kept": None, "new": None}
    assert merge_unknown(known, new) == {
        "text": "ab",
        "list": [1, 2],
        "object": {"inner": "xy", "more": 1},
        "number": 2,
        "kept": "k",
        "new": None,
    }


@pytest.mark.parametrize("number", [0, 1, JOINED_AT - 1, JOINED_AT, JOINED_AT + 1, 10 * JOINED_AT + 3])
def test_words_are_what_was_added_and_few_strings(number: int):
    words = TextPieces()
    for position in range(number):
        words.add(f"{position} ")
    assert str(words) == "".join(f"{position} " for position in range(number))
    assert bool(words) == bool(number)
    assert len(words._pieces) <= JOINED_AT + number // JOINED_AT
