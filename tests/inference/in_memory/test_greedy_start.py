from mllmu.inference import Stop, TokenScores
from mllmu.inference.in_memory.greedy_start import greedy_start
from mllmu.inference.in_memory.stop_rule import StopRule

END = 2


def scores(answer, argmax):
    hits = tuple(left == right for left, right in zip(answer, argmax, strict=True))
    return TokenScores((0.0,) * len(answer), hits, argmax)


LETTERS = {7: "a", 8: " ", 9: "b", 4: "c"}


class Letters:
    """A tokenizer of four letters, one of them a space."""

    def decode(self, tokens, skip_special_tokens):
        return "".join(LETTERS[token] for token in tokens)


RULE = StopRule(Letters(), (END,))


def test_greedy_start_worked_out_by_hand():
    """What greedy decoding would have written, read off a teacher-forced answer."""

    def start(answer, argmax, limit=5, stop=Stop.END_TOKEN):
        return greedy_start(scores(answer, argmax), stop, limit, RULE)

    assert greedy_start(None, Stop.END_TOKEN, 5, RULE) == ((), False)
    # All as the model would have it: the whole answer is determined, and that it ends.
    assert start((7, 8, END), (7, 8, END)) == ((7, 8), True)
    # It departs at the second token; what it would write after that is open.
    assert start((7, 8, END), (7, 9, END)) == ((7, 9), False)
    # It would have stopped after the first token.
    assert start((7, 8, END), (7, END, 4)) == ((7,), True)
    # It goes on where the given answer ends.
    assert start((7, 8, END), (7, 8, 9)) == ((7, 8, 9), False)
    # There is room for one token only.
    assert start((7, 8, END), (7, 8, 9), limit=1) == ((7,), True)
    # A letter is all that is wanted; a space is none.
    assert start((7, 8, END), (7, 8, END), stop=Stop.FIRST_CHARACTER) == ((7,), True)
    assert start((8, 9, END), (8, 4, END), stop=Stop.FIRST_CHARACTER) == ((8, 4), True)
    assert start((8, 9, END), (7, 4, END), stop=Stop.FIRST_CHARACTER) == ((7,), True)
    assert start((8, 9, END), (8, 8, END), stop=Stop.FIRST_CHARACTER) == ((8, 8), False)
