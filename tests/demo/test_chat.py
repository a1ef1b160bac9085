import pytest

from orchat.demo import DemoServer
from tests.demo.conftest import Client, joined

SLOTH = "Explain sloths"


def test_the_same_messages_give_the_same_answer_streamed_or_whole(client: Client):
    whole = client.text("openai/gpt-4.1", SLOTH)
    assert client.text("openai/gpt-4.1", SLOTH) == whole
    assert joined(client.chunks("openai/gpt-4.1", SLOTH)) == whole
    assert client.text("openai/gpt-4.1", "Explain moths") != whole


def test_every_answer_says_that_it_is_simulated(client: Client):
    assert client.text("openai/gpt-4.1").startswith("*Simulated reply: GPT-4.1 was not asked.*")


@pytest.mark.parametrize(
    "question, sign",
    [
        ("Hello!", "👋"),
        ("Write a Python function for prime numbers", "```python\ndef is_prime"),
        ("Write a SQL query for the best customers", "```sql"),
        ("Compare tea and coffee", "| | Tea | Coffee |"),
        ("What is 17 * 23 + 4?", "**395**"),
        ("Solve the integral of x squared", "\\int"),
        ("Write a poem about the sea", "with the sea on the other side"),
        ("Write an e-mail about the budget", "**Subject:**"),
        ("Explain sloths", "## Sloths"),
        ("My cat is orange", "**My cat is orange**"),
    ],
)
def test_the_answer_suits_the_question(client: Client, question: str, sign: str):
    assert sign in client.text("openai/gpt-4.1", question)


def test_a_towering_power_is_not_worked_out(client: Client):
    assert "\\int" in client.text("openai/gpt-4.1", "Calculate 9^9^9^9")


