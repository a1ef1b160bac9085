"""Who is there, what they may do, and the keys that they leave here."""

from orchat.people.admission import LOCAL, admit_claims, admit_name, exposed, is_own_name
from orchat.people.person import Person, Role

__all__ = ["LOCAL", "Person", "Role", "admit_claims", "admit_name", "exposed", "is_own_name"]
