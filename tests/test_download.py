"""The checked download, against a server of our own."""

import multiprocessing
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from root_powers import AS_ANYBODY

from d2lmini import download
from d2lmini.core.rows import CSV

LINES = CSV.read_text().splitlines()[1:]
ORIGINAL = "".join(line.replace(",", "\t") + "\r\n" for line in LINES).encode()
ERROR_PAGE = b"<!doctype html><title>Service unavailable</title>"
GOOD = ("airfoil.dat", ORIGINAL)


class Server(ThreadingHTTPServer):
    """Answers every request with ``answer(handler)`` and counts them."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/airfoil_self_noise.dat"
        self.requests = 0
        self.closing = Event()
        self.serve(ORIGINAL)

    def serve(self, body: bytes, status: int = 200, length: int | None = None, before=lambda: None) -> None:
        """From now on send this."""

        def answer(handler):
            before()
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(body) if length is None else length))
            handler.end_headers()
            handler.wfile.write(body)

        self.answer = answer

    def stall(self, after: bytes = b"") -> None:
        """From now on send only the beginning, and then nothing, as long as the test lasts."""

        def answer(handler):
            if after:
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(ORIGINAL)))
                handler.end_headers()
                handler.wfile.write(after)
            self.closing.wait()

        self.answer = answer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        self.server.answer(self)

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache"


def contents(cache: Path) -> dict[str, bytes]:
    """Every file in the cache, temporary ones too."""
    return {path.name: path.read_bytes() for path in cache.iterdir()} if cache.exists() else {}


def in_another_process(server, cache, before: Callable = lambda: None) -> Callable:
    """Download in a process of its own; what is returned waits for the path, or for the error."""
    here, there = multiprocessing.get_context("fork").Pipe()

    def work():
        before()
        try:
            there.send(download(url=server.url, cache=cache))
        except Exception as error:
            there.send(error)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()

    def answer():
        assert here.poll(60)
        process.join()
        return here.recv()

    return answer


# A child that only downloads needs none of the threads that it does not inherit.
forks = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def test_the_right_bytes_are_kept_and_nothing_else(server, cache):
    path = download(url=server.url, cache=cache)
    assert path == cache / "airfoil.dat"
    assert contents(cache) == dict([GOOD])


def test_a_good_copy_is_used_without_the_network(server, cache):
    download(url=server.url, cache=cache)
    server.serve(b"", status=500)
    assert download(url=server.url, cache=cache).read_bytes() == ORIGINAL
    assert server.requests == 1


def test_the_cache_may_be_given_as_text(server, cache):
    assert download(url=server.url, cache=str(cache)).read_bytes() == ORIGINAL


def test_a_folder_above_the_cache_is_made_if_it_is_missing(server, cache):
    assert download(url=server.url, cache=cache / "a" / "b").read_bytes() == ORIGINAL


def test_the_users_cache_is_the_default(server, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = download(url=server.url)
    assert path.is_relative_to(tmp_path)
    assert path.read_bytes() == ORIGINAL


@pytest.mark.proves("`download` writes to a temporary file, verifies, and only then gives the file its name")
def test_a_file_without_its_last_byte_has_another_name(server, cache):
    before_the_last = {}

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(ORIGINAL)))
        handler.end_headers()
        handler.wfile.write(ORIGINAL[:-1])
        before_the_last.update(contents(cache))
        handler.wfile.write(ORIGINAL[-1:])

    server.answer = answer
    download(url=server.url, cache=cache)
    assert len(before_the_last) == 1 and GOOD[0] not in before_the_last
    assert contents(cache) == dict([GOOD])


BROKEN = {
    "one wrong byte": lambda server: server.serve(b"9" + ORIGINAL[1:]),
    "an error page with status 200": lambda server: server.serve(ERROR_PAGE),
    "nothing at all": lambda server: server.serve(b""),
    "the file and more": lambda server: server.serve(ORIGINAL + b"\n"),
    "the file cut short": lambda server: server.serve(ORIGINAL[:-1]),
    "a connection that breaks off": lambda server: server.serve(ORIGINAL[:30_000], length=len(ORIGINAL)),
    "status 404": lambda server: server.serve(ERROR_PAGE, status=404),
    "status 503": lambda server: server.serve(ERROR_PAGE, status=503),
    "silence": lambda server: server.stall(),
    "silence in the middle": lambda server: server.stall(ORIGINAL[:20_000]),
    "no server": lambda server: server.server_close(),
}


@pytest.mark.proves("`download` writes to a temporary file, verifies, and only then gives the file its name")
@pytest.mark.parametrize("breakage", BROKEN.values(), ids=BROKEN)
def test_what_is_not_the_data_is_refused_by_address_and_leaves_nothing_behind(server, cache, breakage):
    breakage(server)
    with pytest.raises(OSError, match=server.url):
        download(url=server.url, cache=cache, timeout=0.5)
    assert contents(cache) == {}


@pytest.mark.proves("A good copy that was there before would have stayed, too")
@pytest.mark.parametrize("breakage", BROKEN.values(), ids=BROKEN)
def test_an_earlier_good_copy_survives_any_breakage(server, cache, breakage):
    download(url=server.url, cache=cache)
    breakage(server)
    download(url=server.url, cache=cache, timeout=0.5)
    assert contents(cache) == dict([GOOD])


@pytest.mark.parametrize("damaged", [ERROR_PAGE, b"", ORIGINAL[:-1]], ids=["error page", "empty", "short"])
def test_a_damaged_copy_is_replaced(server, cache, damaged):
    cache.mkdir()
    (cache / "airfoil.dat").write_bytes(damaged)
    assert download(url=server.url, cache=cache).read_bytes() == ORIGINAL
    assert contents(cache) == dict([GOOD])


@pytest.mark.parametrize("breakage", BROKEN.values(), ids=BROKEN)
def test_a_damaged_copy_that_cannot_be_replaced_is_never_given_out(server, cache, breakage):
    cache.mkdir()
    (cache / "airfoil.dat").write_bytes(ERROR_PAGE)
    breakage(server)
    with pytest.raises(OSError, match=server.url):
        download(url=server.url, cache=cache, timeout=0.5)
    assert contents(cache) == {"airfoil.dat": ERROR_PAGE}


def test_a_cache_that_cannot_hold_files_is_named(server, tmp_path):
    occupied = tmp_path / "occupied"
    occupied.write_text("a file, not a folder")
    with pytest.raises(OSError, match=str(occupied)):
        download(url=server.url, cache=occupied)
    assert occupied.read_text() == "a file, not a folder"


@forks
def test_a_full_disk_names_the_folder_and_leaves_nothing_behind(server, cache):
    def fill_the_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    error = in_another_process(server, cache, fill_the_disk)()
    assert isinstance(error, OSError)
    assert str(cache) in str(error)
    assert contents(cache) == {}


def test_a_cache_that_may_only_be_read_is_named_and_a_good_copy_in_it_is_used(server, cache):
    copy = cache / "copy"
    copy.mkdir(parents=True)
    (copy / "airfoil.dat").write_bytes(ORIGINAL)
    for folder in (copy, cache):
        folder.chmod(0o555)
    program = f"""
from d2lmini import download

print(download(url={server.url!r}, cache={str(copy)!r}))
download(url={server.url!r}, cache={str(cache)!r})
"""
    answer = subprocess.run([*AS_ANYBODY, sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.stdout == f"{copy / 'airfoil.dat'}\n", answer.stderr
    assert answer.returncode != 0
    assert f"could not be stored in {cache}" in answer.stderr.splitlines()[-1]
    assert list(cache.iterdir()) == [copy]
    assert server.requests == 0, "what cannot be kept is not fetched"


@forks
def test_two_processes_at_once_both_get_the_data(server, cache):
    both_have_asked = Barrier(2, timeout=60)
    server.serve(ORIGINAL, before=both_have_asked.wait)
    answers = [in_another_process(server, cache) for _ in range(2)]
    assert [answer() for answer in answers] == [cache / "airfoil.dat"] * 2
    assert server.requests == 2
    assert contents(cache) == dict([GOOD])
