"""The agent's turn: a question, the model's steps, the tools' work, and the rest until a person has decided."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final, cast

from langchain_core.language_models import ModelProfile
from langgraph.types import Command

from orchat.agent.approvals import Approvals, Decided
from orchat.agent.ask import ALLOWED_TOOLS, AgentAsk, Decision, names_in
from orchat.agent.checkpointer import StoreCheckpointer
from orchat.agent.contract import ToolContext
from orchat.agent.files import ConversationFiles
from orchat.agent.graph import Graph, Parts, build
from orchat.agent.history import history
from orchat.agent.interpreters import Interpreters
from orchat.agent.limits import Meter
from orchat.agent.openrouter.profile import profile_of
from orchat.agent.progress import Progress
from orchat.agent.sources import last_number
from orchat.agent.steps import Steps
from orchat.agent.tool_model import ToolModels
from orchat.agent.toolbox import ReadyTool, Toolbox
from orchat.errors import ApprovalExpiredError, OpenRouterError, OrchatError
from orchat.events import Event
from orchat.ledger import Judge, Ledger, Listed, Prices
from orchat.library import Library
from orchat.openrouter import AsyncOpenRouterClient, Catalogue
from orchat.sources import Documents
from orchat.store import Message, MessageFields, RequestKind, State, Store
from orchat.temporary import is_temporary
from orchat.titles import title_first_exchange
from orchat.turn import Ask

MODES: Final = ("messages", "updates", "custom")
STEPS_OF_THE_GRAPH = 12
"""Nodes that a step of the agent passes at most; LangGraph ends a run that passes more than it expects."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every turn of the agent works with."""

    store: Store
    toolbox: Toolbox
    client: AsyncOpenRouterClient
    catalogue: Callable[[], Catalogue]
    interpreters: Interpreters | None = None
    library: Library | None = None
    simulated: bool = False
    title_model: str | None = None
    listed: Listed | None = None
    prices: Prices | None = None
    personal_key: bool = False
    judge: Judge | None = None

    def context(self, owner: str, conversation_id: str, ask: Ask) -> ToolContext:
        """Return what the tools of a conversation may know and use, for what a person chose."""
        interpreters, library = self.interpreters, self.library
        files = ConversationFiles(self.store, owner, conversation_id)

        def numbered() -> int:
            return last_number(self.store.branch(owner, conversation_id), files)

        return ToolContext(
            owner=owner,
            conversation_id=conversation_id,
            zdr=ask.zdr,
            temporary=is_temporary(conversation_id),
            files=files,
            catalogue=self.catalogue,
            sandbox=partial(interpreters.of, owner, conversation_id) if interpreters else None,
            reach=interpreters.reach if interpreters else "",
            documents=Documents(library, owner, conversation_id, numbered) if library else None,
            chat_model=ToolModels(self.ledger(owner, conversation_id, "tool"), self.client, ask),
        )

    def ledger(self, owner: str, conversation_id: str, kind: RequestKind) -> Ledger:
        """Return the books for requests of a conversation."""
        return Ledger(
            self.store,
            owner,
            conversation_id,
            kind=kind,
            simulated=self.simulated,
            listed=self.listed,
            prices=self.prices,
            personal_key=self.personal_key,
        )


