"""Downloads from a server on this machine: what is kept, what is refused, and how seldom a group is asked for."""

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_socket import SocketConnectBlockedError

import planner.orbit.files.fetch
from planner.errors import FetchError, OutputError, PlannerError
from planner.orbit import Fetched, fetch_group, read_elements
from planner.orbit.files.cache import BETWEEN_QUESTIONS
from planner.orbit.files.download import Answer

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
HEADER = (
    "OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,MEAN_ANOMALY,"
    "NORAD_CAT_ID,BSTAR\r\n"
)
ROW = "ISS (ZARYA),1998-067A,2026-09-20T13:39:00.000000,15.5,.0005,51.63,200.1,10.2,349.9,25544,.1E-3\r\n"
CSV = (HEADER + ROW).encode()
LATER = CSV.replace(b"200.1", b"195.3")
NOT_UPDATED = (
    b"GP data has not updated since your last successful\ndownload of GROUP=stations at %s UTC.\n"
    b"Data is updated once every 2 hours.\n"
)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Asker:
    """Fetches the group stations into one cache, by one clock."""

    cache: Path
    server: Any
    clock: Clock

    def __call__(self, group: str = "stations", form: str = "csv", timeout_s: float = 10.0) -> Fetched:
        return fetch_group(
            group, form=form, base_url=self.server.url, cache=self.cache, timeout_s=timeout_s, clock=self.clock
        )

    def refusal(self, **arguments: str) -> str:
        with pytest.raises(FetchError) as caught:
            self(**arguments)
        return str(caught.value)

    def files(self) -> set[str]:
        return {path.name for path in self.cache.rglob("*") if path.is_file()}


