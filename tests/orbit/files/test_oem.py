"""Ephemerides as CCSDS OEM: what is written comes back, what is not a state is never written (row 12)."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.arrays import floats, ints
from planner.errors import ElementSetError
from planner.orbit import Ephemeris, Fleet, propagate, read_oem, write_oem
from planner.times import TimeGrid

CREATED = datetime(2026, 6, 21, 1, 2, 3, tzinfo=UTC)
STATE = "2026-06-21T00:00:00 7000.0 0 -1.5E3 0.1 7.5 0"
HEADER = "CCSDS_OEM_VERS = 2.0\nCREATION_DATE = 2026-06-21T00:00:00\nORIGINATOR = X\n"
META = {
    "OBJECT_NAME": "A",
    "OBJECT_ID": "2026-001A",
    "CENTER_NAME": "EARTH",
    "REF_FRAME": "TEME",
    "TIME_SYSTEM": "UTC",
    "START_TIME": "2026-06-21T00:00:00",
    "STOP_TIME": "2026-06-21T01:00:00",
}


def segment(*states: str, **changes: str | None) -> str:
    """Return a segment; a change to None leaves the keyword out."""
    meta = {key: text for key, text in {**META, **changes}.items() if text is not None}
    return "META_START\n" + "".join(f"{k} = {v}\n" for k, v in meta.items()) + "META_STOP\n" + "\n".join(states) + "\n"


def ephemeris(satellites: int = 3, count: int = 5, start: datetime = CREATED, step_s: float = 60.0) -> Ephemeris:
    """Return states that are no orbit but all differ."""
    states = 7000.0 + np.arange(count * satellites * 3, dtype=np.float64).reshape(count, satellites, 3) / 7.0
    errors = ints(np.zeros(satellites))
    return Ephemeris(TimeGrid(start, step_s, count), floats(states), floats(states / -1000.0), errors)


def with_gaps(states: Ephemeris, *gaps: tuple[int, int]) -> Ephemeris:
    """Return the states with those at ``(time, sat)`` lost."""
    positions, velocities = states.positions_km.copy(), states.velocities_km_s.copy()
    for time, sat in gaps:
        positions[time, sat] = velocities[time, sat] = np.nan
    return replace(states, positions_km=floats(positions), velocities_km_s=floats(velocities))


def written(states: Ephemeris, **options: object) -> str:
    names = [f"S{i}" for i in range(states.positions_km.shape[1])]
    return write_oem(states, names, originator="TEST", created=CREATED, **options)


def test_an_ephemeris_comes_back_at_the_precision_of_its_digits(real_fleet: Fleet, day: TimeGrid) -> None:
    flown = propagate(real_fleet[:4], day)
    text = write_oem(flown, real_fleet.names[:4], originator="TEST", created=CREATED)
    segments = read_oem(text)
    whole, fraction = day.utc_jd
    assert [part.name for part in segments] == [part.object_id for part in segments] == list(real_fleet.names[:4])
    for sat, part in enumerate(segments):
        assert (part.epoch_jd.tolist(), part.epoch_fraction.tolist()) == (whole.tolist(), fraction.tolist())
        # Nine decimals of a kilometre and twelve of a kilometre a second.
        assert np.abs(part.positions_km - flown.positions_km[:, sat]).max() <= 0.5e-9 + 1e-12
        assert np.abs(part.velocities_km_s - flown.velocities_km_s[:, sat]).max() <= 0.5e-12 + 1e-15


@pytest.mark.parametrize(("frame", "name"), [("GCRS", "GCRF"), ("TEME", "TEME"), ("ITRS", "ITRF2000")])
def test_the_frame_of_the_ephemeris_is_the_messages(frame: str, name: str) -> None:
    text = written(replace(ephemeris(), frame=frame))
    assert text.count(f"REF_FRAME = {name}\n") == 3
    assert {part.frame for part in read_oem(text)} == {frame}


def test_the_message_says_who_made_it_when_and_of_what() -> None:
    text = written(ephemeris(1, 2), object_ids=["1998-067A"])
    assert text == (
        "CCSDS_OEM_VERS = 2.0\nCREATION_DATE = 2026-06-21T01:02:03\nORIGINATOR = TEST\n\n"
        "META_START\nOBJECT_NAME = S0\nOBJECT_ID = 1998-067A\n"
        "CENTER_NAME = EARTH\nREF_FRAME = GCRF\nTIME_SYSTEM = UTC\n"
        "START_TIME = 2026-06-21T01:02:03.000000\nSTOP_TIME = 2026-06-21T01:03:03.000000\nMETA_STOP\n"
        "2026-06-21T01:02:03.000000 7000.000000000 7000.142857143 7000.285714286 "
        "-7.000000000000 -7.000142857143 -7.000285714286\n"
        "2026-06-21T01:03:03.000000 7000.428571429 7000.571428571 7000.714285714 "
        "-7.000428571429 -7.000571428571 -7.000714285714\n"
    )


def test_row_12_states_that_are_lost_end_a_segment_and_are_never_written() -> None:
    states = with_gaps(ephemeris(4), (0, 0), (2, 1), *((time, 2) for time in range(5)), (3, 3), (4, 3))
    text = written(states)
    assert "nan" not in text
    assert "COMMENT S2 has no state\n" in text
    runs = [(part.name, len(part.positions_km)) for part in read_oem(text)]
    assert runs == [("S0", 4), ("S1", 2), ("S1", 2), ("S3", 3)]


def test_no_state_at_all_is_refused() -> None:
    with pytest.raises(ElementSetError, match="no satellite has a state at any of the times"):
        written(with_gaps(ephemeris(1, 1), (0, 0)))


def test_names_must_be_as_many_as_satellites_and_printed() -> None:
    with pytest.raises(ValueError, match="2 names and 2 identities for 3 satellites"):
        write_oem(ephemeris(), ["A", "B"], originator="X", created=CREATED)
    with pytest.raises(ValueError, match=r"name: 'A.n' holds characters"):
        write_oem(ephemeris(1), ["A\n"], originator="X", created=CREATED)
    with pytest.raises(ValueError, match="has no time zone"):
        write_oem(ephemeris(1), ["A"], originator="X", created=datetime(2026, 6, 21))  # noqa: DTZ001 - the fault


def test_comments_blank_lines_covariances_accelerations_and_other_epochs_are_read() -> None:
    text = HEADER + "COMMENT one\n\n" + segment(
        "COMMENT two", STATE + " 0.1 0.2 0.3", "2026-172T00:30:00.5Z 1 2 3 4 5 6",
        "COVARIANCE_START\nEPOCH = 2026-06-21T00:00:00\n1.0\nCOVARIANCE_STOP",
        INTERPOLATION="LAGRANGE",
    ).replace("\n", "\r\n") + segment(STATE, OBJECT_NAME="B", OBJECT_ID=None, REF_FRAME="ITRF-97")  # fmt: skip
    first, second = read_oem(text)
    assert first.positions_km.tolist() == [[7000.0, 0.0, -1500.0], [1.0, 2.0, 3.0]]
    # 2026-06-21 is day 172, JD 2461212.5.
    assert (first.epoch_jd.tolist(), first.epoch_fraction.tolist()) == ([2461212.5] * 2, [0.0, 1800.5 / 86400])
    assert (second.name, second.object_id, second.frame) == ("B", "", "ITRS")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "O: CCSDS_OEM_VERS is ''"),
        (HEADER.replace("2.0", "9.0"), "O:1: CCSDS_OEM_VERS is '9.0'"),
        ("CCSDS_OMM_VERS = 2.0\n", "O:1: CCSDS_OEM_VERS is ''"),
        (HEADER, "O:3: there is no META_START"),
        (HEADER + "what\n", "O:4: 'what' is no line of the form"),
        (HEADER + segment(STATE).replace("META_STOP\n", ""), "O:5: 0 META_STOP"),
        (HEADER + segment(STATE, START_TIME=None), "O:5: START_TIME is missing"),
        (HEADER + segment(STATE, CENTER_NAME="MARS"), "CENTER_NAME: 'MARS' is not read; it must be EARTH"),
        (HEADER + segment(STATE, TIME_SYSTEM="TDB"), "TIME_SYSTEM: 'TDB' is not read; it must be UTC"),
        (HEADER + segment(STATE, REF_FRAME="EME2000"), "REF_FRAME: 'EME2000' is not read"),
        (HEADER + segment(STATE, STOP_TIME="tomorrow"), "epoch 'tomorrow' is not such as"),
        (HEADER + segment().rstrip() + "\n", "the segment of A holds no state"),
        (HEADER + segment(STATE.replace("7.5", "nan")), "O:13: a state is an epoch and six numbers"),
        (HEADER + segment(STATE.replace("7.5", "1_0")), "O:13: a state is an epoch and six numbers"),
        (HEADER + segment(STATE + " 1"), "O:13: a state is an epoch and six numbers"),
        (HEADER + segment(STATE, STATE), "O:14: epoch 2026-06-21T00:00:00 is not after"),
        (HEADER + segment(STATE.replace("T00", "T02")), "outside START_TIME to STOP_TIME"),
        (HEADER + segment(STATE, "COVARIANCE_START"), "COVARIANCE_START without COVARIANCE_STOP"),
        (HEADER + segment(STATE, "COVARIANCE_STOP"), "COVARIANCE_STOP does not follow"),
        (HEADER + segment(STATE).replace("TIME_SYSTEM", "REF_FRAME"), "REF_FRAME is given more than once"),
    ],
)
def test_a_message_that_is_not_as_the_standard_has_it_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ElementSetError) as caught:
        read_oem(text, source="O")
    assert reason in str(caught.value)


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(
    st.lists(st.lists(st.one_of(st.just(float("nan")), NUMBERS), min_size=2, max_size=2), min_size=1, max_size=6),
    st.integers(1, 10**9),
)
def test_every_state_that_is_a_number_comes_back_and_no_other(values: list[list[float]], step_us: int) -> None:
    states = np.repeat(np.array(values)[:, :, np.newaxis], 3, axis=2)
    errors = ints(np.zeros(2))
    given_ = Ephemeris(TimeGrid(CREATED, step_us / 1e6, len(values)), floats(states), floats(states), errors)
    if not given_.alive.any():
        return
    segments = read_oem(written(given_))
    for sat in range(2):
        back = [row for part in segments if part.name == f"S{sat}" for row in part.positions_km.tolist()]
        want = given_.positions_km[given_.alive[:, sat], sat]
        assert np.abs(np.array(back).reshape(-1, 3) - want).max(initial=0.0) <= 0.5e-9 + 1e-9


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail_otherwise_than_by_a_refusal(text: str) -> None:
    for whole in (text, HEADER + text, HEADER + segment(STATE) + text, HEADER + segment(text)):
        try:
            read_oem(whole)
        except ElementSetError as error:
            assert error.problems
