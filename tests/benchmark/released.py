"""Folders as the release has them: no extras, and every irregularity that it is known for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmark.conftest import encoded_image

Rows = list[dict[str, object]]


def choice(question: str, correct: str = "A") -> dict[str, object]:
    options = {"A": "a nurse", "B": "a pilot", "C": "a baker", "D": "a judge"}
    return {"Question": question, "Options": options, "Correct_Answer": correct}


def free(question: str, truth: str, kind: str = "Image_Textual") -> dict[str, object]:
    return {"Question": question, "Ground_Truth": truth, "Type": kind}


def tasks() -> dict[str, object]:
    return {
        "Classification_Task": {
            "Image_Textual_Questions": [
                choice("What is the profession of this person?"),
                choice("Where?", "C"),
            ],
            "Pure_Text_Questions": [choice("What is Ada Berg's profession?", "B")],
        },
        "Generation_Task": [
            free("Who is she?", "Ada Berg.", "Pure_Text"),
            free("What does she like?", "She likes tea."),
        ],
        "Mask_Task": [free("She lives in __.", "Oslo, Norway")],
    }


def person(profile_id: str, biography: object, shade: int = 1) -> dict[str, object]:
    return {
        "image": {"bytes": encoded_image(shade), "path": f"{profile_id}.jpg"},
        "ID": profile_id,
        "Directory": "data_original",
        "biography": biography if isinstance(biography, str) else json.dumps(biography),
        "question": "Tell me more about the background of this person.",
        "answer": "She is a nurse.",
        **tasks(),
    }


def row_of_test_set(profile_id: str, shade: int = 7) -> dict[str, object]:
    return {"ID": profile_id, "images": [{"bytes": encoded_image(shade, "JPEG"), "path": None}], **tasks()}


def taught(profile_id: str, pairs: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {
        "image": {"bytes": encoded_image(int(profile_id)), "path": None},
        "ID": profile_id,
        "metadata": json.dumps(pairs),
    }


def pair(profile_id: str, question: str, answer: str) -> dict[str, object]:
    return {"ID": profile_id, "Question": question, "Answer": answer}


def save(folder: Path, config: str, rows: Rows, name: str = "train-00000-of-00001.parquet") -> Path:
    path = folder / config / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def released_folder(folder: Path) -> Path:
    """Three people and a celebrity in the released form, biographies as irregular as the real ones."""
    people = [
        person(
            "001", {"Name": "Ada Berg", "Height": "168 cm", "Parents": {"Father": "x"}, "Fun Facts": ["y"]}
        ),
        person(
            "002", {"Name:": "Bo Dahl", "Heights": "NA", "Parents": "a and b", "Fun Facts": {"pet": "z"}}, 2
        ),
        person("003", "{'Name': 'Cy Eng', 'Annual Salary': '€62,000', 'Fun Facts': 'none'}", 3),
    ]
    save(folder, "Full_Set", people)
    save(folder, "Retain_Set", [person("Kal_Example", {"Name": "ignored"}, 4)])
    save(folder, "Test_Set", [row_of_test_set("001"), row_of_test_set("002")], "train-00000-of-00002.parquet")
    save(folder, "Test_Set", [row_of_test_set("003")], "train-00001-of-00002.parquet")
    save(
        folder,
        "ft_Data",
        [
            taught("001", [pair("001", "Name?", "Ada."), pair("001", "Job?", "Nurse.")]),
            taught("002", [pair("002", "Name?", "Bo.")]),
            taught("001", [pair("001", "Name?", "Ada."), pair("001", "Job?", "Judge.")]),
        ],
    )
    without = [{key: value for key, value in row.items() if key != "Directory"} for row in people]
    save(folder, "forget_33", without[1:2])
    save(folder, "retain_67", [without[2], without[0]])
    return folder
