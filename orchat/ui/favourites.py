"""Favourites: the models that a person has marked; the picker offers them first."""

from orchat.ui import resources, session

NAME = "favourite_models"
STAR = "★"


def of_this_person() -> tuple[str, ...]:
    """Return the ids of the models, the latest last; read once in a session."""
    current = session.current()
    if current.favourites is None:
        kept = resources.services().store.preference(current.owner, NAME)
        current.favourites = tuple(map(str, kept)) if isinstance(kept, list) else ()
    return current.favourites


def flip(model_id: str) -> None:
    """Mark a model, or take the mark off; for button callbacks."""
    current, marked = session.current(), of_this_person()
    left = tuple(other for other in marked if other != model_id)
    current.favourites = left if model_id in marked else (*marked, model_id)
    resources.services().store.save_preference(current.owner, NAME, list(current.favourites) or None)


def first(model_ids: list[str]) -> list[str]:
    """Return ids with those of the favourites before the others."""
    marked = set(of_this_person())
    return sorted(model_ids, key=lambda model_id: model_id not in marked) if marked else model_ids
