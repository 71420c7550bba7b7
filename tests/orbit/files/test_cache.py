"""Where copies are kept, and the note that keeps a group from being asked for too often."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from planner.errors import OutputError
from planner.orbit.files.cache import (
    BETWEEN_QUESTIONS,
    LastAnswer,
    cache_folder,
    folder_name,
    held,
    remember,
    remembered,
)

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)


def test_an_answer_is_remembered_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / ".stations.asked"
    assert remembered(path, NOON) is None
    for answer in (LastAnswer(NOON, "csv"), LastAnswer(NOON, "tle", "status 404")):
        remember(path, answer)
        assert remembered(path, NOON) == answer
        assert answer.next_question == NOON + BETWEEN_QUESTIONS
    assert json.loads(path.read_text()) == {"asked": "2026-09-21T12:00:00+00:00", "form": "tle", "fault": "status 404"}


def test_an_answer_from_the_future_was_given_now(tmp_path: Path) -> None:
    path = tmp_path / ".stations.asked"
    remember(path, LastAnswer(NOON + timedelta(days=900), "csv"))
    for later_h in (0, 1):
        # Once put right it is not put off again.
        assert remembered(path, NOON + timedelta(hours=later_h)) == LastAnswer(NOON, "csv")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"asked": 3}', "[" * 100_000, '{"asked": "2026-09-21T12:00:00", "form": "csv", "fault": ""}',
     '{"asked": "2026-09-21T12:00:00Z", "form": "../x", "fault": ""}', "\x00"],
)  # fmt: skip
def test_a_damaged_note_counts_as_an_answer_now_and_is_put_right(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".stations.asked"
    path.write_text(text)
    first = remembered(path, NOON)
    assert first == LastAnswer(NOON, "", "the note about the last answer is damaged")
    assert remembered(path, NOON + timedelta(hours=1)) == first


def test_a_note_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be read"):
        remembered(tmp_path, NOON)


def test_row_37_only_one_process_holds_a_group_and_no_lock_stays_behind(tmp_path: Path) -> None:
    with held(tmp_path / "c", "stations"):
        with (
            pytest.raises(OutputError, match="another run is downloading this group"),
            held(tmp_path / "c", "stations"),
        ):
            pass
        with held(tmp_path / "c", "gps-ops"):
            pass
    with held(tmp_path / "c", "stations"):
        pass
    assert list((tmp_path / "c").iterdir()) == []


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://celestrak.org/NORAD/elements/gp.php", "celestrak.org-NORAD-elements-gp.php"),
        ("http://127.0.0.1:80/../..", "127.0.0.1-80"),
        ("http://..", ""),
    ],
)
def test_the_folder_of_a_server_lies_inside_the_cache(url: str, name: str) -> None:
    assert folder_name(url) == name


def test_the_cache_lies_where_the_platform_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for system, variable, value, expected in (
        ("Linux", "XDG_CACHE_HOME", "/var/x", Path("/var/x")),
        ("Linux", "XDG_CACHE_HOME", "relative", tmp_path / ".cache"),
        ("Linux", "XDG_CACHE_HOME", "", tmp_path / ".cache"),
        ("Darwin", "XDG_CACHE_HOME", "/var/x", tmp_path / "Library/Caches"),
        ("Windows", "LOCALAPPDATA", "/l", Path("/l")),
    ):
        monkeypatch.setattr("platform.system", lambda system=system: system)
        monkeypatch.setenv(variable, value)
        assert cache_folder() == expected / "orbital-compute-planner" / "elements"


def test_a_user_without_home_is_told_to_name_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(Path, "home", none)
    with pytest.raises(OutputError, match="name a cache with --cache"):
        cache_folder()
