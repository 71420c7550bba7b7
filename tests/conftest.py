"""Fixtures that more than one room's tests use."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Return the folder of reference data beside the checkout, or skip."""
    folder = REPOSITORY.parent / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip(f"reference data not present: {folder} is absent")
    return folder


@dataclass
class Server:
    """A server that answers as it is told to, and remembers what it was asked."""

    url: str
    answer: Callable[[BaseHTTPRequestHandler], None]
    asked: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def says(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Answer every question so from now on."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(body)

        self.answer = answer

    def sends(self, *parts: bytes) -> None:
        """Send these bytes, status line and all, and close."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            for part in parts:
                request.wfile.write(part)
            request.close_connection = True

        self.answer = answer


@pytest.fixture
def server() -> Iterator[Server]:
    """Yield a server on this machine; the test must allow the host 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            told.agents.append(self.headers["User-Agent"])
            with contextlib.suppress(OSError):  # who asked may have gone
                told.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        if probe.connect_ex(listening.server_address):
            listening.server_close()
            pytest.skip("this machine has no network at all, not even to itself (127.0.0.1)")
    listening.daemon_threads = True
    told = Server(f"http://127.0.0.1:{listening.server_port}/gp.php", lambda _: None)
    told.says(b"")
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield told
    told.over.set()
    listening.shutdown()
    listening.server_close()
    thread.join()