@pytest.fixture
def asker(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asker:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.says(CSV)
    return Asker(tmp_path / "cache", server, Clock())


def test_a_group_is_downloaded_read_and_kept(asker: Asker) -> None:
    got = asker()
    assert (got.group, got.satellites, got.downloaded, got.fresh) == ("stations", 1, NOON, True)
    assert got.next_question == NOON + BETWEEN_QUESTIONS
    assert got.path.read_bytes() == CSV
    assert read_elements(got.path).fleet.names == ("ISS (ZARYA)",)
    assert asker.server.asked == ["/gp.php?GROUP=stations&FORMAT=csv"]
    assert asker.server.agents[0].startswith("orbital-compute-planner/")
    assert asker.files() == {"stations.csv", ".stations.asked"}


def test_two_hours_are_waited_before_a_group_is_asked_for_again(asker: Asker) -> None:
    asker()
    asker.server.says(LATER)
    asker.clock.now = NOON + timedelta(hours=2, seconds=-1)
    for group in ("stations", "STATIONS"):
        kept = asker(group)
        assert (kept.fresh, kept.downloaded, kept.next_question) == (False, NOON, NOON + BETWEEN_QUESTIONS)
        assert kept.path.read_bytes() == CSV
    assert len(asker.server.asked) == 1
    asker.clock.now = NOON + timedelta(hours=2)
    again = asker()
    assert (again.fresh, again.downloaded) == (True, asker.clock.now)
    assert again.path.read_bytes() == LATER
    assert len(asker.server.asked) == 2


def test_other_groups_and_other_servers_wait_for_themselves(asker: Asker) -> None:
    asker()
    asker("gps-ops")
    elsewhere = fetch_group(
        "stations", base_url=asker.server.url + "/mirror", cache=asker.cache, clock=asker.clock, timeout_s=10.0
    )
    assert len(asker.server.asked) == 3
    assert elsewhere.path.parent != asker().path.parent


def test_the_same_group_in_another_format_waits_as_well(asker: Asker) -> None:
    copy = asker().path
    message = asker.refusal(form="json")
    assert f"was downloaded as csv at 2026-09-21 12:00:00 UTC and lies in {copy}; use that" in message
    assert "not asked for again before 2026-09-21 14:00:00 UTC" in message
    assert len(asker.server.asked) == 1


def test_an_answer_that_nothing_is_newer_keeps_the_copy(asker: Asker) -> None:
    asker()
    asker.clock.now = NOON + timedelta(hours=3)
    # The server's clock may be minutes ahead.
    asker.server.says(NOT_UPDATED % b"2026-09-21 12:05:00", status=403)
    kept = asker()
    assert (kept.fresh, kept.downloaded) == (False, NOON)
    assert kept.path.read_bytes() == CSV
    assert kept.next_question == asker.clock.now + BETWEEN_QUESTIONS
    assert not asker().fresh
    assert len(asker.server.asked) == 2


@pytest.mark.parametrize("status", [403, 200])
def test_an_answer_that_the_newest_data_went_elsewhere_does_not_pass_off_an_old_copy(asker: Asker, status: int) -> None:
    asker.server.says(NOT_UPDATED % b"2026-09-21 11:00:00", status=status)
    message = asker.refusal()
    assert "downloaded from this network at 2026-09-21 11:00:00 already, but not into this cache" in message
    assert "the copy" not in message
    asker.clock.now += timedelta(hours=2)
    asker.server.says(CSV)
    asker()
    asker.clock.now += timedelta(days=3)
    asker.server.says(NOT_UPDATED % b"2026-09-24 13:00:00", status=status)
    assert "the copy of 2026-09-21 14:00:00 UTC stays in" in asker.refusal()
    for unclear in (b"", b" at 2026-99-99 99:99:99 UTC"):
        asker.clock.now += timedelta(days=3)
        asker.server.says(NOT_UPDATED.partition(b" at ")[0] + unclear, status=status)
        assert "already, but not into this cache" in asker.refusal()


@pytest.mark.parametrize(
    ("status", "said"),
    [(301, "moved to http://elsewhere/"), (302, "to http://elsewhere/"), (304, "not understood"), (400, "understood"),
     (403, "asks too often"), (404, "no such group"), (429, "not understood"), (500, "fault"), (503, "fault")],
)  # fmt: skip
def test_an_answer_other_than_200_is_told_and_not_provoked_again_for_two_hours(
    asker: Asker, status: int, said: str
) -> None:
    copy = asker().path
    asker.clock.now += timedelta(hours=2)
    asker.server.says(
        b"" if status == 304 else b"no", status=status, Location="http://elsewhere/" if status < 400 else ""
    )
    for _ in range(2):
        message = asker.refusal()
        assert f"status {status}: " in message
        assert said in message
        assert status == 304 or "(it says 'no')" in message
        assert "not asked for again before 2026-09-21 16:00:00 UTC" in message
        assert f"the copy of 2026-09-21 12:00:00 UTC stays in {copy}" in message
    assert len(asker.server.asked) == 2
    assert copy.read_bytes() == CSV
    asker.clock.now += timedelta(hours=2)
    asker.server.says(LATER)
    assert asker().fresh


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!DOCTYPE html><html>Under maintenance</html>\n", "web page"),
        (b'Invalid query: "GROUP=stations&FORMAT=csv" (GROUP "stations" not found)\n', "it says 'Invalid query"),
        (b"No GP data found\n", "it says 'No GP data found'"),
        (b"\n", "the file is empty"),
        (HEADER.encode(), "no objects in it"),
        (CSV + ROW.replace("15.5", "99").encode(), "line 3: mean motion 99 is not allowed"),
        (CSV.replace(b"51.63", b"NaN") + ROW.replace("200.1", "x").encode(), "(and 1 more)"),
        (CSV.replace(b"ISS", b"\xff\xff"), "not UTF-8"),
        (CSV.replace(b"ISS", b"\0"), "NUL"),
        (b"\x1f\x8b" + CSV, "gzip"),
    ],
)
def test_content_that_is_no_element_sets_never_replaces_the_copy(asker: Asker, body: bytes, said: str) -> None:
    copy = asker().path
    asker.clock.now += timedelta(hours=2)
    asker.server.says(body)
    message = asker.refusal()
    assert said in message
    assert str(asker.cache) not in message.partition("stays in")[0]
    assert copy.read_bytes() == CSV
    assert asker.files() == {"stations.csv", ".stations.asked"}


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", CSV),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"%x\r\n" % (2 * len(CSV)), CSV),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"rubbish\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", CSV[:-9]),
        (b"HTTP/1.1 200 OK\r\nContent-Le",),
        (b"rubbish\r\n\r\n",),
    ],
    ids=["nothing", "short", "chunk cut", "no chunk", "no line end", "header cut", "no http"],
)
def test_a_connection_that_breaks_off_changes_nothing_and_may_be_tried_again(
    asker: Asker, parts: tuple[bytes, ...]
) -> None:
    asker.server.sends(*parts)
    assert "try again" in asker.refusal()
    assert asker.files() == set()
    asker.server.says(CSV)
    assert asker().fresh


def test_chunked_answers_are_read(asker: Asker) -> None:
    asker.server.sends(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"%x\r\n%s\r\n" % (len(HEADER), HEADER.encode()),
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(ROW), ROW.encode()),
    )  # fmt: skip
    assert asker().path.read_bytes() == CSV


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_hangs_or_drips_is_given_up_on(asker: Asker, drips: bool) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not asker.server.over.wait(0.05):
            if drips:
                request.wfile.write(b"x")
                request.wfile.flush()

    asker.server.answer = answer
    with pytest.raises(FetchError, match=r"no answer within 0\.3 s"):
        asker(timeout_s=0.3)
    assert asker.files() == set()


def test_row_41_no_network_is_one_error_and_nothing_is_written(asker: Asker) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: whoever connects is turned away
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/gp.php"
        with pytest.raises(FetchError, match=r"cannot be reached: Connection refused; is there a network\?"):
            fetch_group("stations", base_url=url, cache=asker.cache, clock=asker.clock)
    assert asker.files() == set()


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_row_41_tests_reach_no_host_but_this_one() -> None:
    with pytest.raises(SocketConnectBlockedError), socket.socket() as reaching:
        reaching.connect(("192.0.2.1", 80))


