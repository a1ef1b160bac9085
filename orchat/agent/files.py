"""The files of a conversation, as tools and the page reach them."""

from dataclasses import dataclass

from orchat.agent.contract import Artifact, ArtifactRef
from orchat.store import File, Store


@dataclass(frozen=True, slots=True)
class ConversationFiles:
    """Files in the store that belong to one conversation of one owner."""

    store: Store
    owner: str
    conversation_id: str

    def save(self, artifact: Artifact) -> ArtifactRef:
        """Keep an artifact; the same bytes are kept once."""
        file = self.store.add_file(
            self.owner,
            self.conversation_id,
            name=artifact.name,
            mime=artifact.mime,
            kind=artifact.kind,
            data=artifact.data,
        )
        return _reference(file)

    def read(self, sha256: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            NotFoundError: there is none that belongs to this owner.
        """
        return self.store.file_data(self.owner, sha256)

    def all(self) -> list[ArtifactRef]:
        """Return what the conversation has, oldest first."""
        return [_reference(file) for file in self.store.files(self.owner, self.conversation_id)]


def _reference(file: File) -> ArtifactRef:
    return ArtifactRef(file.kind, file.name, file.mime, file.size, file.sha256)
