"""OMM in CSV and JSON: reliability rows 6, 8 and 9, and what text may stand for a number."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import ElementSetError
from planner.orbit import propagate, read_elements
from planner.orbit.files.omm_csv import parse_omm_csv
from planner.orbit.files.omm_json import parse_omm_json
from planner.times import TimeGrid

ROW = {
    "OBJECT_NAME": "ISS (ZARYA)",
    "EPOCH": "1998-11-20T06:49:59.999808",
    "MEAN_MOTION": 16.05064833,
    "ECCENTRICITY": 0.0125362,
    "INCLINATION": 51.5908,
    "RA_OF_ASC_NODE": 168.3788,
    "ARG_OF_PERICENTER": 86.4185,
    "MEAN_ANOMALY": 359.7454,
    "NORAD_CAT_ID": 25544,
    "BSTAR": 0,
}
CORRUPT = "gpconf/corrupt-input"


def json_text(**changes: object) -> str:
    """Return one object as JSON; a change to None of its own kind is JSON null, to ... leaves the keyword out."""
    return json.dumps([{key: value for key, value in {**ROW, **changes}.items() if value is not ...}])


def csv_text(**changes: object) -> str:
    row = {key: value for key, value in {**ROW, **changes}.items() if value is not ...}
    return ",".join(row) + "\n" + ",".join(str(value) for value in row.values()) + "\n"


def problems_of(text: str) -> list[str]:
    parse = parse_omm_json if text.startswith("[") else parse_omm_csv
    records, problems, _ = parse(text, source="f")
    assert bool(records) != bool(problems)
    return [str(problem) for problem in problems]


def test_csv_json_and_tle_of_one_object_agree(element_sets: Path) -> None:
    folder = element_sets / CORRUPT
    tle, csv, text = (
        read_elements(folder / name).fleet for name in ("unedited-sets.tle", "unedited-rows.csv", "unedited-array.json")
    )
    assert csv.names == text.names == ("ISS (ZARYA)", "DELTA 2 R/B(1)", "VANGUARD DEB")
    assert tle.names == ("ISS (ZARYA)", "VANGUARD DEB", "DELTA 2 R/B(1)")
    same = tle[[0, 2, 1]]
    for column in ("catalog_numbers", "epoch_jd", "mean_motion_rad_min", "inclination_deg", "raan_deg"):
        assert getattr(csv, column).tolist() == getattr(text, column).tolist() == getattr(same, column).tolist()
    # A TLE epoch has eight decimals of a day, an OMM epoch microseconds.
    assert np.abs(csv.epoch_fraction - same.epoch_fraction).max() < 1e-6 / 86_400
    # A TLE cuts the eccentricity to seven decimals and rounds B* to five digits.
    assert np.abs(csv.eccentricity_fraction - same.eccentricity_fraction).max() < 1e-7
    assert np.abs(csv.bstar_per_radius - same.bstar_per_radius).max() < 0.5e-5 * 1e-3


@pytest.mark.parametrize("text", [csv_text(NORAD_CAT_ID=799501621), json_text(NORAD_CAT_ID=799501621)])
def test_row_06_a_nine_digit_number_works_under_its_own_id(text: str, tmp_path: Path) -> None:
    path = tmp_path / "nine.txt"
    path.write_text(text)
    fleet = read_elements(path).fleet
    assert fleet.catalog_numbers.tolist() == [799501621]
    flown = propagate(fleet, TimeGrid(datetime(1998, 11, 20, 7, tzinfo=UTC), 60.0, 2))
    assert flown.alive.all()


def test_row_06_numbers_are_whole_and_have_at_most_nine_digits(element_sets: Path) -> None:
    vectors = json.loads((element_sets / "gpconf/vectors/norad-cat-id-text.json").read_text())
    for vector in vectors["valid"]:
        (record,), _, _ = parse_omm_csv(csv_text(NORAD_CAT_ID=vector["text"]), source="f")
        assert record.catalog_number == vector["value"]
    for vector in [*vectors["invalid_in_omm"], {"text": "0"}, {"text": "-5"}, {"text": "1e5"}]:
        (problem,) = problems_of(csv_text(NORAD_CAT_ID=vector["text"]))
        assert "f:2: NORAD_CAT_ID" in problem


REQUIRED = [key for key in ROW if key != "OBJECT_NAME"]


@pytest.mark.parametrize("key", REQUIRED)
def test_row_08_a_missing_field_is_refused_by_name(key: str) -> None:
    assert problems_of(json_text(**{key: ...})) == [f"f: record 1: {key} is missing; every object needs it"]
    assert problems_of(json_text(**{key: None})) == [f"f: record 1: {key} is missing; every object needs it"]
    assert problems_of(csv_text(**{key: ...})) == [f"f:1: no column {key}; the header must name it"]
    assert problems_of(csv_text(**{key: " "})) == [f"f:2: {key} is missing; every object needs it"]


NUMBERS = [key for key in REQUIRED if key not in {"EPOCH", "NORAD_CAT_ID"}]
NO_NUMBERS = ["NaN", "nan", "inf", "-Infinity", "1_000", "0x10", "１２", "1e9999", "1,5", "9" * 5000, "true"]


@pytest.mark.parametrize("key", NUMBERS)
@pytest.mark.parametrize("value", NO_NUMBERS)
def test_row_08_what_is_no_finite_decimal_number_is_refused(key: str, value: str) -> None:
    (problem,) = problems_of(csv_text(**{key: f'"{value}"'}))
    assert problem.startswith(f"f:2: {key}: ")
    (problem,) = problems_of(json_text(**{key: value}))
    assert problem.startswith(f"f: record 1: {key}: ")


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e9999", "9" * 5000, "true", "[1]", '{"a": 1}'])
def test_row_08_json_values_that_python_would_accept_are_refused(literal: str) -> None:
    text = json_text(MEAN_MOTION="@").replace('"@"', literal)
    (problem,) = problems_of(text)
    assert problem.startswith("f: record 1: MEAN_MOTION: ")


@pytest.mark.parametrize("value", ["1e400", "1e999"])
def test_row_08_a_number_too_large_for_a_float_is_refused(value: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(csv_text(BSTAR=value))
    with pytest.raises(ElementSetError, match=r"f.csv:2: B\* inf is not allowed"):
        read_elements(path)


@pytest.mark.parametrize(
    ("key", "value", "label"),
    [
        ("ECCENTRICITY", 1, "eccentricity 1 "),
        ("ECCENTRICITY", -0.1, "eccentricity -0.1 "),
        ("MEAN_MOTION", 0, "mean motion 0 "),
        ("MEAN_MOTION", 99, "mean motion 99 "),
        ("INCLINATION", 180.5, "inclination 180.5 "),
        ("MEAN_ANOMALY", 361, "mean anomaly 361 "),
    ],
)
def test_row_08_values_that_no_orbit_has_are_refused(key: str, value: float, label: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    for text, place in ((csv_text(**{key: value}), ":2"), (json_text(**{key: value}), ": record 1")):
        path.write_text(text)
        with pytest.raises(ElementSetError) as caught:
            read_elements(path)
        (problem,) = caught.value.problems
        assert problem.place == f"{path}{place}"
        assert problem.reason.startswith(label)
        assert "it must be" in problem.reason


def test_row_09_epochs_with_z_without_fraction_or_by_day_of_year_are_utc(element_sets: Path) -> None:
    vectors = json.loads((element_sets / "gpconf/vectors/ccsds-epoch-strings.json").read_text())
    for vector in vectors["valid"]:
        (record,), _, _ = parse_omm_csv(csv_text(EPOCH=vector["text"]), source="f")
        got = np.datetime64("1858-11-17T00:00:00.000000", "us") + np.round(
            (record.epoch_jd - 2400000.5) * 86_400e6 + record.epoch_fraction * 86_400e6
        ).astype("timedelta64[us]")
        allowed = [vector["iso"], *vector.get("iso_alternatives", [])]
        # The file of vectors grants two microseconds.
        assert min(abs(got - np.datetime64(iso, "us")) for iso in allowed) <= np.timedelta64(2, "us")


def test_row_09_what_is_no_utc_epoch_is_refused(element_sets: Path) -> None:
    vectors = json.loads((element_sets / "gpconf/vectors/ccsds-epoch-strings.json").read_text())
    texts = [vector["text"] for vector in vectors["invalid"]]
    impossible = ["2026-02-30T00:00:00", "2026-366T00:00:00", "2026-000T00:00:00", "2026-09-20T24:00:00"]
    for text in [*texts, *impossible, "2026-09-20T12:60:00", "2026-09-20T12:00:60", "0000-01-01T00:00:00"]:
        (problem,) = problems_of(csv_text(EPOCH=text))
        assert problem.startswith("f:2: EPOCH: ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MEAN_ELEMENT_THEORY", "SGP4-XP"),
        ("EPHEMERIS_TYPE", "4"),
        ("REF_FRAME", "ITRF"),
        ("TIME_SYSTEM", "TAI"),
        ("CENTER_NAME", "MOON"),
    ],
)
def test_elements_of_another_theory_frame_or_body_are_refused(key: str, value: str) -> None:
    (problem,) = problems_of(csv_text(**{key: value}))
    assert problem.startswith(f"f:2: {key}: '{value}' is not allowed")


def test_keywords_that_publishers_add_are_ignored() -> None:
    assert problems_of(csv_text(RMS=0.1, DATA_SOURCE="X", MEAN_ELEMENT_THEORY="sgp4")) == []


def test_a_repeated_key_or_column_is_refused() -> None:
    text = json_text().replace('"BSTAR": 0', '"BSTAR": 0, "BSTAR": 1')
    assert problems_of(text) == ["f: record 1: 'BSTAR' is given more than once"]
    text = "EPOCH," + csv_text().replace("\n", "\nx,", 1)
    assert problems_of(text) == ["f:1: column 'EPOCH' is named more than once"]


def test_a_file_cut_off_is_refused_at_the_place_of_the_cut(element_sets: Path) -> None:
    with pytest.raises(ElementSetError, match=r"cut-last-row.csv:4: 16 values under 17 keywords; the row was cut off"):
        read_elements(element_sets / CORRUPT / "c5-cut-last-row.csv")
    with pytest.raises(ElementSetError, match=r"cut-closing-bracket.json:1: column 1279: .* cut off or is not JSON"):
        read_elements(element_sets / CORRUPT / "c5-cut-closing-bracket.json")


def test_a_quote_left_open_is_refused_with_its_line() -> None:
    records, problems, _ = parse_omm_csv(csv_text() + '"ISS,1\n2\n', source="f")
    assert len(records) == 1
    assert "cut off or is not CSV" in problems[0].reason


def test_a_last_row_without_line_end_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(csv_text().rstrip("\n"))
    assert "no line end" in read_elements(path).notes[0]


def test_entries_that_are_no_objects_are_refused() -> None:
    assert "record 1: is not an object" in problems_of("[1]")[0]
    assert "record 2: is not an object" in str(parse_omm_json(json_text()[:-1] + ",null]", source="f")[1][0])


def test_json_nested_without_end_is_refused() -> None:
    (problem,) = problems_of("[" * 200_000)
    assert "nested too deeply" in problem


@pytest.mark.parametrize("name", ["\\u0000", "A\\ud800"])
def test_row_14_a_nul_or_half_a_character_in_a_json_name_is_refused(name: str) -> None:
    (problem,) = problems_of(json_text(OBJECT_NAME="@").replace("@", name))
    assert "OBJECT_NAME" in problem
    problem.encode()


def test_one_object_is_read_without_the_array() -> None:
    records, problems, _ = parse_omm_json(json_text()[1:-1], source="f")
    assert (len(records), problems) == (1, [])


def test_numbers_given_as_text_are_read_as_numbers() -> None:
    quoted = json.dumps([{key: str(value) for key, value in ROW.items()}])
    assert parse_omm_json(quoted, source="f")[0] == parse_omm_json(json_text(), source="f")[0]


@given(st.text(max_size=300))
def test_no_text_makes_the_readers_fail_otherwise_than_by_problems(text: str) -> None:
    parse_omm_csv(csv_text() + text, source="f")
    parse_omm_json(text, source="f")
    parse_omm_json(json_text()[:-1] + text + "]", source="f")


def test_row_22_a_header_of_commas_without_end_is_refused() -> None:
    _, problems, _ = parse_omm_csv("EPOCH" + "," * 300_000, source="f")
    assert str(problems[-1]) == "f:1: column '' is named more than once"
