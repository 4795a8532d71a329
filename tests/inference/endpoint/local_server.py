"""A server on this machine that speaks the chat-completions protocol as vLLM does.

It knows nothing of our engines: messages are worded by the processor's chat template, and model and processor
are called as their own documentation says, one request at a time.
"""

import base64
import io
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch
from PIL import Image


class LocalServer(ThreadingHTTPServer):
    """Serves one model under the name ``small``.

    Attributes:
        scores: what becomes of ``prompt_logprobs``: "given", "refused" or "ignored".
        troubles: what goes wrong with the next requests, first to last: a status, "drop", "hang", "garbage",
            or the body of a response with status 200: an object, or bytes.
        listing: the body of the list of models, as for `troubles`; made of `models` if None.
        listing_trouble: what goes wrong with every request for it, as for `troubles`.
        retry_after: seconds that a refused request is to wait.
        key: what a request has to be authorised with; empty for nothing.
        models: the names listed.
        requests: the bodies of all chat requests that were answered.
        most: the most requests that were in work at once.
        delay: seconds that every request is in work at least.
    """

    daemon_threads = True

    def __init__(self, loaded):
        super().__init__(("127.0.0.1", 0), Handler)
        self.loaded = loaded
        self.scores = "given"
        self.troubles = []
        self.retry_after = "0.01"
        self.key = ""
        self.models = ["small"]
        self.listing = None
        self.listing_trouble = None
        self.requests = []
        self.most = self._inside = 0
        self.delay = 0
        self._guard = threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def next_trouble(self):
        with self._guard:
            return self.troubles.pop(0) if self.troubles else None

    @contextmanager
    def counted(self):
        with self._guard:
            self._inside += 1
            self.most = max(self.most, self._inside)
        time.sleep(self.delay)
        yield
        with self._guard:
            self._inside -= 1

    def complete(self, body):
        """The response to a chat request."""
        messages, images = worded(body["messages"])
        text = self.loaded.processor.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=body.get("add_generation_prompt", True),
            continue_final_message=body.get("continue_final_message", False),
        )
        with self._guard, torch.inference_mode():
            inputs = self.loaded.processor(text=[text], images=images or None, return_tensors="pt")
            self.requests.append(body)
            if body.get("prompt_logprobs") and self.scores == "given":
                logits = self.loaded.model(**inputs).logits[0].float()
                tokens = self.loaded.processor.tokenizer
                extension = {
                    "prompt_logprobs": [None, *prompt_logprobs(logits, inputs["input_ids"][0], tokens)]
                }
                return {**completion(""), **extension}
            length = inputs["input_ids"].shape[1]
            written = self.loaded.model.generate(
                **inputs, do_sample=False, max_new_tokens=body["max_tokens"], pad_token_id=0
            )[0, length:]
        content = self.loaded.processor.tokenizer.decode(written, skip_special_tokens=True)
        usage = {"prompt_tokens": length, "completion_tokens": len(written), "total_tokens": 0}
        return {**completion(content), "usage": usage}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are written apart; without this the second waits for the first to be acknowledged.
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        data = [{"id": name} for name in self.server.models]
        listing = self.server.listing
        if self.server.listing_trouble:
            self.respond({}, self.server.listing_trouble)
        else:
            self.answer(200, {"object": "list", "data": data} if listing is None else listing)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.counted():
            self.respond(body, self.server.next_trouble())

    def respond(self, body, trouble):
        if trouble == "drop":
            self.close_connection = True
            self.connection.close()
        elif trouble == "hang":
            self.rfile.read(1)  # until the client has had enough
            self.close_connection = True
        elif trouble == "garbage":
            self.answer(200, {"choices": []})
        elif isinstance(trouble, (dict, bytes)):
            self.answer(200, trouble)
        elif trouble:
            self.answer(trouble, {"error": {"message": "not now"}}, {"retry-after": self.server.retry_after})
        elif self.server.key and self.headers["authorization"] != f"Bearer {self.server.key}":
            self.answer(401, {"error": {"message": "who are you?"}})
        elif body["model"] not in self.server.models:
            self.answer(404, {"error": {"message": f"no model {body['model']}"}})
        elif body.get("prompt_logprobs") and self.server.scores == "refused":
            self.answer(422, {"error": {"message": "unexpected field prompt_logprobs"}})
        else:
            self.answer(200, self.server.complete(body))

    def answer(self, status, content, headers=()):
        html = isinstance(content, bytes) and content.startswith(b"<")
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {
            "content-type": "text/html" if html else "application/json",
            **dict(headers),
        }.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def completion(content, finish_reason="stop", **further):
    """A response with one choice."""
    message = {"role": "assistant", "content": content, **further}
    choice = {"index": 0, "finish_reason": finish_reason, "message": message}
    return {"id": "1", "object": "chat.completion", "created": 0, "model": "small", "choices": [choice]}


def worded(messages):
    """Messages as a chat template takes them, and their images."""
    images, made = [], []
    for message in messages:
        parts = message["content"]
        if isinstance(parts, str):
            parts = [{"type": "text", "text": parts}]
        for part in parts:
            if part["type"] == "image_url":
                kind, data = part["image_url"]["url"].split(";base64,")
                assert kind == "data:image/png"
                images.append(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
        made.append(
            {
                "role": message["role"],
                "content": [{"type": "image"} if part["type"] == "image_url" else part for part in parts],
            }
        )
    return made, images


def prompt_logprobs(logits, ids, tokenizer):
    """For each token after the first: it and the likeliest one, with rank, as vLLM writes them."""
    for before, token in enumerate(ids[1:].tolist()):
        log_probs = logits[before].log_softmax(-1)
        best = int(log_probs.argmax())
        rank = int((log_probs > log_probs[token]).sum()) + 1
        ranks = {token: rank, best: 1}
        yield {
            str(one): {
                "logprob": float(log_probs[one]),
                "rank": rank,
                "decoded_token": tokenizer.decode([one]),
            }
            for one, rank in ranks.items()
        }


@contextmanager
def serving(loaded):
    """A running server."""
    with LocalServer(loaded) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
