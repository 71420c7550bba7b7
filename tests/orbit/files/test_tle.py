"""The strict TLE reader: reliability rows 1 to 5 and what a set may look like."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import ElementSetError
from planner.orbit import ElementFile, read_elements
from planner.orbit.files.tle import parse_tle

# Vanguard 1, the first set of the SGP4 verification set (AIAA 2006-6753).
ONE = "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753"
TWO = "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667"
EPOCH_TOLERANCE_D = 1e-14


def checksummed(line: str) -> str:
    """Give a line of at least 68 columns the checksum that its columns have."""
    total = sum(int(c) if c in "0123456789" else c == "-" for c in line[:68])
    return line[:68] + str(total % 10)


def edited(line: str, column: int, text: str) -> str:
    """Write `text` over the line from `column` (from 1) and set the checksum right again."""
    return checksummed(line[: column - 1] + text + line[column - 1 + len(text) :])


def read(folder: Path, *lines: str, **options: bool) -> ElementFile:
    path = folder / "sets.tle"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_elements(path, **options)


def reasons(folder: Path, *lines: str) -> list[str]:
    """Return every problem as ``line: reason``."""
    with pytest.raises(ElementSetError) as caught:
        read(folder, *lines)
    path = str(folder / "sets.tle")
    return [str(problem).removeprefix(path + ":") for problem in caught.value.problems]


def test_every_column_of_a_set_is_read(tmp_path: Path) -> None:
    fleet = read(tmp_path, "VANGUARD 1", ONE, TWO).fleet
    assert fleet.names == ("VANGUARD 1",)
    assert fleet.shells == ("sets",)
    assert fleet.catalog_numbers.tolist() == [5]
    # Day 179 of 2000 is 27 June; 2000-01-01 is JD 2451544.5.
    assert fleet.epoch_jd.tolist() == [2451544.5 + 178]
    assert fleet.epoch_fraction[0] == pytest.approx(0.78495062, abs=EPOCH_TOLERANCE_D)
    assert fleet.mean_motion_rad_min[0] == pytest.approx(10.82419157 * 2 * 3.141592653589793 / 1440, rel=1e-15)
    assert fleet.eccentricity_fraction.tolist() == [0.1859667]
    assert fleet.inclination_deg.tolist() == [34.2682]
    assert fleet.raan_deg.tolist() == [348.7242]
    assert fleet.argument_of_perigee_deg.tolist() == [331.7664]
    assert fleet.mean_anomaly_deg.tolist() == [19.3264]
    assert fleet.bstar_per_radius[0] == pytest.approx(0.28098e-4, rel=1e-15)


@pytest.mark.parametrize(
    ("columns", "value"),
    # Hoots and Roehrich, Spacetrack Report No. 3: the decimal point stands before the first digit.
    [(" 15975-3", 0.15975e-3), ("-70517-5", -0.70517e-5), (" 00000+0", 0.0), ("+12345 0", 0.12345), (" 10000+1", 1.0)],
)
def test_a_drag_term_has_an_implied_point_and_a_signed_power(columns: str, value: float, tmp_path: Path) -> None:
    fleet = read(tmp_path, edited(ONE, 54, columns), TWO).fleet
    assert fleet.bstar_per_radius[0] == pytest.approx(value, rel=1e-15, abs=0.0)


def test_two_digit_years_turn_at_57(element_sets: Path) -> None:
    fleet = read_elements(element_sets / "gpconf/alpha5-tle/alpha5-synthetic-epoch-years.tle").fleet
    vectors = json.loads((element_sets / "gpconf/vectors/two-digit-epoch-year.json").read_text())["vectors"]
    # Day 0 of the modified Julian date, JD 2400000.5, is 1858-11-17.
    dates = np.datetime64("1858-11-17") + (fleet.epoch_jd - 2400000.5).astype(int)
    years = dict(zip(fleet.catalog_numbers.tolist(), dates.astype("datetime64[Y]").astype(str), strict=True))
    for vector in vectors:
        # Catalogue number 3301yy holds the set with epoch year yy.
        assert years[330100 + int(vector["yy"])] == str(vector["year"])


def test_day_366_of_a_common_year_is_the_next_new_year(tmp_path: Path) -> None:
    # Published for the space station: 19366.82137887 is 2020-01-01 19:42:47.
    fleet = read(tmp_path, edited(ONE, 19, "19366.82137887"), TWO).fleet
    assert fleet.epoch_jd.tolist() == [2458849.5]


def test_row_01_a_wrong_checksum_is_refused_or_accepted_with_a_note(element_sets: Path) -> None:
    path = element_sets / "gpconf/corrupt-input/c1-checksum-digit.tle"
    with pytest.raises(ElementSetError, match=r"c1-checksum-digit.tle:5: the checksum is 1 but the line sums to 6"):
        read_elements(path)
    accepted = read_elements(path, verify_checksum=False)
    assert len(accepted.fleet) == 3
    assert accepted.notes == (f"{path}: wrong checksum accepted on 1 lines: 5",)


def test_row_02_a_short_second_line_is_refused_with_its_line_number(element_sets: Path) -> None:
    with pytest.raises(ElementSetError, match=r"c2-line-2-short.tle:6: the line is too short: 68 columns"):
        read_elements(element_sets / "gpconf/corrupt-input/c2-line-2-short.tle")


def test_row_02_an_orphan_first_line_is_refused_with_its_line_number(element_sets: Path) -> None:
    with pytest.raises(ElementSetError, match=r"c4-line-2-missing.tle:5: line 1 of object 69999 is not followed"):
        read_elements(element_sets / "gpconf/corrupt-input/c4-line-2-missing.tle")


def test_row_02_long_orphan_and_swapped_lines_are_all_reported(tmp_path: Path) -> None:
    found = reasons(tmp_path, "A", ONE + "0", TWO, "B", TWO, ONE, "C", TWO, "D", "E", ONE)
    assert [reason.split(":")[0] for reason in found] == ["5", "8", "9", "11", "2"]
    assert "swapped" in found[0]
    assert "does not follow its line 1" in found[1]
    assert "'D' is no element line" in found[2]
    assert "is not followed by its line 2" in found[3]
    assert "too long: 70 columns" in found[4]


@pytest.mark.parametrize(
    ("line", "column", "text", "label"),
    [
        (1, 26, "O", "day of the epoch"),
        (1, 19, "x", "year of the epoch"),
        (1, 55, "2.098", "B*"),
        (1, 35, "0", "first derivative"),
        (2, 12, "x", "inclination"),
        (2, 27, "0.18596", "eccentricity"),
        (2, 30, "１", "eccentricity"),  # full-width digit one
        (2, 30, "٣", "eccentricity"),  # Arabic-Indic digit three
        (2, 53, "1O", "mean motion"),
        (2, 8, "0", "catalogue number"),
    ],
)
def test_row_03_what_is_no_ascii_digit_where_one_belongs_is_refused(
    line: int, column: int, text: str, label: str, tmp_path: Path
) -> None:
    lines = [ONE, TWO]
    lines[line - 1] = lines[line - 1][: column - 1] + text + lines[line - 1][column - 1 + len(text) :]
    (found,) = reasons(tmp_path, *lines)
    assert found.startswith(f"{line}: columns ")
    assert label in found


def test_row_03_a_letter_in_the_epoch_is_refused(element_sets: Path) -> None:
    with pytest.raises(ElementSetError, match=r"c3-letter-in-epoch.tle:5: columns 21-33, day of the epoch"):
        read_elements(element_sets / "gpconf/corrupt-input/c3-letter-in-epoch.tle")


def test_row_04_catalogue_numbers_that_differ_between_lines_are_refused(tmp_path: Path) -> None:
    (found,) = reasons(tmp_path, ONE, edited(TWO, 3, "00006"))
    assert found.startswith("2: catalogue number 00006 differs from 00005 of its line 1")


def test_row_05_alpha_5_numbers_are_read(element_sets: Path) -> None:
    vectors = json.loads((element_sets / "gpconf/vectors/alpha5.json").read_text())
    fields = {
        entry["field"]: entry["norad_cat_id"]
        for group in ("official_examples", "skip_boundaries", "below_100000")
        for entry in vectors[group]
    }
    assert fields["Z9999"] == 339999
    for field, number in fields.items():
        (record,), problems, _ = parse_tle(f"{edited(ONE, 3, field)}\n{edited(TWO, 3, field)}", source="x")
        assert (record.catalog_number, problems) == (number, [])


def test_row_05_alpha_5_numbers_with_i_or_o_or_in_lower_case_are_refused(element_sets: Path, tmp_path: Path) -> None:
    vectors = json.loads((element_sets / "gpconf/vectors/alpha5.json").read_text())["decode_invalid"]
    fields = [entry["field"].ljust(5) for entry in vectors]
    assert {"I0000", "O1234", "a0000"} <= set(fields)
    for field in fields:
        found = reasons(tmp_path, edited(ONE, 3, field), edited(TWO, 3, field))
        assert len(found) == 2
        assert all("catalogue number" in reason for reason in found)
        assert all(("Alpha-5 leaves out" in reason) == (field[0] in "IO") for reason in found)


def test_every_letter_of_alpha_5_is_read_from_real_lines(element_sets: Path) -> None:
    fleet = read_elements(element_sets / "gpconf/alpha5-tle/alpha5-synthetic-letters.tle").fleet
    numbers = set(fleet.catalog_numbers.tolist())
    assert numbers == {number for letter in range(10, 34) for number in (letter * 10_000, letter * 10_000 + 9_999)} - {
        100_000,
        270_000,
    }


def test_catalogue_number_zero_is_refused(tmp_path: Path) -> None:
    (found,) = reasons(tmp_path, edited(ONE, 3, "00000"), edited(TWO, 3, "00000"))
    assert "catalogue number 0 names no object" in found


@pytest.mark.parametrize("day", ["000.50000000", "367.00000000"])
def test_a_day_that_no_year_has_is_refused(day: str, tmp_path: Path) -> None:
    (found,) = reasons(tmp_path, edited(ONE, 21, day), TWO)
    assert f"1: day {day} of the epoch is not allowed" in found


def test_elements_of_sgp4_xp_are_refused(tmp_path: Path) -> None:
    (found,) = reasons(tmp_path, edited(ONE, 63, "4"), TWO)
    assert "SGP4-XP" in found


def test_a_mean_motion_of_99_is_refused_at_its_line(tmp_path: Path) -> None:
    (found,) = reasons(tmp_path, "X", ONE, edited(TWO, 53, "99.00000000"))
    assert found == "3: mean motion 99 is not allowed; it must be between 0.004 and 17.05 revolutions a day"


def test_the_zero_before_a_name_of_3le_is_dropped(tmp_path: Path) -> None:
    assert read(tmp_path, "0 VANGUARD 1  ", ONE, TWO).fleet.names == ("VANGUARD 1",)


def test_a_set_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    assert read(tmp_path, ONE, TWO).fleet.names == ("5",)


@given(st.integers(0, 68), st.characters(codec="ascii", exclude_characters="\n\r"))
def test_no_single_altered_column_is_read_as_another_orbit(column: int, character: str) -> None:
    # The checksum finds every altered digit; the columns' patterns find the rest.
    altered = TWO[:column] + character + TWO[column + 1 :]
    records, problems, _ = parse_tle(f"{ONE}\n{altered}", source="x")
    original, _, _ = parse_tle(f"{ONE}\n{TWO}", source="x")
    assert problems or records == original


@given(st.text(max_size=400))
def test_no_text_makes_the_reader_fail_otherwise_than_by_problems(text: str) -> None:
    parse_tle(f"{text}\n{ONE}\n{TWO}\n{text}", source="x")
