"""A person as orchat knows them."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do beyond their own: an operator sees the pages for running orchat."""

    USER = "user"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was let in.

    `owner` is what everything of theirs is kept under: it never changes and is never anybody else's. `name` is for
    people to read, `email` is empty where nobody vouches for one.
    """

    owner: str
    name: str = ""
    email: str = ""
    role: Role = Role.USER

    @property
    def operator(self) -> bool:
        """Whether they run this orchat."""
        return self.role is Role.OPERATOR
