"""Filters of the models page: what is looked for, and which models that leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from orchat.openrouter import Catalogue, Model
from orchat.openrouter.models import MILLION
from orchat.openrouter.rules import Rules
from orchat.ui import favourites

TOOLS, REASONING, ZDR, FREE, MARKED = "Tools", "Reasoning", "🛡️ ZDR", "Free", f"{favourites.STAR} Favourites"
MODALITIES = {"image": "Images", "file": "Files", "audio": "Audio", "video": "Video"}
MOST = {"any price": None, "up to $0.50": 0.5, "up to $2": 2.0, "up to $10": 10.0, "up to $30": 30.0}
LEAST = {"any context": 0, "32k and more": 32_000, "128k and more": 128_000, "200k and more": 200_000, "1M": 1_000_000}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty asks for nothing. Prices are US dollars per million tokens out."""

    words: str = ""
    must: frozenset[str] = frozenset()
    makers: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    most: float | None = None
    least_context: int = 0

    def fits(self, model: Model, catalogue: Catalogue, marked: Sequence[str]) -> bool:
        """Whether a model is one of those that are looked for."""
        text = f"{model.name} {model.id}".lower()
        price = model.completion_price
        return (
            all(word in text for word in self.words.lower().split())
            and (not self.makers or model.maker in self.makers)
            and self.reads <= set(model.input_modalities)
            and self.writes <= set(model.output_modalities)
            and (self.most is None or (price is not None and price * MILLION <= self.most))
            and (model.context_length or 0) >= self.least_context
            and self._has_all(model, catalogue, marked)
        )

    def _has_all(self, model: Model, catalogue: Catalogue, marked: Sequence[str]) -> bool:
        has = {
            TOOLS: model.supports("tools"),
            REASONING: model.thinks,
            ZDR: catalogue.supports_zdr(model),
            FREE: model.free,
            MARKED: model.id in marked,
        }
        return all(has[one] for one in self.must)

    @property
    def behind_the_button(self) -> int:
        """How many filters are set that cannot be seen while the panel is closed."""
        return sum(map(bool, (self.makers, self.reads, self.writes, self.most is not None, self.least_context)))


def draw(catalogue: Catalogue) -> Wanted:
    """Draw the filters and return what they say."""
    words = st.text_input("Search", key="models-search", placeholder="Name or maker", label_visibility="collapsed")
    panel_says = _panel(catalogue)
    must = st.pills(
        "Only models with",
        [TOOLS, REASONING, ZDR, FREE, MARKED],
        selection_mode="multi",
        key="models-must",
        label_visibility="collapsed",
    )
    makers, reads, writes, most, least = panel_says
    return Wanted(words, frozenset(must), makers, reads, writes, MOST[most], LEAST[least])


def _panel(catalogue: Catalogue) -> tuple[frozenset[str], frozenset[str], frozenset[str], str, str]:
    with st.popover("More filters", icon=":material/tune:", key="models-filters"):
        names = sorted({model.maker for model in catalogue.models}, key=str.casefold)
        makers = st.multiselect("Maker", names, key="models-makers", placeholder="Any")
        kinds = list(MODALITIES)
        reads = st.pills("Reads", kinds, selection_mode="multi", key="models-reads", format_func=MODALITIES.__getitem__)
        writes = st.pills(
            "Makes", ["image", "audio"], selection_mode="multi", key="models-writes", format_func=MODALITIES.__getitem__
        )
        most = st.selectbox("Price of a million tokens out", list(MOST), key="models-most")
        least = st.selectbox("Context", list(LEAST), key="models-context")
    return frozenset(makers), frozenset(reads), frozenset(writes), most, least


def found(catalogue: Catalogue, wanted: Wanted, rules: Rules) -> list[Model]:
    """Return the models that are left, favourites first; what the operator forbids is never among them."""
    marked = favourites.of_this_person()
    fitting = [model for model in catalogue.offered(rules=rules) if wanted.fits(model, catalogue, marked)]
    return sorted(fitting, key=lambda model: model.id not in marked) if marked else fitting
