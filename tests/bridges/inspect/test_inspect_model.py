"""Protects: the provider hands on what it can read, answers requests together, and refuses the rest."""

import base64

import anyio
import pytest

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import load_model, user_turn

models = pytest.importorskip("inspect_ai.model")

QUESTIONS = ["Where does this person live?", "Where does this person live? Riga", "Riga, Latvia?"]


def asked(text):
    return [models.ChatMessageUser(content=text)]


def test_concurrent_requests_get_the_engines_answers(random_model_folder):
    model = models.get_model(f"mllmu/{random_model_folder}", device="cpu")
    answers = {}

    async def ask(text):
        config = models.GenerateConfig(max_tokens=8)
        answers[text] = (await model.generate(asked(text), config=config)).completion

    async def ask_all():
        async with anyio.create_task_group() as group:
            for text in QUESTIONS:
                group.start_soon(ask, text)

    anyio.run(ask_all)
    engine = TransformersEngine(load_model(random_model_folder, "cpu"))
    own = engine.generate([Request(user_turn(text), max_new_tokens=8) for text in QUESTIONS])
    assert [answers[text] for text in QUESTIONS] == own and any(own)


def test_a_question_that_cannot_be_asked_fails_alone(random_model_folder):
    """Those that are answered together with it are not to blame."""
    model = models.get_model(f"mllmu/{random_model_folder}", device="cpu")
    outcomes = {}

    async def ask(text):
        try:
            outcomes[text] = (await model.generate(asked(text))).completion
        except UserError as error:
            outcomes[text] = error

    async def ask_all():
        async with anyio.create_task_group() as group:
            for text in (*QUESTIONS, "Who is <image>?"):
                group.start_soon(ask, text)

    anyio.run(ask_all)
    assert all(isinstance(outcomes[text], str) for text in QUESTIONS)
    assert "<image>" in str(outcomes["Who is <image>?"])


@pytest.mark.parametrize("wanted", [{"stop_seqs": ["T"]}, {"num_choices": 2}])
def test_what_no_model_here_does_is_refused(wanted, random_model_folder):
    model = models.get_model(f"mllmu/{random_model_folder}", device="cpu")
    with pytest.raises(UserError, match="take no stop words"):
        anyio.run(lambda: model.generate(asked("Who?"), config=models.GenerateConfig(**wanted)))


def test_turns_and_images_are_handed_on():
    from mllmu.bridges.inspect.inspect_model import to_conversation

    url = f"data:image/png;base64,{base64.b64encode(b'picture').decode()}"
    content = [models.ContentText(text="Who?"), models.ContentImage(image=url)]
    turns = [models.ChatMessageSystem(content="Be brief."), models.ChatMessageUser(content=content)]
    system, user = to_conversation(turns).messages
    assert (system.role, system.text) == ("system", "Be brief.")
    assert (user.text, user.images) == ("Who?", (b"picture",))


@pytest.mark.parametrize("image", ["data:image/png;base64,???", "picture.png", "data:text/plain;base64,YQ=="])
def test_images_that_are_none_are_refused(image):
    from mllmu.bridges.inspect.inspect_model import to_conversation

    with pytest.raises(UserError, match="expected a data URL"):
        to_conversation([models.ChatMessageUser(content=[models.ContentImage(image=image)])])


@pytest.mark.parametrize(
    ("turn", "sentence"),
    [
        (
            lambda: models.ChatMessageTool(content="Riga"),
            "A message is of role tool; expected system, user or assistant",
        ),
        (
            lambda: models.ChatMessageUser(content=[models.ContentAudio(audio="a.wav", format="wav")]),
            "A message shows audio; expected images and text",
        ),
    ],
)
def test_what_no_model_here_reads_is_refused(turn, sentence):
    from mllmu.bridges.inspect.inspect_model import to_conversation

    with pytest.raises(UserError, match=sentence):
        to_conversation([turn()])


def test_drawn_answers_are_refused(random_model_folder):
    model = models.get_model(f"mllmu/{random_model_folder}", device="cpu")
    config = models.GenerateConfig(temperature=0.5)

    async def ask():
        await model.generate(asked("?"), config=config)

    with pytest.raises(UserError, match="draw no answers"):
        anyio.run(ask)
