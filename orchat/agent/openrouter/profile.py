"""Profiles: what a model can do, from OpenRouter's catalogue, in LangChain's words."""

from langchain_core.language_models import ModelProfile

from orchat.openrouter import Model
from orchat.usage import whole
from orchat.wire import fields


def profile_of(model: Model) -> ModelProfile:
    """Return LangChain's profile of a model; it decides, for one, when a long conversation is summarised."""
    inputs = model.input_modalities
    profile = ModelProfile(
        name=model.name,
        tool_calling=model.supports("tools"),
        structured_output=model.supports("structured_outputs"),
        reasoning_output=model.thinks,
        text_inputs="text" in inputs,
        image_inputs="image" in inputs,
        audio_inputs="audio" in inputs,
        pdf_inputs="file" in inputs,
        video_inputs="video" in inputs,
        image_outputs="image" in model.output_modalities,
        text_outputs="text" in model.output_modalities,
    )
    if model.context_length:
        profile["max_input_tokens"] = model.context_length
    if most := whole(fields(model.raw.get("top_provider")).get("max_completion_tokens")):
        profile["max_output_tokens"] = most
    return profile
