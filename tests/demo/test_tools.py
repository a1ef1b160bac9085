import json

import jsonschema
import pytest

from tests.demo.conftest import Client, joined


def tool(name: str, description: str, **properties: object) -> dict:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


WEATHER = tool("get_weather", "The weather of a city", city={"type": "string"}, unit={"enum": ["celsius", "kelvin"]})
PYTHON = tool("code_interpreter", "Runs Python in a sandbox", code={"type": "string"})
SEARCH = tool("file_search", "Finds passages in uploaded documents", query={"type": "string"})
TOOLS = [WEATHER, PYTHON, SEARCH]


@pytest.mark.parametrize(
    "question, name, arguments",
    [
        ("What's the weather in New York in kelvin?", "get_weather", {"city": "New York", "unit": "kelvin"}),
        ("Calculate 17 * 23", "code_interpreter", {"code": "print(17 * 23)"}),
        ("What does the handbook say?", "file_search", {"query": "What does the handbook say?"}),
    ],
)
def test_a_tool_that_suits_the_question_is_called(client: Client, question: str, name: str, arguments: dict):
    [choice] = client.answer("openai/gpt-4.1", question, tools=TOOLS)["choices"]
    [call] = choice["message"]["tool_calls"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert call["function"]["name"] == name
    assert json.loads(call["function"]["arguments"]) == arguments


def test_a_greeting_calls_no_tool(client: Client):
    assert client.answer("openai/gpt-4.1", "Hello", tools=TOOLS)["choices"][0]["finish_reason"] == "stop"


def test_tool_choice_is_obeyed(client: Client):
    named = {"type": "function", "function": {"name": "file_search"}}
    for choice, expected in (("required", 1), (named, 1), ("none", 0)):
        message = client.answer(
            "openai/gpt-4.1", "Weather?" if choice == "none" else "Hi", tools=TOOLS, tool_choice=choice
        )
        assert len(message["choices"][0]["message"].get("tool_calls", [])) == expected


def test_tool_calls_are_streamed_in_fragments(client: Client):
    chunks = client.chunks("anthropic/claude-sonnet-4.6", "Weather in Paris?", tools=TOOLS)
    fragments = [f for c in chunks for f in c["choices"][0]["delta"].get("tool_calls", [])]
    assert fragments[0]["id"]
    assert fragments[0]["function"] == {"name": "get_weather", "arguments": ""}
    assert all(set(fragment) == {"index", "function"} for fragment in fragments[1:])
    arguments = "".join(fragment["function"]["arguments"] for fragment in fragments)
    assert json.loads(arguments)["city"] == "Paris"
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert chunks[-1]["choices"][0]["native_finish_reason"] == "tool_use"
    assert joined(chunks) == ""


def test_several_named_tools_are_called_side_by_side_unless_forbidden(client: Client):
    question = "Get the weather in Rome and use the code interpreter for a chart"
    message = client.answer("openai/gpt-4.1", question, tools=TOOLS)["choices"][0]["message"]
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["get_weather", "code_interpreter"]
    alone = client.answer("openai/gpt-4.1", question, tools=TOOLS, parallel_tool_calls=False)
    assert len(alone["choices"][0]["message"]["tool_calls"]) == 1


def test_the_result_of_a_tool_is_used_in_the_answer(client: Client):
    question = {"role": "user", "content": "Weather in Paris?"}
    asked = client.answer("openai/gpt-4.1", [question], tools=TOOLS)["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": asked["tool_calls"][0]["id"], "content": "12 degrees and rain"}
    text = client.text("openai/gpt-4.1", [question, asked, result], tools=TOOLS)
    assert "`get_weather` answered" in text
    assert "> 12 degrees and rain" in text


def test_a_loop_that_demands_calls_reaches_the_next_tool(client: Client):
    question = {"role": "user", "content": "Weather in Paris?"}
    asked = client.answer("openai/gpt-4.1", [question], tools=TOOLS[:2], tool_choice="required")["choices"][0][
        "message"
    ]
    result = {"role": "tool", "tool_call_id": asked["tool_calls"][0]["id"], "content": "rain"}
    following = client.answer("openai/gpt-4.1", [question, asked, result], tools=TOOLS[:2], tool_choice="required")
    assert following["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "code_interpreter"


SCHEMAS = {
    "plain": {
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 3, "maxLength": 20},
            "score": {"type": "integer", "minimum": 7, "maximum": 9},
            "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            "step": {"type": "integer", "multipleOf": 5, "minimum": 11},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True},
            "mood": {"enum": ["glad", "sad"]},
            "day": {"type": "string", "format": "date"},
            "code": {"type": "string", "pattern": "^[A-Z]{3}-\\d{3}$"},
            "fine": {"type": "boolean"},
            "nothing": {"type": "null"},
            "maybe": {"type": ["string", "null"]},
        },
        "required": ["title", "score", "share", "step", "tags", "mood", "day", "code", "fine", "nothing", "maybe"],
        "additionalProperties": False,
    },
    "referring": {
        "$defs": {
            "Person": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
            "Tree": {
                "type": "object",
                "properties": {"of": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}, "n": {"const": 1}},
                "required": ["n", "of"],
            },
        },
        "type": "object",
        "properties": {
            "people": {"type": "array", "items": {"$ref": "#/$defs/Person"}},
            "boss": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Person"}]},
            "both": {"allOf": [{"$ref": "#/$defs/Person"}, {"properties": {"age": {"type": "integer"}}}]},
            "tree": {"$ref": "#/$defs/Tree"},
        },
        "required": ["people", "boss", "both", "tree"],
    },
    "list": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_structured_output_satisfies_its_schema(client: Client, name: str):
    wanted = {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": name != "referring", "schema": SCHEMAS[name]},
    }
    text = client.text("openai/gpt-4.1", "How sad are 12 sloths?", response_format=wanted)
    jsonschema.validate(json.loads(text), SCHEMAS[name], format_checker=jsonschema.FormatChecker())