class AgentTurn:
    """A turn of the agent: asked, followed, saved, settled.

    It begins with a question. When a person has to decide about calls, it ends; their decisions begin another turn,
    which goes on where it stopped.
    """

    def __init__(
        self, place: Workplace, owner: str, above: Message, ask: AgentAsk, decisions: Sequence[Decision] = ()
    ) -> None:
        """Begin below the question `above`, or go on below the message that waited for `decisions`.

        Raises:
            ApprovalExpiredError: it does not wait, or not for so many decisions.
        """
        self.owner = owner
        self.conversation_id = above.conversation_id
        self._place = place
        self._ask = ask
        self._branch = place.store.branch(owner, above.conversation_id, above.id)
        self._files = ConversationFiles(place.store, owner, above.conversation_id)
        self._context = place.context(owner, above.conversation_id, ask)
        self._meter = Meter(self._earlier())
        common = MessageFields(model_asked=ask.asked, auto=ask.auto, zdr=ask.zdr, simulated=place.simulated)
        if ask.details:
            common["details"] = ask.details
        self._steps = Steps(place.store, owner, above, common)
        self._ledger = replace(place.ledger(owner, self.conversation_id, "agent"), begin=self._steps.begin_answer)
        self._summaries = self._ledger.of("summary")
        self._decided = Decided.about(above, decisions) if decisions else None
        if self._decided is not None:
            place.store.save_message(owner, replace(above, state="done"))
            self._steps.add_call(self._decided.first_call())
        else:
            self._steps.add_answer()
        self._steps.save()
        self.message_id = self._steps.first.id
        self._thread = self._decided.thread if self._decided else self.message_id

    async def events(self) -> AsyncGenerator[Event]:
        """Run the agent and yield what happens."""
        place = self._place
        tools = await place.toolbox.tools(self._context, self._ask.tools)
        approvals = await asyncio.to_thread(self._approvals, tools)
        denied = self._decided.denied if self._decided else ()
        progress = Progress(self._steps, approvals, self._meter, self._thread, denied)
        stream = self._graph(tools, approvals).astream(
            await asyncio.to_thread(self._input),
            {
                "configurable": {"thread_id": self._thread},
                "callbacks": [self._meter],
                "recursion_limit": STEPS_OF_THE_GRAPH * (self._ask.max_steps + 1),
            },
            context=self._context,
            stream_mode=MODES,
            durability="exit",
            version="v2",
        )
        # A generator, whatever its annotation says: leaving it has to end the graph's tasks.
        async with aclosing(cast("AsyncGenerator[Any]", stream)) as parts:
            async for part in parts:
                for event in progress.take(part["type"], part["data"]):
                    yield event

    def _approvals(self, tools: Sequence[ReadyTool]) -> Approvals:
        settings = self._place.store.conversation(self.owner, self.conversation_id).settings
        return Approvals((tool.info for tool in tools), names_in(settings, ALLOWED_TOOLS), self._decided)

    def _graph(self, tools: Sequence[ReadyTool], approvals: Approvals) -> Graph:
        parts = Parts(
            client=self._ledger.counted(self._place.client),
            summary_client=self._summaries.counted(self._place.client),
            session_id=self.conversation_id,
            tools=tools,
            files=self._files,
            approvals=approvals,
            meter=self._meter,
            look_up=self._look_up,
            checkpointer=StoreCheckpointer(self._place.store, self.owner, self.conversation_id),
            profile=self._profile(),
        )
        return build(self._ask, parts)

    def _input(self) -> Any:
        if self._decided is None:
            return {"messages": history(self._branch)}
        if self._place.store.checkpoint(self.owner, self._thread) is None:
            raise ApprovalExpiredError("What waited for this decision is not kept any more.")
        return Command(resume=self._decided.answer())

    def _earlier(self) -> Sequence[Message]:
        """What the turn consists of before it was interrupted."""
        last_question = max((at for at, message in enumerate(self._branch) if message.role == "user"), default=0)
        return self._branch[last_question:]

    async def _look_up(self, generation_id: str) -> Decimal | None:
        try:
            return (await self._place.client.generation(generation_id)).cost
        except OpenRouterError:
            return None

    def _profile(self) -> ModelProfile | None:
        found = self._place.catalogue().find(self._ask.model) if self._ask.model and not self._ask.auto else None
        return profile_of(found) if found else None

    def save(self, state: State, error: OrchatError | None) -> None:
        """Save the steps as far as they have come."""
        if state != "streaming":
            self._steps.close(state, error)
        self._steps.save()

    async def settle(self) -> None:
        """Forget the checkpoint of a turn that is over, look up costs that did not come, word the title."""
        place = self._place
        await asyncio.to_thread(self._tidy_up)
        await self._ledger.settle(place.client)
        await self._summaries.settle(place.client)
        last = self._steps.last_answer
        if place.title_model and last is not None and last.stored is not None:
            questions = [message for message in self._branch if message.role == "user"]
            exchange = [*questions, last.stored]
            books = self._ledger.of("title")
            client = books.counted(place.client)
            await title_first_exchange(place.store, client, self.owner, exchange, place.title_model, self._ask.routing)
            await books.settle(place.client)

    def _tidy_up(self) -> None:
        """Forget the checkpoint of a turn that is over."""
        store, last = self._place.store, self._steps.last_answer
        if last is None or last.known.get("state") != "waiting":
            store.delete_checkpoint(self.owner, self._thread)
