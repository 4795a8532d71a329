"""A language model as judge: several requests at a time, verdicts kept on disk, failures counted."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from concurrent.futures import as_completed, wait

from mllmu.errors import UserError
from mllmu.evaluation.judge.asked.rubric import MAX_REPLY_TOKENS, REPLY_FORM, Rubric, rubric_messages
from mllmu.evaluation.judge.asked.verdict_reading import read_verdict
from mllmu.evaluation.judge.verdicts import AnswerPair, JudgeVerdict, NoVerdict, Outcome
from mllmu.inference import AnswerStore
from mllmu.inference.endpoint import Server
from mllmu.inference.endpoint.answer_reading import read_answer
from mllmu.inference.endpoint.daemon_threads import begin_calls
from mllmu.inference.endpoint.server import RequestRefusedError
from mllmu.progress import Progress

_LOG = logging.getLogger(__name__)
_TRIES_OF_AN_UNREADABLE_REPLY = 2
# A server that failed so often in a row, each time after its retries, will not answer the next one either.
_FAILURES_IN_A_ROW = 10
_NO_ANSWER = JudgeVerdict(1, "no answer")


class AskedJudge:
    """Asks a server's model at temperature 0, for JSON of a fixed form where the server can.

    Every verdict is stored when it comes, so that after a kill only what is missing is asked for. A request
    that fails, after the retries of `Server.chat`, leaves its answer without a verdict and the rest goes on.

    Args:
        server: the server and its model.
        store: keeps verdicts.
        concurrency: maximum number of simultaneous requests, at least 1.
        rubric: how one verdict is asked for.

    Attributes:
        rubric: see above.

    Raises:
        UserError: the concurrency is under 1.
    """

    def __init__(
        self, server: Server, store: AnswerStore, concurrency: int = 8, rubric: Rubric = rubric_messages
    ) -> None:
        if concurrency < 1:
            raise UserError(f"The concurrency is {concurrency}; expected at least 1 request at a time.")
        self._server = server
        self._store = store
        self._concurrency = concurrency
        self.rubric = rubric
        self._form: dict[str, object] = {"response_format": REPLY_FORM}

    @property
    def name(self) -> str:
        """See `Judge.name`."""
        return self._server.model

    def unjudged(self, pairs: Sequence[AnswerPair]) -> list[AnswerPair]:
        """Those that will be asked about: each once, without empty ones and those whose verdict is kept.

        Raises:
            UserError: the store cannot be read.
        """
        distinct = list(dict.fromkeys(pair for pair in pairs if pair.given.strip()))
        kept_verdicts = self._stored(distinct)
        return [pair for pair, verdict in zip(distinct, kept_verdicts, strict=True) if verdict is None]

    def _stored(self, pairs: Sequence[AnswerPair]) -> list[JudgeVerdict | None]:
        """The verdicts that are kept already, in order; None where there is none."""
        keys = [self._key(pair) for pair in pairs]
        values = self._store.find(keys)
        return [JudgeVerdict(*values[key]) if key in values else None for key in keys]

    def judge(self, pairs: Sequence[AnswerPair], progress: Progress | None = None) -> list[Outcome]:
        """See `Judge.judge`; an empty answer gets the lowest score without being asked about.

        Raises:
            UserError: the store cannot be used.
        """
        outcomes: dict[AnswerPair, Outcome] = {
            pair: verdict
            for pair, verdict in zip(pairs, self._stored(pairs), strict=True)
            if verdict is not None
        }
        outcomes |= {pair: _NO_ANSWER for pair in pairs if not pair.given.strip()}
        outcomes |= self._ask_all([pair for pair in dict.fromkeys(pairs) if pair not in outcomes], progress)
        return [outcomes[pair] for pair in pairs]

    def _ask_all(self, pairs: Sequence[AnswerPair], progress: Progress | None) -> dict[AnswerPair, Outcome]:
        outcomes: dict[AnswerPair, Outcome] = {}
        failed = 0
        jobs = dict(zip(begin_calls(self._ask, pairs, self._concurrency), pairs, strict=True))
        try:
            for done, job in enumerate(as_completed(jobs), start=1):
                outcome = outcomes[jobs[job]] = self._stored_outcome(jobs[job], job.result())
                failed = failed + 1 if isinstance(outcome, NoVerdict) and not outcome.replied else 0
                if progress:
                    progress(done, len(jobs))
                if failed == _FAILURES_IN_A_ROW:
                    break
        finally:
            under_way = [job for job in jobs if not job.cancel()]
        wait(under_way)
        last = next((one.reason for one in reversed(outcomes.values()) if isinstance(one, NoVerdict)), "")
        stopped = NoVerdict(f"not asked, as the server kept failing ({last})", replied=False)
        for job, pair in jobs.items():
            if pair not in outcomes:
                outcomes[pair] = stopped if job.cancelled() else self._stored_outcome(pair, job.result())
        return outcomes

    def _stored_outcome(self, pair: AnswerPair, outcome: Outcome) -> Outcome:
        """An outcome, kept at once if it is a verdict."""
        if isinstance(outcome, JudgeVerdict):
            self._store.add({self._key(pair): [outcome.score, outcome.reason]})
        return outcome

    def _ask(self, pair: AnswerPair) -> Outcome:
        missing = NoVerdict("no reply", replied=True)
        for _ in range(_TRIES_OF_AN_UNREADABLE_REPLY):
            try:
                response = self._chat(self.rubric(pair))
            except UserError as error:
                return NoVerdict(str(error), replied=False)
            written = read_answer(response)
            if written is None or written.text is None:
                why = written.missing_because if written else "no chat completion"
                missing = NoVerdict(why, replied=written is not None and not written.is_failure)
                continue
            # A number at which a reply breaks off may be the beginning of a larger one.
            reply = written.text.rstrip("0123456789") if written.was_cut else written.text
            if verdict := read_verdict(reply):
                return verdict
            missing = NoVerdict("no score from 1 to 10 in the reply", replied=True)
        return missing

    def _chat(self, messages: list[dict[str, str]]) -> object:
        """One reply; without a form of replies where the server refuses it and answers without."""
        form = self._form
        try:
            return self._server.chat(messages, MAX_REPLY_TOKENS, **form)
        except RequestRefusedError:
            if not form:
                raise
        response: object = self._server.chat(messages, MAX_REPLY_TOKENS)
        if self._form:
            _LOG.warning("%s takes no form of replies; scores are read from text.", self._server.url)
            self._form = {}
        return response

    def _key(self, pair: AnswerPair) -> bytes:
        """All that a verdict depends on."""
        asked = [self._server.url, self._server.model, MAX_REPLY_TOKENS, self.rubric(pair)]
        return hashlib.sha256(json.dumps(asked).encode()).digest()