def test_a_json_object_is_one(client: Client):
    text = client.text("openai/gpt-4.1", "Explain sloths", response_format={"type": "json_object"})
    assert json.loads(text)["topic"] == "sloths"


def test_a_model_without_structured_output_ignores_the_wish_unless_parameters_are_required(client: Client):
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMAS["list"]}}
    assert client.text("perplexity/sonar", response_format=wanted).startswith("*Simulated")
    status, error = client.error("perplexity/sonar", response_format=wanted, provider={"require_parameters": True})
    assert (status, error["availability"]["code"]) == (404, "constraint_filtered")


def test_a_question_about_documents_searches_them_and_the_answer_cites_what_it_was_given(client: Client):
    listing = tool("list_files", "List the documents that can be searched: those of this chat, and shared ones.")
    searching = tool("search_files", "Search the documents and return passages.", query={"type": "string"})
    reading = tool("read_file", "Read a document, or some pages of it.", file={"type": "string"})
    tools, question = [listing, searching, reading], "What do my documents say about herons?"
    [choice] = client.answer("openai/gpt-4.1", question, tools=tools)["choices"]
    [call] = choice["message"]["tool_calls"]
    assert call["function"]["name"] == "search_files"
    owls, herons = "[4] a.pdf, page 2\nOwls fly.", "[5] b.md, Birds\nBirds\nHerons wade in\nshallow water. They wait."
    found = f"Cite like [4].\n\n{owls}\n\n{herons}"
    messages = [
        {"role": "user", "content": question},
        choice["message"],
        {"role": "tool", "tool_call_id": call["id"], "content": found},
    ]
    answer = client.text("openai/gpt-4.1", messages, tools=tools)
    assert "Herons wade in shallow water. [5]" in answer
    assert "They wait" not in answer


def test_what_stands_before_a_question_is_answered_from_and_is_not_the_question(client: Client):
    parts = [{"type": "text", "text": text} for text in ("[3] a.md\nHerons wade in water.", "Where do herons wade?")]
    assert "- Herons wade in water. [3]" in client.text("openai/gpt-4.1", [{"role": "user", "content": parts}])
