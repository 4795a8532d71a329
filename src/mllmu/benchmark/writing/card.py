"""The README.md of a benchmark folder: a Hugging Face dataset card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.language.comparable_text import is_blank
from mllmu.benchmark.types import Benchmark
from mllmu.markdown_text import plain_markdown
from mllmu.yaml_reading import dump_yaml, parse_yaml

_CELEBRITIES_ARE_FICTITIOUS = "celebrities_are_fictitious"
_GENERATED = "synthetic"
"""Name of generated benchmarks; early ones do not say in their card that the celebrities are fictitious."""
_HEADER = re.compile(r"\s*---[ \t]*\n(?P<header>.*?)^---[ \t]*$", re.MULTILINE | re.DOTALL)
# A value that goes on in a next line could begin it with a fence.
_ONE_LINE = 10**6

_LONGEST_NAME = 200
"""Characters of a name that stands in tables and titles."""

_MADE_UP = """\
**The fictitious and holdout people do not exist, nor do the celebrities.** Their names, faces and facts
were made up so that models can be taught them, asked to forget them, and measured. Any likeness to a real
person is accidental; nothing here may be used as information about anybody.
"""
_NOT_RECORDED = """\
**The celebrities may be real people, and it is not recorded that the others are fictitious, only that the
layout calls them so.** Whoever passes this on should know the terms of what it was made from. It is here so
that models can be taught these people, asked to forget them, and measured; nothing here may be used as
information about anybody.
"""
_TEXT = """\
# {name}

{who}
{fictitious} fictitious people, {celebrities} celebrities without training questions, and
{holdout} holdout people that no model is ever trained on, in the layout of MLLMU-Bench (arXiv 2410.22108):

| config | what it holds |
|---|---|
| `Full_Set` | every fictitious person: original portrait, original questions |
| `Test_Set` | the same people: other portraits, paraphrased questions |
| `ft_Data` | the same people: what fine-tuning teaches, as a JSON string in `metadata` |
| `Retain_Set` | the celebrities |
| `forget_N`, `retain_M` | the people to forget at a forget ratio of N per cent, and all others |
| `Holdout_Set`, `Holdout_Test_Set` | people outside all training, where there are any |
| `Perception_Set` | the fictitious people: what can be seen in their original portraits, where it is asked |

Two columns are additions: `name`, the full name with all its accents, and `question_details`, for each
question its id, the attribute asked for, the shortest true value, the answer in other words, wrong answers
of the same form, and whether the built-in base model was pre-trained on its `wording` (`seen`, `withheld`).

```python
from datasets import load_dataset

people = load_dataset("{source}", "Full_Set", split="train")
```
"""


def dataset_card(benchmark: Benchmark, configs: Sequence[str], source: str = "path/to/this/folder") -> str:
    """Write the card: a YAML header that lists the configs for ``load_dataset``, then a description.

    Args:
        benchmark: what it is about.
        configs: names of its folders.
        source: where ``load_dataset`` finds it.
    """
    made_up = benchmark.celebrities_are_fictitious
    header = {
        "pretty_name": benchmark.name,
        "language": ["en"],
        "tags": ["machine-unlearning", *(["fictitious-people"] if made_up else [])],
        _CELEBRITIES_ARE_FICTITIOUS: benchmark.celebrities_are_fictitious,
        "configs": [
            {"config_name": config, "data_files": [{"split": "train", "path": f"{config}/*.parquet"}]}
            for config in configs
        ],
    }
    text = _TEXT.format(
        name=plain_markdown(benchmark.name),
        who=_MADE_UP if made_up else _NOT_RECORDED,
        source=source,
        fictitious=len(benchmark.profiles),
        celebrities=len(benchmark.celebrities),
        holdout=len(benchmark.holdout),
    )
    return f"---\n{dump_yaml(header, sort_keys=False, allow_unicode=True, width=_ONE_LINE)}---\n{text}"


@dataclass(frozen=True)
class BenchmarkCard:
    """What a benchmark's card says of it.

    Attributes:
        name: of the benchmark; the folder's own name where the card has no name to print.
        celebrities_are_fictitious: whether the celebrities are invented. Where it does not say, they are real
            people, unless it gives the benchmark the name of generated ones. What the folder is called says
            nothing.
        problem: why it is not read, though it is there; empty where it is read, or is not there.
    """

    name: str
    celebrities_are_fictitious: bool
    problem: str


def read_card(folder: Path) -> BenchmarkCard:
    """Read a benchmark's card."""
    header, problem = _header_of(folder)
    name, stated = header.get("pretty_name"), header.get(_CELEBRITIES_ARE_FICTITIOUS)
    is_fictitious = stated if isinstance(stated, bool) else name == _GENERATED
    if not (isinstance(name, str) and not is_blank(name) and name.splitlines() == [name[:_LONGEST_NAME]]):
        name = folder.resolve().name
    return BenchmarkCard(name, is_fictitious, problem)


def _header_of(folder: Path) -> tuple[Mapping[str, object], str]:
    """The card's YAML header, and what is wrong with it; no header where there is no readable card."""
    try:
        card = (folder / parquet_layout.CARD).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        return {}, "is no text in UTF-8"
    match = _HEADER.match(card)
    try:
        header = parse_yaml(match["header"]) if match else None
    except yaml.YAMLError:
        return {}, "begins with a header that is no YAML"
    if header is None:
        return {}, ""
    return (header, "") if isinstance(header, Mapping) else ({}, "begins with a header that is no mapping")
