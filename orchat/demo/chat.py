"""POST /chat/completions: from the request to an answer on its way."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from orchat.demo.account import require_inference_key
from orchat.demo.answers import Answer, compose_answer
from orchat.demo.body import read_json
from orchat.demo.chat_request import ChatRequest, parse_chat_request
from orchat.demo.continuation import check_prefill
from orchat.demo.delivery import stream_answer, whole_answer
from orchat.demo.demo_models import behaviour_of
from orchat.demo.errors import APIError, insufficient_credits, upstream_error
from orchat.demo.failures import refuse_on_purpose
from orchat.demo.generation import Generation
from orchat.demo.models import Model
from orchat.demo.responses import GradualResponse
from orchat.demo.routing import Route, find_route
from orchat.demo.state import DemoState


async def chat_completions(request: Request) -> Response:
    """Answer a conversation, streamed or whole."""
    state: DemoState = request.app.state.demo
    require_inference_key(request.headers)
    paying = state.made_keys.admit(request.headers)
    chat = parse_chat_request(await read_json(request), request.headers)
    route = _first_route(state, chat)
    behaviour = behaviour_of(route.model)
    if behaviour.ending == "error body":
        return JSONResponse(upstream_error(502, "Demo", "An error in an answer with status 200", "server").body())
    answer = Answer() if behaviour.tokens == 0 else compose_answer(route.model, chat)
    generation = Generation(state, chat, route, answer, paying)
    headers = {"X-Generation-Id": generation.id, "X-Provider-Name": route.provider.name}
    deliver, media_type = (stream_answer, "text/event-stream") if chat.stream else (whole_answer, "application/json")
    return GradualResponse(deliver(generation), state.closing, media_type=media_type, headers=headers)


def _first_route(state: DemoState, chat: ChatRequest) -> Route:
    """The first of the models asked for that is ready to answer; the last one's error if none is."""
    failures: list[APIError] = []
    for model_id in chat.models:
        try:
            return _admit(state, chat, model_id)
        except APIError as error:
            failures.append(error)
    *previous, last = failures
    if previous:
        last.metadata["previous_errors"] = [{"code": error.status, "message": error.message} for error in previous]
    raise last


def _admit(state: DemoState, chat: ChatRequest, model_id: str) -> Route:
    route = find_route(state.catalogue, chat, model_id)
    check_prefill(route.model, chat)
    _check_credits(state, route.model)
    refuse_on_purpose(state, chat, route.model)
    return route


def _check_credits(state: DemoState, model: Model) -> None:
    # A debt blocks even what costs nothing.
    left = state.account.credits
    if left < 0 or (left == 0 and model.completion_price):
        raise insufficient_credits()
