"""Small random models: one of the built-in architecture, and one of every supported family."""

import io

import pytest
from PIL import Image

from mllmu.models import wrap_model
from mllmu.models.tiny import TinySize, build_model, build_processor, train_tokenizer
from tests.families import FAMILIES, build_family

TEXTS = ["USER: Where was this person born?\nASSISTANT: This person was born in Riga, Latvia."] * 4
SMALL = TinySize(
    hidden=32, layers=2, heads=2, mlp=64, vision_hidden=32, vision_layers=2, vision_heads=2, vision_mlp=64
)


def png(color, size=(80, 80)):
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
def loaded():
    tokenizer = train_tokenizer(TEXTS, 400)
    return wrap_model(build_model(tokenizer, SMALL, seed=0), build_processor(tokenizer), "small")


@pytest.fixture(scope="session", params=FAMILIES)
def family(request):
    return build_family(request.param)
