"""The store as the rest of orchat sees it."""

from orchat.store.audit import AuditStore
from orchat.store.branches import BranchStore
from orchat.store.calls import CallStore
from orchat.store.checkpoints import CheckpointStore
from orchat.store.conversations import ConversationStore
from orchat.store.files import FileStore
from orchat.store.forks import ForkStore
from orchat.store.imports import ImportStore
from orchat.store.messages import MessageStore
from orchat.store.organising import OrganisingStore
from orchat.store.people import PeopleStore
from orchat.store.presets import PresetStore
from orchat.store.ratings import RatingStore
from orchat.store.removals import RemovalStore
from orchat.store.retention import RetentionStore
from orchat.store.search import SearchStore
from orchat.store.setting_changes import SettingChangeStore
from orchat.store.spending import SpendingStore
from orchat.store.upkeep import Upkeep


class Store(
    ConversationStore,
    OrganisingStore,
    MessageStore,
    BranchStore,
    RatingStore,
    RemovalStore,
    ForkStore,
    FileStore,
    CheckpointStore,
    RetentionStore,
    PresetStore,
    PeopleStore,
    AuditStore,
    SettingChangeStore,
    CallStore,
    SpendingStore,
    SearchStore,
    ImportStore,
    Upkeep,
):
    """Everything that outlives the process: open it with `Store.open(url)`, close it with `close()` or `with`.

    Each call is a transaction of its own, may come from any thread, and raises StoreError when the database fails.
    """
