"""OpenRouter's own tools, simulated: citations before the text, counters and the price in the usage."""

import pytest

from tests.demo.conftest import Client

SEARCH = {"type": "openrouter:web_search"}
CLOCK = {"type": "function", "function": {"name": "clock", "description": "Tells the time", "parameters": {}}}
MODEL = "anthropic/claude-haiku-4.5"
QUESTION = "Search the web for sloths"


def test_a_search_is_cited_before_the_text_and_no_call_is_surfaced(client: Client):
    chunks = client.chunks(MODEL, QUESTION, tools=[SEARCH])
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    cited = [place for place, delta in enumerate(deltas) if delta.get("annotations")]
    said = [place for place, delta in enumerate(deltas) if delta.get("content")]
    assert [len(deltas[place]["annotations"]) for place in cited] == [1, 1]
    assert cited[-1] < said[0]
    assert not any(delta.get("tool_calls") for delta in deltas)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_a_search_is_counted_and_billed(client: Client):
    plain = client.answer(MODEL, QUESTION)["usage"]
    usage = client.answer(MODEL, QUESTION, tools=[SEARCH])["usage"]
    assert "server_tool_use_details" not in plain
    assert usage["server_tool_use_details"]["web_search_requests"] == 1
    assert usage["cost"] > plain["cost"] + 0.0069


def test_a_whole_answer_holds_the_citations_of_its_search(client: Client):
    message = client.answer(MODEL, QUESTION, tools=[SEARCH])["choices"][0]["message"]
    citations = [annotation["url_citation"] for annotation in message["annotations"]]
    assert [citation["url"] for citation in citations] == ["https://example.com/1", "https://example.com/2"]


@pytest.mark.parametrize("question, tools", [("Hello", [SEARCH]), (QUESTION, [CLOCK])])
def test_nothing_is_searched_for_without_a_wish_or_without_the_tool(client: Client, question: str, tools: list):
    answer = client.answer(MODEL, question, tools=tools)
    assert "annotations" not in answer["choices"][0]["message"]
    assert "server_tool_use_details" not in answer["usage"]


def test_server_tools_and_functions_can_be_offered_together(client: Client):
    message = client.answer(MODEL, "What does the clock say?", tools=[SEARCH, CLOCK])["choices"][0]["message"]
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["clock"]


def test_a_server_tool_that_chat_does_not_have_is_refused(client: Client):
    status, error = client.error(MODEL, tools=[{"type": "openrouter:shell"}])
    assert status == 400
    assert "openrouter:shell" in error["message"]


def test_a_model_without_tools_refuses_them(client: Client):
    status, error = client.error("perplexity/sonar", tools=[CLOCK])
    assert status == 404
    assert error["message"].startswith("No endpoints found that support tool use.")


def test_the_scripted_model_makes_several_calls_at_once_a_line_each_step(client: Client):
    script = 'call clock {"zone": "UTC"} && clock {"zone": "Asia/Tokyo"}\nsay Done.'
    message = client.answer("demo/script", script, tools=[CLOCK])["choices"][0]["message"]
    assert [call["function"]["arguments"] for call in message["tool_calls"]] == [
        '{"zone": "UTC"}',
        '{"zone": "Asia/Tokyo"}',
    ]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "noon"} for call in message["tool_calls"]]
    assert client.text("demo/script", [{"role": "user", "content": script}, message, *results]) == "Done."


def test_a_script_may_stand_in_the_instructions(client: Client):
    messages = [{"role": "system", "content": "say From above."}, {"role": "user", "content": "What is it?"}]
    assert client.text("demo/script", messages) == "From above."