def test_an_endless_answer_is_cut_short(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner.orbit.files.fetch, "MAXIMUM_FILE_MB", 0)
    assert "longer than 0 MB" in asker.refusal()


def test_row_33_an_interrupt_leaves_what_was_there(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = asker().path
    asker.clock.now += timedelta(hours=2)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("ask", "read_elements", "remember"):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(planner.orbit.files.fetch, step, lambda *_, **__: interrupt())
            asker()
        assert copy.read_bytes() == CSV
        assert asker.files() == {"stations.csv", ".stations.asked"}


def test_row_36_a_full_disk_leaves_the_old_copy(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = asker().path
    asker.clock.now += timedelta(hours=2)
    asker.server.says(LATER)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OutputError, match="cannot be written: No space left on device"):
        patch.setattr(os, "fsync", full)
        asker()
    assert copy.read_bytes() == CSV
    assert asker.files() == {"stations.csv", ".stations.asked"}


def test_row_36_a_cache_that_cannot_be_written_is_one_error_before_anything_is_asked(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker.cache.write_text("a file")
    with pytest.raises(OutputError, match="name another cache with --cache"):
        asker()
    asker.cache.unlink()
    asker.cache.mkdir(mode=0o500)
    if os.access(asker.cache, os.W_OK):
        monkeypatch.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "denied")))
    with pytest.raises(OutputError, match="name another cache with --cache"):
        asker()
    assert asker.server.asked == []


def test_row_37_two_downloads_of_one_group_at_once_are_one(asker: Asker) -> None:
    folder = asker().path.parent
    asker.clock.now += timedelta(hours=2)
    with FileLock(folder / ".stations.lock"), pytest.raises(OutputError, match="another run is downloading this group"):
        asker()
    assert len(asker.server.asked) == 1
    assert asker().fresh
    assert asker.files() == {"stations.csv", ".stations.asked"}


def test_a_clock_that_was_set_back_waits_two_hours_at_most(asker: Asker) -> None:
    asker()
    asker.clock.now = NOON - timedelta(days=365)
    kept = asker()
    assert not kept.fresh
    assert kept.next_question == asker.clock.now + BETWEEN_QUESTIONS
    asker.clock.now += timedelta(hours=2)
    assert asker().fresh
    assert len(asker.server.asked) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"asked": 3}', "[" * 100_000, '{"asked": "2026-09-21T12:00:00"}'])
def test_a_damaged_note_of_the_last_answer_counts_as_an_answer_now(asker: Asker, text: str) -> None:
    path = asker().path
    path.with_name(".stations.asked").write_text(text)
    assert "the note about the last answer is damaged" in asker.refusal()
    asker.clock.now += timedelta(hours=2)
    assert asker().fresh


def test_a_copy_that_was_deleted_or_damaged_is_not_asked_for_again_early(asker: Asker) -> None:
    path = asker().path
    path.write_bytes(CSV[:100])
    with pytest.raises(PlannerError, match=r"stations\.csv"):
        asker()
    path.unlink()
    assert "is gone; it is not asked for again before 2026-09-21 14:00:00 UTC" in asker.refusal()
    assert len(asker.server.asked) == 1


@pytest.mark.parametrize("group", ["", "../stations", "a/b", "a b", "-a", "a&FORMAT=tle", "ä", "x" * 65, "a\n", "."])
def test_what_is_no_name_of_a_group_is_refused_before_anything_is_asked(asker: Asker, group: str) -> None:
    assert "is no name of a group" in asker.refusal(group=group)
    assert asker.server.asked == []
    assert not asker.cache.exists()


@pytest.mark.parametrize(
    "url",
    ["", "celestrak.org", "ftp://h/x", "file:///etc/passwd", "http://", "http://u:p@h/", "http://h/?a=b", "http://h/#a",
     "http://h/a b", "http://h:99999/", "http://h:x/", "http://[::1", "http://h\n/", "http://ä/", "javascript:1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(asker: Asker, url: str) -> None:
    with pytest.raises(FetchError, match="is no address to ask"):
        fetch_group("stations", base_url=url, cache=asker.cache)


def test_a_format_that_is_none_is_refused(asker: Asker) -> None:
    assert "'html' is not allowed; one of csv, json, xml, kvn, tle" in asker.refusal(form="html")


@given(status=st.sampled_from([200, 200, 200, 403, 404, 500]), body=st.binary(max_size=300) | st.just(CSV))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_whatever_leaves_a_copy_that_cannot_be_read(
    tmp_path_factory: pytest.TempPathFactory, status: int, body: bytes
) -> None:
    cache = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner.orbit.files.fetch, "ask", lambda *_, **__: Answer(status, body, ""))
        try:
            got = fetch_group("stations", cache=cache, clock=Clock())
            assert len(read_elements(got.path).fleet) == got.satellites
        except FetchError:
            assert [path.name for path in cache.rglob("*.*") if path.suffix in {".csv", ".part", ".lock"}] == []
