"""What a person thinks of an answer stays with it."""

from orchat.store import Store
from orchat.store.ratings import LONGEST_NOTE


def test_an_answer_is_rated_rated_anew_and_not_rated_any_more(store: Store):
    chat = store.create_conversation("ann")
    answer = store.add_message("ann", chat.id, role="assistant", wire={"content": "!"}, parent_id=None)
    assert store.ratings("ann", chat.id) == {}
    store.rate("ann", answer.id, "up")
    store.rate("ann", answer.id, "down", "It is " + "wrong " * LONGEST_NOTE)
    [(rated, rating)] = store.ratings("ann", chat.id).items()
    assert (rated, rating.thumb, rating.note[:12], len(rating.note)) == (
        answer.id,
        "down",
        "It is wrong ",
        LONGEST_NOTE,
    )
    assert store.branch_part("ann", chat.id, most=1).ratings == {answer.id: rating}
    store.rate("ann", answer.id, None)
    assert store.ratings("ann", chat.id) == {}


def test_saving_an_answer_keeps_its_rating(store: Store):
    chat = store.create_conversation("ann")
    answer = store.add_message("ann", chat.id, role="assistant", wire={"content": "!"}, parent_id=None)
    store.rate("ann", answer.id, "up", "Short.")
    store.save_message("ann", answer)
    assert store.ratings("ann", chat.id)[answer.id].note == "Short."
