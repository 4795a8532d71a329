"""Protects: what lmms-eval shows is what our engines see, and answers end where the task says."""

import io
import re

import pytest
from PIL import Image

from mllmu.bridges.lmms_eval.lmms_conversations import cut_at, to_conversation
from mllmu.errors import UserError

CONTROL = re.compile(re.escape("<image>"))
RED, BLUE = (Image.new("RGB", (2, 2), colour) for colour in ("red", "blue"))


def text(words):
    return {"type": "text", "text": words}


def shown(image):
    return {"type": "image", "url": image}


def conversation(*content, role="user"):
    return to_conversation([{"role": role, "content": list(content)}], CONTROL)


def test_images_come_first_and_their_places_between_words_are_named():
    (turn,) = conversation(shown(RED), text("Compare it <image>with "), shown(BLUE), text(".")).messages
    assert turn.text == "Compare it with [image 2]."
    colours = [Image.open(io.BytesIO(image)).getpixel((0, 0)) for image in turn.images]
    assert colours == [(255, 0, 0), (0, 0, 255)]


def test_turns_keep_their_roles_and_files_their_bytes(tmp_path):
    BLUE.save(tmp_path / "blue.png")
    (turn,) = conversation(shown(str(tmp_path / "blue.png")), text("?"), role="assistant").messages
    assert turn.role == "assistant" and turn.images == ((tmp_path / "blue.png").read_bytes(),)


@pytest.mark.parametrize("part", [{"type": "video", "url": "a.mp4"}, shown("missing.png"), shown(None)])
def test_what_cannot_be_seen_is_refused(part):
    with pytest.raises(UserError, match=r"shows video; expected images and text|expected a file or pixels"):
        conversation(part)


@pytest.mark.parametrize(
    ("written", "ends", "answer"),
    [(" A\nB", ["\n"], "A"), ("A. B", ["", "X"], "A. B"), ("one two three", ["three", "two"], "one")],
)
def test_answers_end_at_the_first_end(written, ends, answer):
    assert cut_at(written, ends) == answer
