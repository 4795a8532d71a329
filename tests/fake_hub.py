"""A Hugging Face hub on this machine, as far as its client asks one to make, fill and read repositories."""

import base64
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import huggingface_hub
import pytest
import transformers.utils.hub
import yaml

TOKEN = "hf_secretTokenOfNobody"
_API = re.compile(r"/api/(?P<kind>model|dataset)s/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")
_RESOLVE = re.compile(r"/(?P<kind>datasets/)?(?P<name>[^/]+/[^/]+)/resolve/[^/]+/(?P<path>.+)")


@dataclass
class Repository:
    """One repository, of which only the last commit is kept."""

    private: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    commits: int = 0

    @property
    def sha(self):
        return sha1(f"{self.commits}".encode()).hexdigest()


class FakeHub(ThreadingHTTPServer):
    """The hub.

    Attributes:
        repositories: by kind and name.
        asked: method and path of every request.
        refused: a request's path that begins like this is answered with 403, and with what was sent along.
        large: how the names of files end that are sent apart, by LFS.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories = {}
        self.stored = {}
        self.asked = []
        self.refused = ""
        self.large = (".safetensors", ".parquet")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def answer(self, status, content=b"", headers=()):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **dict(headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin(self):
        """The path and the body of a request; None where it was refused."""
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append((self.command, path))
        authorization = self.headers.get("authorization", "")
        if self.server.refused and path.startswith(self.server.refused):
            self.answer(403, {"error": f"{authorization} may not do this"})
            return None
        if not path.startswith("/lfs/") and authorization != f"Bearer {TOKEN}":
            self.answer(401, {"error": "Invalid username or password."})
            return None
        return path, body

    def do_GET(self):
        if (begun := self.begin()) is None:
            return
        path, _ = begun
        if asked := _API.fullmatch(path):
            self.tell(self.server.repositories.get((asked["kind"], asked["name"])), asked)
        elif asked := _RESOLVE.fullmatch(path):
            kind = "dataset" if asked["kind"] else "model"
            repository = self.server.repositories.get((kind, asked["name"]))
            if repository is None:
                self.answer(404, headers={"x-error-code": "RepoNotFound"})
            elif asked["path"] not in repository.files:
                self.answer(404, headers={"x-error-code": "EntryNotFound", "x-repo-commit": repository.sha})
            else:
                content = repository.files[asked["path"]]
                tag = {"etag": f'"{sha256(content).hexdigest()}"', "x-repo-commit": repository.sha}
                self.answer(200, content, tag)
        else:
            self.answer(404)

    do_HEAD = do_GET

    def tell(self, repository, asked):
        if repository is None:
            return self.answer(404, {"error": "Repository not found"}, {"x-error-code": "RepoNotFound"})
        files = [{"rfilename": name} for name in sorted(repository.files)]
        if (asked["rest"] or "").startswith("/tree/"):
            return self.list(repository, asked["rest"].split("/", 3)[3:])
        about = {"id": asked["name"], "sha": repository.sha, "private": repository.private}
        return self.answer(200, {**about, "siblings": files, "tags": [], "downloads": 0, "likes": 0})

    def list(self, repository, below):
        """All files, or those of one folder."""
        files = [
            {"type": "file", "path": name, "size": len(content), "oid": sha1(content).hexdigest()}
            for name, content in repository.files.items()
            if name.startswith("".join(f"{folder}/" for folder in below))
        ]
        self.answer(200, files) if files else self.answer(404, headers={"x-error-code": "EntryNotFound"})

    def do_POST(self):
        if (begun := self.begin()) is None:
            return
        path, body = begun
        if path == "/api/repos/create":
            self.create(json.loads(body))
        elif path == "/api/validate-yaml":
            self.check_card(json.loads(body)["content"])
        elif path.endswith("/info/lfs/objects/batch"):
            objects = [
                {**each, "actions": {"upload": {"href": f"{self.server.url}/lfs/{each['oid']}"}}}
                for each in json.loads(body)["objects"]
            ]
            self.answer(200, {"transfer": "basic", "objects": objects})
        else:
            asked = _API.fullmatch(path)
            repository = self.server.repositories[asked["kind"], asked["name"]]
            if asked["rest"].startswith("/preupload/"):
                self.answer(200, {"files": list(map(self.upload_mode, json.loads(body)["files"]))})
            else:
                lines = [json.loads(line) for line in body.splitlines()]
                self.commit(repository, asked, lines)

    def do_PUT(self):
        path, body = self.begin()
        self.server.stored[path.removeprefix("/lfs/")] = body
        self.answer(200)

    def create(self, wanted):
        name = f"{wanted['organization']}/{wanted['name']}"
        key = wanted.get("type", "model"), name
        if key in self.server.repositories:
            return self.answer(409, {"error": "You already created this repo", "url": name})
        private = wanted.get("private", wanted.get("visibility") == "private")
        self.server.repositories[key] = Repository(private, {".gitattributes": b""})
        return self.answer(200, {"url": f"{self.server.url}/{name}"})

    def check_card(self, content):
        """As far as the real hub looks: a header of YAML, lists and texts where they have to be."""
        header = yaml.safe_load(content.split("---\n")[1])
        wrong = [name for name in ("tags", "language") if not isinstance(header.get(name), (list, str))]
        errors = [{"message": f"{name} is no list"} for name in wrong]
        self.answer(400 if errors else 200, {"errors": errors, "warnings": []})

    def upload_mode(self, file):
        mode = "lfs" if file["path"].endswith(self.server.large) else "regular"
        return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": None}

    def commit(self, repository, asked, lines):
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                repository.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                content = self.server.stored[value["oid"]]
                assert (sha256(content).hexdigest(), len(content)) == (value["oid"], value["size"])
                repository.files[value["path"]] = content
            else:
                assert line["key"] == "header"
        repository.commits += 1
        prefix = "datasets/" if asked["kind"] == "dataset" else ""
        address = f"{self.server.url}/{prefix}{asked['name']}/commit/{repository.sha}"
        self.answer(200, {"commitUrl": address, "commitOid": repository.sha})


@contextmanager
def serving_hub(cache):
    """A running hub, which the client in this process takes for the only one, with a token."""
    with FakeHub() as hub, pytest.MonkeyPatch.context() as patch:
        # What the client reads from the environment once, when it is imported.
        for name, value in {
            "ENDPOINT": hub.url,
            "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_OFFLINE": False,
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_CACHE": str(cache),
            "HF_TOKEN_PATH": str(cache / "no-token"),
        }.items():
            patch.setattr(huggingface_hub.constants, name, value)
        # Transformers keeps a client, which would go on asking the hub of an earlier test for minutes.
        patch.setattr(transformers.utils.hub, "_hf_api", None)
        patch.setenv("HF_TOKEN", TOKEN)
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
