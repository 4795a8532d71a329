"""A small random LLaVA of the built-in architecture whose answers depend strongly on its input."""

import io
import random

import numpy as np
import pytest
import torch
from PIL import Image

from mllmu.inference import Request
from mllmu.inference.in_memory.limits import Limits
from mllmu.models import chat_prompt, wrap_model
from mllmu.models.tiny import TinySize, build_model, build_processor, train_tokenizer

SENTENCE = "this person lives in Riga Paris London works as nurse teacher likes soup and cats"
WORDS = SENTENCE.split()
SIZE = TinySize(
    hidden=64, layers=2, heads=2, mlp=128, vision_hidden=32, vision_layers=2, vision_heads=2, vision_mlp=64
)

# From one token at a time to everything at once; batches of 1, 2, 7 and 64 rows.
LIMITS = [
    Limits(row_tokens=1, batch_tokens=1, batch_rows=1, memory=1),
    Limits(row_tokens=16, batch_tokens=64, batch_rows=2, memory=2**20),
    Limits(row_tokens=64, batch_tokens=200, batch_rows=7, memory=2**24),
    Limits(row_tokens=512, batch_tokens=2**14, batch_rows=64, memory=2**28),
]


def sentence(rng, longest):
    return " ".join(rng.choices(WORDS, k=rng.randint(1, longest)))


def stored(image):
    """An image as a file's bytes."""
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def picture(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return stored(Image.fromarray(pixels))


def sharpen(model, seed=3):
    """Draw larger weights: with the usual ones attention is flat and a wrong mask would hardly show."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(0, 0.15, generator=generator)


@pytest.fixture(scope="session")
def loaded():
    rng = random.Random(0)
    tokenizer = train_tokenizer([sentence(rng, 12) for _ in range(200)], 400)
    model = build_model(tokenizer, SIZE, seed=1)
    sharpen(model)
    return wrap_model(model, build_processor(tokenizer), "random")


@pytest.fixture(scope="session")
def requests(loaded):
    """Text and image prompts of several lengths, each with one to four answers, in no order of length."""
    rng = random.Random(1)
    made = []
    for number in range(18):
        images = (picture(number % 4),) if number % 2 else ()
        prompt = chat_prompt(loaded.processor, sentence(rng, 14), images)
        made += [
            Request(prompt, sentence(rng, 6), max_new_tokens=4 + number % 3) for _ in range(rng.randint(1, 4))
        ]
    rng.shuffle(made)
    return made
