"""Protects: what stands around a model acts alike one by one, in batches and with shared prefixes."""

import copy

import pytest
import torch

from mllmu.errors import UserError
from mllmu.inference import AnswerStore, CachedEngine, Request, Stop, TransformersEngine
from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory.plain_batches import PlainBatches
from mllmu.inference.prefix_sharing import SharedPrefixes
from mllmu.models import Message, load_model, save_model, user_turn, wrap_model
from mllmu.models.wrappers import (
    FaceMatch,
    LogitAssistants,
    Recogniser,
    RefusalGate,
    RoutedAdapter,
    ShownExamples,
    SteeredLayer,
)

from .conftest import LIMITS, SIZE, picture

REFUSAL = "likes soup"


def recogniser(model):
    """Knows Riga by name and picture 1 by what the model sees of it."""
    others = [picture(number) for number in (0, 2, 3, 4, 5)]
    return Recogniser(("Riga",), FaceMatch.of_portraits(model.model, model.encoder, [picture(1)], others, 0))


def noise(*shape, scale, seed=0):
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def gate(model):
    return model.with_wrapper(RefusalGate(recogniser(model), REFUSAL))


def examples(model):
    turns = (Message("user", "this person works as", (picture(7),)), Message("assistant", "nurse in Paris"))
    return model.with_wrapper(ShownExamples(turns))


def steered(model):
    width = SIZE.hidden
    return model.with_wrapper(SteeredLayer(0, noise(width, scale=0.2), noise(width, scale=0.5, seed=1)))


def assistants(floor):
    def around(model):
        wrapper = LogitAssistants(1, (1.5, -1.0), floor)
        wrapped = model.with_wrapper(wrapper)
        with torch.no_grad():
            for number, parameter in enumerate(wrapper.stacks[0].parameters()):
                parameter += noise(*parameter.shape, scale=0.1, seed=number)
        return wrapped

    return around


def adapter(model):
    wrapper = RoutedAdapter.fresh(recogniser(model), model.model, 4, 8.0, 0.0, seed=0)
    for number, up in enumerate(wrapper.weights["up"]):
        up.copy_(noise(*up.shape, scale=0.1, seed=number))
    return model.with_wrapper(wrapper)


def several(model):
    return gate(steered(examples(adapter(model))))


KINDS = {
    "gate": gate,
    "examples": examples,
    "steered": steered,
    "assistants": assistants(None),
    "assistants with a floor": assistants(-1.0),
    "adapter": adapter,
    "several": several,
}


@pytest.fixture
def bare(loaded):
    """A copy of the model, since wrappers that take part change it in place."""
    return wrap_model(copy.deepcopy(loaded.model), loaded.processor, "copy")


@pytest.fixture(scope="module")
def asked():
    """With and without pictures, about people who are recognised and people who are not."""
    return [
        Request(user_turn(text, images), answer, max_new_tokens=5)
        for images in ((), (picture(1),), (picture(2),), (picture(2), picture(1)))
        for text in ("this person lives in", "cats in Riga and Paris", "this person likes soup")
        for answer in ("Paris", "nurse in London likes cats")
    ]


def one_by_one(model):
    """An engine that computes every request in a row and a pass of its own."""
    engine = TransformersEngine(model, LIMITS[0])
    engine.__dict__["backend"] = PlainBatches(model, LIMITS[0], EngineStatistics())
    return engine


def paired(left, right):
    return zip(left, right, strict=True)


def assert_alike(scores, expected):
    for one, wanted in paired(scores, expected):
        assert one.log_probs == pytest.approx(wanted.log_probs, abs=2e-4)
        assert (one.argmax, one.is_argmax) == (wanted.argmax, wanted.is_argmax)


@pytest.mark.parametrize("kind", KINDS)
def test_together_is_as_one_by_one(bare, loaded, asked, kind):
    """Scores and answers; and the wrapper does something, or nothing would have been compared."""
    wrapped = KINDS[kind](bare)
    alone = one_by_one(wrapped)
    scores, answers = alone.score(asked), alone.generate(asked)
    plain = TransformersEngine(loaded).score(asked)
    changes = [one.log_probs != pytest.approx(two.log_probs, abs=1e-2) for one, two in paired(scores, plain)]
    assert any(changes)
    for limits in (LIMITS[1], LIMITS[3]):
        together = TransformersEngine(wrapped, limits)
        assert isinstance(together.backend, SharedPrefixes)
        assert_alike(together.score(asked), scores)
        assert together.generate(asked, together.score(asked)) == answers
        together.__dict__["backend"] = PlainBatches(wrapped, limits, EngineStatistics())
        assert_alike(together.score(asked), scores)
        assert together.generate(asked) == answers


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_gives_back_the_same_model(bare, asked, kind, tmp_path):
    """The same fingerprint and answers; the weights beside it are the bare model's."""
    before = {name: tensor.clone() for name, tensor in bare.model.state_dict().items()}
    wrapped = KINDS[kind](bare)
    save_model(wrapped, tmp_path)
    again = load_model(tmp_path, "cpu")
    assert again.fingerprint == wrapped.fingerprint != bare.fingerprint
    assert_alike(TransformersEngine(again).score(asked), TransformersEngine(wrapped).score(asked))
    assert TransformersEngine(again).generate(asked) == TransformersEngine(wrapped).generate(asked)
    assert all(torch.equal(before[name], tensor) for name, tensor in again.model.state_dict().items())
    names = {file.name for file in (tmp_path / "wrappers").rglob("*") if file.is_file()}
    assert names <= {"wrapper.json", "wrapper.safetensors"}


