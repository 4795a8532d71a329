import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from mllmu.inference import Stop
from mllmu.inference.in_memory.stop_rule import StopRule

EURO = "\N{EURO SIGN}"
TEXTS = [
    "B",
    " B) Riga",
    "\n\n  (B)",
    "Banana",
    f"{EURO} 20,000",
    f"  {EURO}",
    "",
    "   ",
    "\u00a0x",
    f"a{EURO}",
]


def byte_tokenizer():
    """Every byte is a token of its own, so that most characters take several tokens."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: index for index, letter in enumerate([*letters, "</s>"])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>")


@pytest.fixture(scope="module")
def rule():
    tokenizer = byte_tokenizer()
    return tokenizer, StopRule(tokenizer, (tokenizer.eos_token_id,))


@pytest.mark.parametrize("text", TEXTS)
def test_the_first_character_is_that_of_the_full_answer(rule, text):
    """A character of several bytes is waited for; nothing after it is written."""
    tokenizer, stops = rule
    tokens = tokenizer(text)["input_ids"]
    written, over = [], False
    for token in tokens:
        written.append(token)
        answer, over = stops.truncate(written, Stop.FIRST_CHARACTER, len(tokens) + 1)
        if over:
            break
    assert stops.text(answer if tokens else ()) == text.strip()[:1]
    assert over == bool(text.strip())


@pytest.mark.parametrize(
    ("text", "first_word"),
    [
        ("B", "B"),
        (" B) Riga", "B)"),
        ("A\nB", "A"),
        ("ASSISTANT: B", "ASSISTANT:"),
        ("ASSISTANTS", "ASSISTANTS"),
        (f"A{EURO}x", f"A{EURO}"),
        ("caf\u00e9s, B", "caf\u00e9s,"),
        ("(B)", "("),
    ],
)
def test_the_first_word_is_written_to_its_end_and_one_character_beyond(rule, text, first_word):
    """Half a letter of several bytes is no end of a word; white space is, and is stripped."""
    tokenizer, stops = rule
    tokens = tokenizer(text)["input_ids"]
    spent, _ = stops.truncate(tokens, Stop.FIRST_WORD, len(tokens) + 1)
    assert stops.text(spent) == first_word
    steps = (stops.truncate(tokens[:n], Stop.FIRST_WORD, len(tokens) + 1) for n in range(1, len(tokens) + 1))
    assert next((answer for answer, over in steps if over), tuple(tokens)) == spent


def test_end_tokens_and_limits_end_every_answer(rule):
    tokenizer, stops = rule
    one, end = tokenizer("x")["input_ids"][0], tokenizer.eos_token_id
    for stop in Stop:
        assert stops.truncate([end, one], stop, 5) == ((), True)
    assert stops.truncate([one, one, end, one], Stop.END_TOKEN, 5) == ((one, one), True)
    assert stops.truncate([one, one, one], Stop.END_TOKEN, 2) == ((one, one), True)
    assert stops.truncate([one, one, one], Stop.END_TOKEN, 4) == ((one, one, one), False)
