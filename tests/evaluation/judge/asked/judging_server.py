"""A server on this machine that judges, and misbehaves as it is told."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.inference.endpoint.local_server import completion


class JudgingServer(ThreadingHTTPServer):
    """Gives every answer the score 7, under the model name ``judge``.

    Attributes:
        troubles: what goes wrong with the next requests, in order: a status, the text of a reply, "hang",
            "empty", "broken", or None for nothing.
        forms: whether it takes a form of replies; else such requests are refused.
        refused: parameters that it refuses, with what it says then.
        requests: the bodies of all requests.
        most: the most requests that were in work at once.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.troubles, self.requests, self.forms, self.most, self.inside = [], [], True, 0, 0
        self.refused = {}
        self.guard, self.delay = threading.Lock(), 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.answer(200, {"object": "list", "data": [{"id": "judge"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.guard:
            self.server.requests.append(body)
            self.server.inside += 1
            self.server.most = max(self.server.most, self.server.inside)
            trouble = self.server.troubles.pop(0) if self.server.troubles else None
        time.sleep(self.server.delay)
        with self.server.guard:
            self.server.inside -= 1
        if "response_format" in body and not self.server.forms:
            self.answer(400, {"error": {"message": "response_format is not supported"}})
        elif said := [text for name, text in self.server.refused.items() if name in body]:
            self.answer(400, {"error": {"message": said[0]}})
        elif isinstance(trouble, int):
            self.answer(trouble, {"error": {"message": "not now"}}, {"retry-after": "0.01"})
        elif trouble == "hang":
            time.sleep(60)  # longer than anybody waits
            self.close_connection = True
        elif trouble == "broken":
            self.answer(200, b'{"choices": [{"mess')
        elif isinstance(trouble, dict):
            self.answer(200, trouble)
        elif trouble == "empty":
            self.answer(200, completion(""))
        else:
            self.answer(200, completion(trouble or '{"reason": "mostly right", "score": 7}'))

    def answer(self, status, content, headers=()):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **dict(headers)}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def judging():
    with JudgingServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
