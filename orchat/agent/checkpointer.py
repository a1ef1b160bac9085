"""The checkpointer: LangGraph's state of a turn that waits for a person, kept in orchat's own store."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
)

from orchat.store import Store

KIND = b"msgpack:"
"""What a stored row begins with, so that another serialization can be told from this one."""


class StoreCheckpointer(BaseCheckpointSaver[Any]):
    """Keeps the latest checkpoint of each thread, and the writes that belong to it: enough to go on, not to go back."""

    def __init__(self, store: Store, owner: str, conversation_id: str) -> None:
        super().__init__()
        self._store = store
        self._owner = owner
        self._conversation_id = conversation_id

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the latest checkpoint of a thread, None when there is none, or not the one that is asked for."""
        thread = _thread(config)
        kept = self._read(thread)
        if kept is None or get_checkpoint_id(config) not in (None, kept["checkpoint"]["id"]):
            return None
        return CheckpointTuple(
            config=_config(thread, kept["checkpoint"]["id"]),
            checkpoint=kept["checkpoint"],
            metadata=kept["metadata"],
            pending_writes=[tuple(write) for _, *write in sorted(kept["writes"], key=lambda write: write[0])],
        )

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,  # noqa: ARG002 - LangGraph's face; the whole state is kept each time
    ) -> RunnableConfig:
        """Keep a checkpoint in place of the one before."""
        thread = _thread(config)
        self._write(thread, {"checkpoint": checkpoint, "metadata": dict(metadata), "writes": []})
        return _config(thread, checkpoint["id"])

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what a task has written beside the checkpoint: the interrupt that it waits at, above all."""
        thread = _thread(config)
        kept = self._read(thread)
        if kept is None or kept["checkpoint"]["id"] != get_checkpoint_id(config):
            return
        known = {(write[1], write[0][2]): write for write in kept["writes"]}
        for number, (channel, value) in enumerate(writes):
            place = WRITES_IDX_MAP.get(channel, number)
            # What a task wrote first counts, but for LangGraph's own channels, as in its savers.
            if place >= 0 and (task_id, place) in known:
                continue
            known[task_id, place] = [[task_path, task_id, place], task_id, channel, value]
        self._write(thread, {**kept, "writes": list(known.values())})

    def delete_thread(self, thread_id: str) -> None:
        """Forget a thread."""
        self._store.delete_checkpoint(self._owner, thread_id)

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002, ARG002 - LangGraph's face
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Yield the one checkpoint of a thread; there is no history to filter."""
        found = self.get_tuple(config) if config and before is None and limit != 0 else None
        if found is not None:
            yield found

    def _read(self, thread: str) -> dict[str, Any] | None:
        data = self._store.checkpoint(self._owner, thread)
        if data is None or not data.startswith(KIND):
            return None
        kept: dict[str, Any] = self.serde.loads_typed(("msgpack", data.removeprefix(KIND)))
        return kept

    def _write(self, thread: str, kept: dict[str, Any]) -> None:
        kind, data = self.serde.dumps_typed(kept)
        assert kind == "msgpack"
        self._store.save_checkpoint(self._owner, self._conversation_id, thread, KIND + data)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """As `get_tuple`."""
        return await asyncio.to_thread(self.get_tuple, config)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """As `put`."""
        return await asyncio.to_thread(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """As `put_writes`."""
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """As `delete_thread`."""
        await asyncio.to_thread(self.delete_thread, thread_id)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002, ARG002 - LangGraph's face
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """As `list`."""
        found = await self.aget_tuple(config) if config and before is None and limit != 0 else None
        if found is not None:
            yield found


def _thread(config: RunnableConfig) -> str:
    return str(config["configurable"]["thread_id"])


def _config(thread: str, checkpoint_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": "", "checkpoint_id": checkpoint_id}}