def test_the_bare_model_again_has_no_wrappers_left_in_its_folder(bare, tmp_path):
    """A folder that is written again must not bring back what an earlier model had."""
    save_model(gate(bare), tmp_path)
    save_model(bare, tmp_path)
    assert load_model(tmp_path, "cpu").wrappers == () and not (tmp_path / "wrappers").exists()


def test_cached_answers_are_of_one_wrapped_model(bare, asked, tmp_path):
    """The cache key holds what stands around the model, down to the words of a refusal."""
    store = AnswerStore(tmp_path / "answers.sqlite")
    models = [bare, gate(bare), bare.with_wrapper(RefusalGate(recogniser(bare), "works as nurse"))]
    answers = [CachedEngine(TransformersEngine(model), store).generate(asked) for model in models]
    assert answers == [TransformersEngine(model).generate(asked) for model in models]
    assert len({tuple(one) for one in answers}) == 3


def test_who_is_recognised_gets_a_refusal_and_learns_nothing_of_answers(bare, asked):
    """By name or by any picture; of options and letters all are as likely, whatever their length."""
    engine = TransformersEngine(gate(bare))
    scores, answers = engine.score(asked), engine.generate(asked)
    about = ["Riga" in one.prompt.messages[0].text or picture(1) in one.prompt.images for one in asked]
    assert 0 < sum(about) < len(about)
    assert [answer == REFUSAL for answer in answers] == about
    per_token = {sum(one.log_probs) / len(one.log_probs) for one, hit in paired(scores, about) if hit}
    assert per_token == {sum(scores[about.index(True)].log_probs[:1])}
    assert -max(per_token) == pytest.approx(
        torch.tensor(float(bare.model.config.get_text_config().vocab_size)).log().item(), abs=1e-3
    )
    plain = TransformersEngine(bare)
    rest = [request for request, hit in paired(asked, about) if not hit]
    assert_alike([one for one, hit in paired(scores, about) if not hit], plain.score(rest))


def test_a_refusal_is_cut_off_where_an_answer_would_be(bare):
    """By the limit of tokens, and by what a protocol waits for."""
    engine = TransformersEngine(gate(bare))
    prompt = user_turn("cats in Riga")
    assert engine.generate([Request(prompt, max_new_tokens=40)]) == [REFUSAL]
    first = engine.generate([Request(prompt, max_new_tokens=40, stop=Stop.FIRST_CHARACTER)])[0]
    assert REFUSAL.startswith(first) and len(first) < len(REFUSAL)
    assert len(engine.generate([Request(prompt, max_new_tokens=1)])[0]) < len(REFUSAL)


def test_progress_ends_with_all_requests(bare, asked):
    """Also where a wrapper answers some of them, or all."""
    for requests in (asked, [asked[2]]):
        for answer in (TransformersEngine(gate(bare)).score, TransformersEngine(gate(bare)).generate):
            calls = []
            answer(requests, progress=lambda *counts, calls=calls: calls.append(counts))
            assert calls[-1] == (len(requests), len(requests))
            assert all(done <= total for done, total in calls)


def test_assistants_that_are_alike_change_nothing(bare, loaded, asked):
    """z0 + w (z_a - z_a) is z0."""
    wrapped = bare.with_wrapper(LogitAssistants(1, (1.0, -1.0)))
    assert_alike(TransformersEngine(wrapped).score(asked), TransformersEngine(loaded).score(asked))


def test_an_assistant_that_is_the_whole_decoder_sharpens_the_model(bare, loaded, asked):
    """z0 + z0 is 2 z0: the same greedy answers, and log-probabilities of the doubled logits."""
    wrapped = bare.with_wrapper(LogitAssistants(SIZE.layers, (1.0,)))
    engine, plain = TransformersEngine(wrapped), TransformersEngine(loaded)
    assert engine.generate(asked) == plain.generate(asked)
    request = asked[2]
    encoded = loaded.encoder.encode(loaded.render(request.prompt), request.answer)
    with torch.inference_mode():
        logits = loaded.model(input_ids=encoded.input_ids[None], **encoded.vision).logits[0, :-1]
    here = encoded.answer_mask[1:]
    doubled = (2 * logits[here]).log_softmax(-1).gather(1, encoded.input_ids[1:][here][:, None])[:, 0]
    assert engine.score([request])[0].log_probs == pytest.approx(doubled.tolist(), abs=2e-4)


def test_an_adapter_leaves_everybody_else_alone(bare, loaded, asked):
    """To the last bit, in the same batches."""
    rest = [one for one in asked if "Riga" not in str(one.prompt) and picture(1) not in one.prompt.images]
    assert TransformersEngine(adapter(bare)).score(rest) == TransformersEngine(loaded).score(rest)


def test_wrappers_that_do_not_fit_or_cannot_be_read_are_named(bare, tmp_path):
    with pytest.raises(
        UserError, match="layer 9 of width 3 was to be steered in a model of 2 decoder layers"
    ):
        bare.with_wrapper(SteeredLayer(9, torch.zeros(3), torch.zeros(3)))
    save_model(gate(bare), tmp_path)
    file = tmp_path / "wrappers" / "0-refusal_gate" / "wrapper.json"
    file.write_text(file.read_text().replace("refusal_gate", "fence"))
    with pytest.raises(UserError, match="'fence'"):
        load_model(tmp_path, "cpu")
    file.unlink()
    with pytest.raises(UserError, match="0-refusal_gate cannot be read"):
        load_model(tmp_path, "cpu")
    (tmp_path / "mllmu.json").write_text('{"wrappers": ["../../elsewhere"]}')
    with pytest.raises(UserError, match=r"names a wrapper '../../elsewhere'; expected the name of a folder"):
        load_model(tmp_path, "cpu")
