"""The companies that serve models, and what they promise about data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """One company; `tag` is what `provider.only` takes, `zdr` whether its endpoints retain nothing."""

    tag: str
    name: str
    zdr: bool = False
    trains: bool = False


_PROVIDERS = (
    Provider("ai21", "AI21"),
    Provider("alibaba", "Alibaba"),
    Provider("amazon-bedrock", "Amazon Bedrock", zdr=True),
    Provider("anthropic", "Anthropic"),
    Provider("azure", "Azure", zdr=True),
    Provider("chutes", "Chutes", trains=True),
    Provider("cohere", "Cohere"),
    Provider("deepinfra", "DeepInfra", zdr=True),
    Provider("deepseek", "DeepSeek", trains=True),
    Provider("demo", "Demo", zdr=True),
    Provider("fireworks", "Fireworks", zdr=True),
    Provider("google-ai-studio", "Google AI Studio"),
    Provider("google-vertex", "Google", zdr=True),
    Provider("groq", "Groq", zdr=True),
    Provider("inception", "Inception"),
    Provider("liquid", "Liquid"),
    Provider("minimax", "Minimax"),
    Provider("mistral", "Mistral"),
    Provider("moonshotai", "Moonshot AI"),
    Provider("novita", "Novita"),
    Provider("nvidia", "NVIDIA"),
    Provider("openai", "OpenAI"),
    Provider("perplexity", "Perplexity"),
    Provider("together", "Together", zdr=True),
    Provider("xai", "xAI", zdr=True),
    Provider("z-ai", "Z.AI"),
)

PROVIDERS = {provider.tag: provider for provider in _PROVIDERS}

MAKERS = {
    "ai21": "AI21",
    "allenai": "AllenAI",
    "amazon": "Amazon",
    "anthropic": "Anthropic",
    "arcee-ai": "Arcee AI",
    "baidu": "Baidu",
    "bytedance-seed": "ByteDance Seed",
    "cohere": "Cohere",
    "deepseek": "DeepSeek",
    "demo": "Demo",
    "google": "Google",
    "ibm-granite": "IBM",
    "inception": "Inception",
    "liquid": "LiquidAI",
    "meta-llama": "Meta",
    "microsoft": "Microsoft",
    "minimax": "MiniMax",
    "mistralai": "Mistral",
    "moonshotai": "MoonshotAI",
    "nousresearch": "Nous",
    "nvidia": "NVIDIA",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "perplexity": "Perplexity",
    "qwen": "Qwen",
    "x-ai": "xAI",
    "z-ai": "Z.AI",
}
