"""What a collection asks for beyond words: vectors, the order of what is found, and the text of scans."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchat.ledger import Ledger

if TYPE_CHECKING:
    from orchat.openrouter import OpenRouterClient
    from orchat.openrouter.rules import RulesNow
    from orchat.search.embedding import Embedder, Reranker
    from orchat.search.scans import ScanReader
    from orchat.settings import Settings
    from orchat.store import Store


@dataclass(frozen=True, slots=True)
class Helpers:
    """What computes vectors for a collection, what sorts its passages anew, and what reads pages without text."""

    embedders: "Sequence[Embedder]" = ()
    reranker: "Reranker | None" = None
    scans: "ScanReader | None" = None

    def counted(self, store: "Store", owner: str, conversation_id: str | None) -> "Helpers":
        """Return the same with requests to OpenRouter entered in the ledger; what runs here costs nothing."""
        from orchat.search.embedding.openrouter import OpenRouterEmbedder, OpenRouterReranker
        from orchat.search.file_parser import FileParser

        books = Ledger(store, owner, conversation_id, kind="embedding")
        embedders = [
            embedder.counted(books) if isinstance(embedder, OpenRouterEmbedder) else embedder
            for embedder in self.embedders
        ]
        reranker = self.reranker
        if isinstance(reranker, OpenRouterReranker):
            reranker = reranker.counted(books.of("rerank"))
        scans = self.scans
        if isinstance(scans, FileParser):
            scans = scans.counted(books.of("scan"))
        return Helpers(embedders, reranker, scans)


def embedders_of(settings: "Settings", client: "OpenRouterClient | None") -> "Sequence[Embedder]":
    """Return what computes the vectors of documents: nothing if that is off, or needs a key that is not there."""
    if settings.embeddings == "local":
        from orchat.search.embedding.minilm import MiniLM

        return (MiniLM(),)
    if settings.embeddings == "off" or client is None:
        return ()
    from orchat.search.embedding.openrouter import OpenRouterEmbedder

    return (OpenRouterEmbedder(client, settings.embeddings),)


def reranker_of(settings: "Settings", client: "OpenRouterClient | None") -> "Reranker | None":
    """Return what sorts found passages anew; None if that is not wanted, or needs a key that is not there."""
    if not settings.reranker or client is None:
        return None
    from orchat.search.embedding.openrouter import OpenRouterReranker

    return OpenRouterReranker(client, settings.reranker)


def scans_of(settings: "Settings", client: "OpenRouterClient | None") -> "ScanReader | None":
    """Return what reads scans; None if that is not wanted, or needs a key that is not there.

    Zero data retention does not cover it; where that is required for everybody, the client refuses.
    """
    if not settings.scans or client is None:
        return None
    from orchat.openrouter import Routing
    from orchat.search.file_parser import FileParser

    return FileParser(client.with_options(routing=Routing()), settings.scans)


def client_of(settings: "Settings", rules: "RulesNow | None" = None) -> "OpenRouterClient | None":
    """Return the client that documents go out with, if they go out at all."""
    wanted = settings.reranker or settings.scans or settings.embeddings not in {"local", "off"}
    if not wanted or settings.api_key is None:
        return None
    from orchat.openrouter import OpenRouterClient, Routing

    client = OpenRouterClient(
        settings.api_key.get_secret_value(),
        base_url=settings.base_url,
        # Whatever a chat asks for: a document may be read in one that wants zero data retention.
        routing=Routing(zdr=True),
    )
    return client if rules is None else client.with_options(rules=rules)
