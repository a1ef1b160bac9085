"""Structured output by a JSON schema, for the models that have it."""

from operator import itemgetter
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_openai.chat_models.base import _convert_to_openai_response_format, _is_pydantic_class


def response_format(schema: Any, *, strict: bool | None = None) -> Any:
    """Return a schema, of whatever kind LangChain takes, as the parameter `response_format` of a request."""
    wanted: Any = _convert_to_openai_response_format(schema, strict=strict)
    if not isinstance(wanted, type):
        return wanted
    function = convert_to_openai_tool(schema)["function"]
    described = {"name": function["name"], "schema": function["parameters"], "strict": bool(strict)}
    return {"type": "json_schema", "json_schema": described}


def structured_output(
    model: BaseChatModel, schema: Any, *, include_raw: bool, strict: bool | None, **kwargs: Any
) -> Runnable[LanguageModelInput, Any]:
    """Return `model` bound to a schema, and parsed.

    ChatOpenAI's own leaves the parsing to OpenAI's SDK, which is not what answers here.
    """
    tool = convert_to_openai_tool(schema)
    bound = model.bind(
        response_format=response_format(schema, strict=strict),
        ls_structured_output_format={"kwargs": {"method": "json_schema", "strict": strict}, "schema": tool},
        **kwargs,
    )
    parser: Any = PydanticOutputParser(pydantic_object=schema) if _is_pydantic_class(schema) else JsonOutputParser()
    if not include_raw:
        chain: Runnable[LanguageModelInput, Any] = bound | parser
        return chain
    parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
    unparsed = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=bound) | parsed.with_fallbacks([unparsed], exception_key="parsing_error")
