"""Files in the layout of lmms-eval."""

import json


def write_results(folder, results, samples=None, counts=None, date="20260101_000000", model="npo"):
    """A results file, and a file of samples for each task that has some."""
    here = folder / model
    here.mkdir(parents=True, exist_ok=True)
    sizes = {task: {"original": 9, "effective": size} for task, size in (counts or {}).items()}
    content = {"results": results, "n-samples": sizes, "model_name": f"models/{model}"}
    (here / f"{date}_results.json").write_text(json.dumps(content), encoding="utf-8")
    for task, rows in (samples or {}).items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (here / f"{date}_samples_{task}.jsonl").write_text(lines, encoding="utf-8")
    return here
