"""What a model takes and gives, as the catalogue says, and how a PDF is read for it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from orchat.media.kinds import Medium
from orchat.openrouter import Model


class Reading(StrEnum):
    """Who reads a PDF. The price is OpenRouter's, for a thousand pages, on top of the tokens."""

    HERE = "here"
    MODEL = "native"
    CLOUDFLARE = "cloudflare-ai"
    MISTRAL = "mistral-ocr"

    @property
    def third_party(self) -> bool:
        """Whether somebody gets the file who is neither the model's provider nor OpenRouter."""
        return self in (Reading.CLOUDFLARE, Reading.MISTRAL)


@dataclass(frozen=True, slots=True)
class Takes:
    """What may go to a model beside text, and whether pictures come back."""

    name: str = "The model"
    images: bool = True
    audio: bool = True
    files: bool = True
    tools: bool = True
    draws: tuple[str, ...] = ()
    """The `modalities` to ask for, where the model makes pictures."""

    @classmethod
    def of(cls, model: Model | None) -> Self:
        """Read a model's entry; of one that is not listed everything is assumed, and OpenRouter says what is not so."""
        if model is None:
            return cls()
        outputs = model.output_modalities
        return cls(
            name=model.short_name,
            images="image" in model.input_modalities,
            audio="audio" in model.input_modalities,
            files="file" in model.input_modalities,
            tools=model.is_router or model.supports("tools"),
            # Models that only draw refuse a request for text beside it.
            draws=tuple(kind for kind in ("image", "text") if kind in outputs) if "image" in outputs else (),
        )

    def takes(self, medium: Medium) -> bool:
        """Whether a file can go along; what becomes text always can."""
        return {"image": self.images, "audio": self.audio}.get(medium, True)

    def reads(self, reading: Reading) -> Reading:
        """Return who reads a PDF for this model: one that takes no files gets the text."""
        return Reading.HERE if reading is Reading.MODEL and not self.files else reading


FileData = Callable[[str], bytes]
"""Reads the bytes of a file by its SHA-256; raises NotFoundError."""
