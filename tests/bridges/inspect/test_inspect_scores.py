"""Protects: inspect_ai asks the built-in model what we ask it, and every score equals ours."""

import pytest

from mllmu.benchmark import load_benchmark, write_benchmark
from mllmu.errors import UserError
from mllmu.evaluation import STRICT, ask, question_values
from mllmu.inference import TransformersEngine
from mllmu.models import load_model
from mllmu.study.pipeline.benchmark_source import choose_split
from mllmu.synthesis import synthesize

inspect_ai = pytest.importorskip("inspect_ai")

RATIO = 25
KINDS = [
    ("classification", "text", "celebrity", {"letter_accuracy", "letter_invalid"}),
    ("classification", "image_text", "forget", {"letter_accuracy", "letter_invalid"}),
    ("cloze", "image_text", "celebrity", {"cloze_contains", "cloze_exact"}),
    ("generation", "image_text", "test", {"generation_contains", "rougeL_f"}),
    ("generation", "text", "celebrity", {"generation_contains", "rougeL_f"}),
]


class Writer(TransformersEngine):
    """Only writes, since likelihoods take long and are not compared."""

    can_score = False


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people") / "people"
    made = synthesize(4, 2, 0, image_size=64, test_image_size=64, test_views=2, ratios=(RATIO,))
    return write_benchmark(made, folder)


@pytest.fixture(scope="module")
def ours(people):
    """Every metric of every question by kind; a question is named by its id and view."""
    benchmark = load_benchmark(str(people))
    split = choose_split(benchmark, RATIO, None)
    items = STRICT.items(benchmark, [split])[RATIO]
    values = question_values(ask(Writer(load_model("tiny", "cpu")), items, STRICT))
    return {
        (
            (row.task, row.modality, row.eval_set),
            row.metric,
            "/".join(filter(None, (row.record[0], row.record[2]))),
        ): row.value
        for row in values.itertuples()
    }


@pytest.mark.parametrize(("task", "modality", "eval_set", "metrics"), KINDS)
def test_every_score_equals_ours(people, ours, tmp_path, task, modality, eval_set, metrics):
    from mllmu.bridges.inspect.inspect_task import questions

    asked = questions(str(people), RATIO, eval_set, modality, task)
    (log,) = inspect_ai.eval(
        asked, model="mllmu/tiny", model_args={"device": "cpu"}, log_dir=str(tmp_path), display="none"
    )
    assert log.status == "success", log.error
    theirs = {
        ((task, modality, eval_set), metric, sample.id): score.value
        for sample in log.samples
        for metric, score in sample.scores.items()
    }
    expected = {
        key: value
        for key, value in ours.items()
        if key[0] == (task, modality, eval_set) and key[1] in metrics
    }
    assert theirs == pytest.approx(expected) and {metric for _, metric, _ in theirs} == metrics
    for scored in log.results.scores:
        values = [value for (_, metric, _), value in expected.items() if metric == scored.name]
        assert scored.metrics["mean"].value == pytest.approx(sum(values) / len(values))


def test_the_built_in_model_knows_the_celebrities(ours):
    """Or equal scores would say little."""
    known = [
        value
        for (kind, metric, _), value in ours.items()
        if (kind[2], metric) == ("celebrity", "cloze_contains")
    ]
    assert sum(known) / len(known) > 50


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"eval_set": "forgot"}, "unknown set 'forgot': did you mean 'forget'"),
        ({"task": "clozes"}, "unknown task"),
        ({"eval_set": "holdout"}, r"has no generation questions .* have some: celebrity \(image_text\)"),
        ({"forget": 33}, "33"),
    ],
)
def test_what_is_not_there_is_told(people, wrong, fault):
    from mllmu.bridges.inspect.inspect_task import questions

    with pytest.raises(UserError, match=fault):
        questions(str(people), **{"forget": RATIO, **wrong})
