"""The chat page of every tutorial, with our client: `streamlit run naive.py -- BASE_URL`."""

import sys
from collections.abc import Iterator

import streamlit as st

from orchat.events import TextDelta
from orchat.openrouter import OpenRouterClient


def answer(question: str) -> Iterator[str]:
    client = OpenRouterClient("sk-or-v1-benchmark", base_url=sys.argv[1])
    with client.stream([{"role": "user", "content": question}], model="openai/gpt-5-mini") as events:
        yield from (event.text for event in events if isinstance(event, TextDelta))


if question := st.chat_input("Write a message"):
    st.chat_message("user").write(question)
    st.chat_message("assistant").write_stream(answer(question))
