"""Pictures that a simulated model draws: shapes that are the same for the same messages, and a line that says so."""

from __future__ import annotations

import base64
import io
from random import Random

from orchat.demo.chat_request import ChatRequest
from orchat.demo.kinds import topic_of
from orchat.demo.models import Model
from orchat.demo.prompt import words_of

TOKENS = 128
"""What a picture counts as."""
WIDTH, HEIGHT = 640, 400
_ASKS_FOR_ONE = frozenset(
    ["draw", "drawing", "image", "logo", "paint", "painting", "photo", "picture", "poster", "sketch"]
)


def drawn(model: Model, request: ChatRequest) -> tuple[str, ...]:
    """The pictures of an answer as data URLs, where they are asked for by the request and by its words."""
    wanted = "image" in (request.body.get("modalities") or ()) and "image" in model.outputs
    prompt = request.prompt
    if not wanted or not (_ASKS_FOR_ONE & set(words_of(prompt.question)) or prompt.attachments):
        return ()
    return (_picture(prompt.random(), topic_of(prompt.question)),)


def _picture(random: Random, topic: str) -> str:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (WIDTH, HEIGHT), _colour(random, 200))
    draw = ImageDraw.Draw(picture)
    for _ in range(9):
        x, y, size = random.randrange(WIDTH), random.randrange(HEIGHT), random.randrange(40, 150)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=_colour(random, 90))
    draw.rectangle((0, HEIGHT - 44, WIDTH, HEIGHT), fill="black")
    draw.text((14, HEIGHT - 34), f"Simulated picture: {topic}"[:60], fill="white", font=ImageFont.load_default(20))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


def _colour(random: Random, least: int) -> tuple[int, int, int]:
    return (random.randrange(least, 256), random.randrange(least, 256), random.randrange(least, 256))
