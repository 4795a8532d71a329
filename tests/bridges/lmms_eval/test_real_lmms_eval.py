"""Protects: the installed lmms-eval, if there is one, finds our model and its answers are our engine's."""

import io
import json

import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.inference import Request, TransformersEngine
from mllmu.models import load_model, user_turn

TASK = """
task: colours
dataset_path: parquet
dataset_kwargs: {{data_files: {{test: {data}}}}}
test_split: test
output_type: generate_until
doc_to_visual: !function colour_functions.images
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{max_new_tokens: 6, until: ["\\n"]}}
metric_list: [{{metric: exact_match, aggregation: mean, higher_is_better: true}}]
"""
FUNCTIONS = 'def images(doc):\n    return [doc["image"].convert("RGB")]\n'


def test_a_task_of_ones_own_is_asked_offline(tmp_path, random_model_folder, monkeypatch):
    pytest.importorskip("lmms_eval")
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    pictures = []
    for colour in ("red", "blue", "green"):
        written = io.BytesIO()
        Image.new("RGB", (32, 32), colour).save(written, "PNG")
        pictures.append(written.getvalue())
    question = "Where does this person live?"
    rows = [{"image": {"bytes": one, "path": None}, "question": question, "answer": "?"} for one in pictures]
    folder = tmp_path / "tasks"
    folder.mkdir()
    data = datasets.Dataset.from_list(rows).cast_column("image", datasets.Image())
    data.to_parquet(str(folder / "colours.parquet"))
    (folder / "colours.yaml").write_text(TASK.format(data=folder / "colours.parquet"))
    (folder / "colour_functions.py").write_text(FUNCTIONS)

    out = tmp_path / "out"
    options = ["--tasks", "colours", "--include-path", str(folder), "--out", str(out), "--device", "cpu"]
    result = CliRunner().invoke(app, ["utility", str(random_model_folder), *options])
    assert result.exit_code == 0, result.output
    (row,) = pd.read_parquet(out / "utility.parquet").to_dict("records")
    # None of 3 right: from 0 to 1 - 0.025 ** (1 / 3).
    assert (row["task"], row["metric"], row["value"], row["n"]) == ("colours", "exact_match", 0.0, 3)
    assert (row["ci_low"], row["ci_high"]) == (0.0, pytest.approx(1 - 0.025 ** (1 / 3)))
    (samples,) = (out / "lmms_eval").rglob("*_samples_colours.jsonl")
    written = [json.loads(line)["filtered_resps"] for line in samples.read_text().splitlines()]
    engine = TransformersEngine(load_model(random_model_folder, "cpu"))
    own = engine.generate([Request(user_turn(question, (one,)), max_new_tokens=6) for one in pictures])
    assert written == [one.partition("\n")[0].strip() for one in own] and any(written)