def test_a_picture_and_a_file_are_noticed(client: Client):
    parts = [
        {"type": "text", "text": "What is in these?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 4096}},
        {"type": "file", "file": {"filename": "report.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
    ]
    text = client.text("openai/gpt-4.1", [{"role": "user", "content": parts}])
    assert "an image (image/png, about 3 KB)" in text
    assert "**report.pdf**" in text


def test_every_chunk_carries_role_id_and_the_dated_model(client: Client):
    response = client.ask("anthropic/claude-sonnet-4.6", stream=True)
    chunks = client.chunks("anthropic/claude-sonnet-4.6")
    assert response.text.startswith(": OPENROUTER PROCESSING\n\ndata: {")
    assert response.text.endswith("data: [DONE]\n\n")
    assert response.headers["Content-Type"] == "text/event-stream"
    assert f'"id":"{response.headers["X-Generation-Id"]}"' in response.text
    assert {chunk["model"] for chunk in chunks} == {"anthropic/claude-4.6-sonnet-20260217"}
    assert {chunk["choices"][0]["delta"]["role"] for chunk in chunks} == {"assistant"}
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_the_finishing_choice_is_repeated_with_the_usage(client: Client):
    finish, usage = client.chunks("openai/gpt-4.1")[-2:]
    assert "usage" not in finish
    assert [chunk["choices"][0]["finish_reason"] for chunk in (finish, usage)] == ["stop", "stop"]
    assert usage["usage"]["cost"] > 0


def test_the_older_shapes_of_the_usage_chunk_can_be_had():
    with DemoServer(speed=0, usage_shape="no choices") as demo, Client(demo) as client:
        assert client.chunks("demo/fast")[-1]["choices"] == []
    with DemoServer(speed=0, usage_shape="unfinished choice") as demo, Client(demo) as client:
        assert client.chunks("demo/fast")[-1]["choices"][0]["finish_reason"] is None


def test_few_tokens_cut_the_answer_short(client: Client):
    answer = client.answer("openai/gpt-4.1", SLOTH, max_tokens=10)
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 10
    assert len(answer["choices"][0]["message"]["content"]) == 40


def test_thinking_uses_up_a_small_limit(client: Client):
    [choice] = client.answer("openai/o3", SLOTH, max_tokens=10)["choices"]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("length", None)


@pytest.mark.parametrize("suffix", [":nitro", ":floor", ":exacto"])
def test_dynamic_suffixes_are_accepted(client: Client, suffix: str):
    assert client.answer(f"openai/gpt-4.1{suffix}")["model"] == "openai/gpt-4.1-20250414"


def test_a_title_is_short_and_about_the_conversation(client: Client):
    messages = [
        {"role": "system", "content": "Give this conversation a title of at most six words."},
        {"role": "user", "content": "Please explain how sloths digest their very tough leaves"},
        {"role": "assistant", "content": "Slowly."},
    ]
    title = client.text("openai/gpt-4.1-nano", messages, max_tokens=30)
    assert title == "How sloths digest their very tough"
    told = [{"role": "user", "content": "Write a title for this chat:\nUser: Compare tea and coffee\nAssistant: Well."}]
    assert client.text("openai/gpt-4.1-nano", told) == "Tea and coffee"


@pytest.mark.parametrize(
    "instructions", ["You are a librarian. Name the title of each book.", "Put a title above every section.", "Titles!"]
)
def test_instructions_that_mention_titles_ask_for_none(client: Client, instructions: str):
    messages = [{"role": "system", "content": instructions}, {"role": "user", "content": SLOTH}]
    assert client.text("openai/gpt-4.1-nano", messages).startswith("*Simulated reply")


@pytest.mark.parametrize(
    "more", [[], [{"role": "user", "content": "That was cut off. Continue it exactly where it stopped."}]]
)
def test_an_answer_that_was_cut_goes_on_where_it_stopped(client: Client, more: list[dict[str, str]]):
    question = [{"role": "user", "content": SLOTH}]
    whole = client.text("openai/gpt-4.1-nano", question)
    begun = client.text("openai/gpt-4.1-nano", question, max_tokens=30)
    second = [*question, {"role": "assistant", "content": begun}, *more]
    assert begun + client.text("openai/gpt-4.1-nano", second) == whole


def test_a_model_without_prefill_refuses_a_conversation_that_ends_with_an_answer(client: Client):
    messages = [{"role": "user", "content": SLOTH}, {"role": "assistant", "content": "They"}]
    answer = client.ask("anthropic/claude-sonnet-4.6", messages)
    assert answer.status_code == 400
    assert "must end with a user message" in answer.text


def test_a_follow_up_remembers_what_was_asked_before(client: Client):
    messages = [
        {"role": "user", "content": SLOTH},
        {"role": "assistant", "content": "They hang."},
        {"role": "user", "content": "Explain moths"},
    ]
    assert "you asked about *sloths*" in client.text("openai/gpt-4.1", messages)


@pytest.mark.parametrize(
    "model, types",
    [
        ("anthropic/claude-sonnet-4.6", ["reasoning.text"]),
        ("openai/gpt-5.2", ["reasoning.summary", "reasoning.encrypted"]),
        ("google/gemini-2.5-pro", ["reasoning.text", "reasoning.encrypted"]),
        ("deepseek/deepseek-r1", ["reasoning.text"]),
    ],
)
def test_reasoning_comes_in_the_manner_of_its_maker(client: Client, model: str, types: list[str]):
    reasoning = {"enabled": True}
    message = client.answer(model, SLOTH, reasoning=reasoning)["choices"][0]["message"]
    chunks = client.chunks(model, SLOTH, reasoning=reasoning)
    streamed = [d for c in chunks for d in c["choices"][0]["delta"].get("reasoning_details", [])]
    assert [detail["type"] for detail in message["reasoning_details"]] == types
    assert list(dict.fromkeys(detail["type"] for detail in streamed)) == types
    assert joined(chunks, "reasoning") == message["reasoning"]
    assert chunks[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0


def test_an_anthropic_signature_comes_in_a_last_fragment_without_text(client: Client):
    chunks = client.chunks("anthropic/claude-sonnet-4.6", SLOTH, reasoning={"effort": "low"})
    details = [d for c in chunks for d in c["choices"][0]["delta"].get("reasoning_details", [])]
    assert "text" not in details[-1]
    assert details[-1]["signature"]
    assert not any("signature" in detail for detail in details[:-1])


def test_reasoning_follows_the_default_of_the_model_and_the_wish_of_the_request(client: Client):
    def thinks(model: str, **body: object) -> bool:
        return bool(client.answer(model, SLOTH, **body)["choices"][0]["message"]["reasoning"])

    assert not thinks("anthropic/claude-sonnet-4.6")
    assert thinks("openai/gpt-5.2")
    assert not thinks("openai/gpt-5.2", reasoning={"enabled": False})
    assert not thinks("openai/gpt-5.2", reasoning_effort="none")
    assert not thinks("openai/gpt-4.1", reasoning={"effort": "high"})


def test_hidden_reasoning_is_billed_all_the_same(client: Client):
    shown = client.answer("openai/gpt-5.2", SLOTH)
    hidden = client.answer("openai/gpt-5.2", SLOTH, reasoning={"exclude": True})
    assert hidden["choices"][0]["message"]["reasoning"] is None
    assert hidden["usage"]["completion_tokens"] == shown["usage"]["completion_tokens"]
    assert joined(client.chunks("openai/gpt-5.2", SLOTH, reasoning={"exclude": True}), "reasoning") == ""
