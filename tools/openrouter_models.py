"""Looks up OpenRouter's models: what they cost, read and can do."""

from typing import Any

from orchat import Artifact, Model, Plugin, ToolContext, ToolError

PLUGIN = Plugin(title="Models and prices", icon=":material/payments:", approval="auto")
MOST = 50
MILLION = 1_000_000


def get_tools(ctx: ToolContext) -> list[Any]:
    """Return the tool, which reads the catalogue that orchat has anyway."""
    from langchain_core.tools import tool

    @tool(response_format="content_and_artifact", parse_docstring=True)
    def openrouter_models(
        search: str = "",
        needs_tools: bool = False,
        zdr_only: bool = False,
        max_prompt_price: float | None = None,
        sort: str = "price",
        limit: int = 10,
    ) -> tuple[str, Artifact]:
        """Look up models on OpenRouter with their prices in US dollars per million tokens.

        Args:
            search: Words that have to be in the model's name or id, such as "claude" or "free".
            needs_tools: Only models that can call tools.
            zdr_only: Only models that can be used with zero data retention.
            max_prompt_price: The highest price for a million tokens of input, in US dollars.
            sort: "price" (cheapest first), "context" (largest first) or "name".
            limit: How many to return, at most 50.
        """
        if sort not in ORDERS:
            raise ToolError(f"sort has to be one of {', '.join(ORDERS)}.")
        catalogue = ctx.catalogue() if ctx.catalogue else None
        if catalogue is None or not len(catalogue):
            raise ToolError("The list of models is not there yet. Try again in a moment.")
        words = search.lower().split()
        found = [
            model
            for model in catalogue.offered(zdr=zdr_only, parameter="tools" if needs_tools else None)
            if all(word in f"{model.name} {model.id}".lower() for word in words)
            and (max_prompt_price is None or _costs_at_most(model, max_prompt_price))
            and not model.is_router
        ]
        found.sort(key=ORDERS[sort])
        rows = [_row(model, zdr=catalogue.supports_zdr(model)) for model in found[: max(1, min(limit, MOST))]]
        lines = [" · ".join(f"{key}: {value}" for key, value in row.items()) for row in rows]
        text = f"{len(found)} models fit, {len(rows)} are shown.\n" + "\n".join(lines)
        return text, Artifact.table(rows, "models.csv")

    openrouter_models.metadata = {"title": PLUGIN.title}
    return [openrouter_models]


def _price(price: Any) -> float | None:
    return None if price is None else float(price * MILLION)


def _costs_at_most(model: Model, most: float) -> bool:
    price = _price(model.prompt_price)
    return price is not None and price <= most  # a price that varies, or is not known, is not zero


def _by_price(model: Model) -> tuple[bool, float, float]:
    prompt, completion = _price(model.prompt_price), _price(model.completion_price)
    return prompt is None, prompt or 0.0, completion or 0.0


ORDERS = {"price": _by_price, "context": lambda model: -(model.context_length or 0), "name": lambda model: model.name}


def _row(model: Model, *, zdr: bool) -> dict[str, Any]:
    prompt, completion = _price(model.prompt_price), _price(model.completion_price)
    return {
        "id": model.id,
        "name": model.name,
        "input $/M": "varies" if prompt is None else f"{prompt:g}",
        "output $/M": "varies" if completion is None else f"{completion:g}",
        "context": model.context_length or "unknown",
        "tools": "yes" if model.supports("tools") else "no",
        "ZDR": "yes" if zdr else "no",
    }
