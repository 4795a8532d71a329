import io

import pytest
import torch
from PIL import Image

from mllmu.errors import UserError
from mllmu.models import Prompt, chat_prompt, collate
from tests.models.conftest import png

RED, BLUE = png("red"), png("blue", (178, 218))


def test_prompt_follows_the_llava_conversation_format(loaded):
    """The chat template must write the prompts the official script writes."""
    assert chat_prompt(loaded.processor, "Who?", (RED,)).text == "USER: <image>\nWho?\nASSISTANT:"
    assert chat_prompt(loaded.processor, "Who?", (), "Be kind.").text == "Be kind.\nUSER: Who?\nASSISTANT:"


@pytest.mark.parametrize("images", [(), (RED,), (RED, BLUE), (RED, BLUE, RED)])
def test_encoding_equals_the_processor_itself(loaded, images):
    """Preprocessing every image once must give the tensors of the processor's own call."""
    prompt = chat_prompt(loaded.processor, "Where was this person born?", images)
    encoded = loaded.encoder.encode(prompt)
    pictures = [Image.open(io.BytesIO(data)) for data in images] or None
    direct = loaded.processor(text=[prompt.text], images=pictures, return_tensors="pt")
    assert torch.equal(encoded.input_ids, direct["input_ids"][0])
    assert set(encoded.vision) == set(direct) - {"input_ids", "attention_mask"}
    for key, value in encoded.vision.items():
        assert torch.equal(value, direct[key])


def test_prompts_about_one_portrait_share_its_tensors(loaded):
    """Ten thousand prompts are held at once; with real models a copy each would be gigabytes."""
    prompts = [chat_prompt(loaded.processor, question, (RED,)) for question in ("Who?", "Where?")]
    first, second = (loaded.encoder.encode(prompt).vision["pixel_values"] for prompt in prompts)
    assert first.data_ptr() == second.data_ptr()


def test_answer_mask_covers_answer_and_end_token_only(loaded):
    """A loss over prompt or image positions is the original benchmark's mistake."""
    prompt = chat_prompt(loaded.processor, "Where?", (RED,))
    encoded = loaded.encoder.encode(prompt, "Riga, Latvia")
    answer = encoded.input_ids[encoded.answer_mask]
    assert loaded.processor.tokenizer.decode(answer) == " Riga, Latvia</s>"
    assert torch.equal(encoded.input_ids[~encoded.answer_mask], loaded.encoder.encode(prompt).input_ids)


def test_placeholders_and_images_must_match(loaded):
    with pytest.raises(UserError, match="2 image placeholders for 1 images"):
        loaded.encoder.encode(Prompt("USER: <image><image> hi", (RED,)))
    with pytest.raises(UserError, match="0 image placeholders for 1 images"):
        loaded.encoder.encode(Prompt("USER: hi", (RED,)))


@pytest.mark.parametrize("side", ["left", "right"])
def test_collate_mixes_image_and_text_rows(loaded, side):
    """Padding lies on the side asked for, and images stay in row order."""
    items = [
        loaded.encoder.encode(chat_prompt(loaded.processor, "Where?", (RED,)), "Riga"),
        loaded.encoder.encode(chat_prompt(loaded.processor, "Who is it, and why?"), "Latvia"),
        loaded.encoder.encode(chat_prompt(loaded.processor, "Where?", (BLUE,))),
    ]
    batch = collate(items, loaded.encoder.pad_id, side)
    for row, item in enumerate(items):
        is_token = batch["attention_mask"][row].bool()
        assert torch.equal(batch["input_ids"][row][is_token], item.input_ids)
        assert torch.equal(batch["answer_mask"][row][is_token], item.answer_mask)
        assert not batch["answer_mask"][row][~is_token].any()
        assert is_token[0 if side == "right" else -1]
    assert torch.equal(
        batch["pixel_values"], torch.cat([items[0].vision["pixel_values"], items[2].vision["pixel_values"]])
    )


def test_images_are_preprocessed_once(loaded, monkeypatch):
    """The second time an image is met nothing is decoded."""
    picture = png("green")
    prompt = chat_prompt(loaded.processor, "Who?", (picture,))
    first = loaded.encoder.encode(prompt)
    opener = "mllmu.models.inputs.image_preprocessing.open_image"
    monkeypatch.setattr(opener, lambda data: pytest.fail("decoded again"))
    assert torch.equal(loaded.encoder.encode(prompt).vision["pixel_values"], first.vision["pixel_values"])


@pytest.mark.parametrize("first", ["prepare", "picture"])
def test_what_was_preprocessed_for_asking_can_be_trained_on(family, first):
    """Tensors made in inference mode would stop a training of the vision tower."""
    picture = png("yellow", (39, 40) if first == "prepare" else (40, 39))
    with torch.inference_mode():
        if first == "prepare":
            family.encoder.prepare([picture])
        vision = family.encoder.picture(picture).vision
    assert not any(tensor.is_inference() for tensor in vision.values())


def test_the_orientation_is_applied_for_models(loaded):
    """A portrait that a phone stored lying down stands, as a viewer shows it."""
    landscape = Image.effect_noise((64, 48), 90).convert("RGB")
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    landscape.save(out, "PNG", exif=exif)
    upright = io.BytesIO()
    landscape.transpose(Image.Transpose.ROTATE_270).save(upright, "PNG")
    seen = [
        loaded.encoder.encode(chat_prompt(loaded.processor, "Who?", (data.getvalue(),))).vision
        for data in (out, upright)
    ]
    assert torch.equal(seen[0]["pixel_values"], seen[1]["pixel_values"])


def test_a_shape_that_a_processor_refuses_is_one_sentence(family):
    """Any family, whether its processor minds or not: what one model takes the next should."""
    narrow = png("red", (600, 2))
    with pytest.raises(
        UserError, match="image of 600 x 2 pixels is too narrow for image processors; expected"
    ):
        family.encoder.prepare([narrow])


def test_what_else_a_processor_refuses_is_one_sentence(loaded, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise ValueError("height must be odd")

    monkeypatch.setattr(type(loaded.processor.image_processor), "__call__", refuse)
    with pytest.raises(UserError, match=r"41 x 40 pixels is refused by \w+ \(height must be odd\)"):
        loaded.encoder.prepare([png("red", (41, 40))])
