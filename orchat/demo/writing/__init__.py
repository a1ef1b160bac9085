"""The texts of the simulated models: Markdown that shows what a chat page has to draw."""

from __future__ import annotations

from orchat.demo.writing.answer import write_answer
from orchat.demo.writing.thinking import write_reasoning
from orchat.demo.writing.title import wants_title, write_title

__all__ = ["wants_title", "write_answer", "write_reasoning", "write_title"]
