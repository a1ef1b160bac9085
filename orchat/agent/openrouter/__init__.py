"""ChatOpenRouter: OpenRouter as a LangChain chat model."""

from orchat.agent.openrouter.model import ChatOpenRouter

__all__ = ["ChatOpenRouter"]
