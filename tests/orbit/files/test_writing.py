"""Element sets written: what each format holds comes back, what it cannot hold is refused by name (row 6)."""

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sgp4 import exporter, omm
from sgp4.api import Satrec

from planner.errors import ElementSetError
from planner.orbit import (
    Fleet,
    read_elements,
    walker_delta,
    write_omm_csv,
    write_omm_json,
    write_omm_kvn,
    write_omm_xml,
    write_tle,
)
from planner.orbit.elements import Offsets, Published
from planner.orbit.files.records import Record, fleet_of, records_of

OMM_WRITERS = {"OMM CSV": write_omm_csv, "OMM JSON": write_omm_json, "OMM XML": write_omm_xml, "OMM KVN": write_omm_kvn}
WRITERS = {"TLE": write_tle, **OMM_WRITERS}
EPOCH = datetime(2026, 6, 21, tzinfo=UTC)
EXACT = (
    "names",
    "catalog_numbers",
    "epoch_jd",
    "epoch_fraction",
    "mean_motion_rad_min",
    "eccentricity_fraction",
    "inclination_deg",
    "raan_deg",
    "argument_of_perigee_deg",
    "mean_anomaly_deg",
    "bstar_per_radius",
)
PUBLISHED = (
    "designators",
    "classifications",
    "mean_motion_dot_rev_d2",
    "mean_motion_ddot_rev_d3",
    "element_set_numbers",
    "revolutions",
)


def fleet_from(records: list[Record]) -> Fleet:
    return fleet_of(records, shell="s", rack_type="")  # noqa: S604 - a shell of satellites


def read(folder: Path, text: str) -> Fleet:
    path = folder / "sets"
    path.write_text(text, encoding="utf-8")
    return read_elements(path).fleet


def refusals(write: Callable[..., str], fleet: Fleet, **options: int) -> list[tuple[str, str]]:
    with pytest.raises(ElementSetError) as caught:
        write(fleet, **options)
    return [(problem.place, problem.reason) for problem in caught.value.problems]


def listed(table: object, column: str) -> list[object]:
    return list(getattr(table, column))


@pytest.fixture
def design() -> Fleet:
    """Six satellites of a design, numbered from 300000 in the files that hold numbers."""
    return walker_delta(
        name="d", altitude_km=550.0, inclination_deg=53.0, satellites=6, planes=3, phasing=1, epoch=EPOCH
    )


@pytest.mark.parametrize("format_", OMM_WRITERS)
def test_real_sets_come_back_from_omm_to_the_last_bit(format_: str, real_fleet: Fleet, tmp_path: Path) -> None:
    path = tmp_path / "sets"
    path.write_text(OMM_WRITERS[format_](real_fleet), encoding="utf-8")
    file = read_elements(path)
    assert (file.format, file.notes) == (format_, ())
    for column in EXACT:
        assert listed(file.fleet, column) == listed(real_fleet, column), column
    for column in PUBLISHED:
        assert listed(file.fleet.published, column) == listed(real_fleet.published, column), column


def test_a_design_comes_back_from_every_format_at_its_precision(design: Fleet, tmp_path: Path) -> None:
    for format_, write in WRITERS.items():
        back = read(tmp_path, write(design, first_number=300_000))
        assert back.catalog_numbers.tolist() == list(range(300_000, 300_006))
        assert back.names == design.names
        assert (listed(back, "epoch_jd"), listed(back, "epoch_fraction")) == (
            listed(design, "epoch_jd"), listed(design, "epoch_fraction"),
        )  # fmt: skip
        # The columns of a TLE: half of 1e-4 degrees and of 1e-8 revolutions a day; OMM carries every bit.
        angle_deg, motion = (0.5e-4 + 1e-9, 0.5e-8 * 2 * np.pi / 1440) if format_ == "TLE" else (0.0, 0.0)
        for column in ("raan_deg", "mean_anomaly_deg", "inclination_deg"):
            assert np.abs(getattr(back, column) - getattr(design, column)).max() <= angle_deg
        gap_rad_min = np.abs(back.mean_motion_rad_min - design.mean_motion_rad_min)
        assert gap_rad_min.max() <= max(motion, np.spacing(design.mean_motion_rad_min[0]))


def test_published_real_lines_come_back_byte_for_byte(shared_reference: Path, tmp_path: Path) -> None:
    path = shared_reference / "elements" / "iridium-next-2025-01-24.txt"
    published = [line.rstrip() for line in path.read_text().splitlines() if line.strip()]
    written = write_tle(read_elements(path).fleet)
    assert [line.rstrip() for line in written.splitlines()] == published


def test_sgp4s_own_writer_and_reader_agree(real_fleet: Fleet, element_sets: Path, tmp_path: Path) -> None:
    fleet = real_fleet + read_elements(element_sets / "gpconf/corrupt-input/unedited-sets.tle").fleet
    rows = csv.DictReader(write_omm_csv(fleet).splitlines())
    lines = write_tle(fleet, name_lines=False).splitlines()
    for first, second, row in zip(lines[::2], lines[1::2], rows, strict=True):
        # It writes a second derivative of zero with the exponent -0, and the checksum with it.
        ours = Satrec.twoline2rv(first, second)
        theirs = exporter.export_tle(ours)
        assert (first[:44], second) == (theirs[0][:44], theirs[1])
        assert first[53:68] == theirs[0][53:68]
        read_back = Satrec()
        omm.initialize(read_back, row)
        assert read_back.satnum == ours.satnum
        for name in ("ecco", "inclo", "nodeo", "argpo", "mo", "no_kozai", "bstar", "jdsatepoch"):
            # Its reader of TLE rounds twice: two units in the last place.
            assert getattr(read_back, name) == pytest.approx(getattr(ours, name), rel=4.5e-16), name
        # Both are sums of a day and a fraction: 1e-11 d is their last bit.
        assert read_back.jdsatepochF == pytest.approx(ours.jdsatepochF, abs=1e-11)


def test_row_06_every_number_goes_into_omm_and_a_tle_refuses_large_ones_by_name(tmp_path: Path) -> None:
    numbers = (5, 99_999, 100_000, 339_999, 340_000, 999_999_999)
    base = Record("x", "", 1, 2_451_544.5, 0.0, 15.0, 0.0, 53.0, 0.0, 0.0, 0.0, 0.0)
    fleet = fleet_from([base._replace(catalog_number=number, name=f"S{number}") for number in numbers])
    for write in OMM_WRITERS.values():
        assert read(tmp_path, write(fleet)).catalog_numbers.tolist() == list(numbers)
    assert [place for place, _ in refusals(write_tle, fleet)] == ["S340000", "S999999999"]
    lines = write_tle(fleet[:4], name_lines=False).splitlines()
    assert [line[2:7] for line in lines[::2]] == ["00005", "99999", "A0000", "Z9999"]
    assert read(tmp_path, write_tle(fleet[:4])).catalog_numbers.tolist() == list(numbers[:4])


@pytest.mark.parametrize("format_", WRITERS)
def test_designed_satellites_are_refused_by_name_until_they_are_numbered(format_: str, design: Fleet) -> None:
    found = refusals(WRITERS[format_], design)
    assert [place for place, _ in found] == list(design.names)
    assert all("has no catalogue number; give first_number" in reason for _, reason in found)
    found = refusals(WRITERS[format_], design, first_number=10**9 - 2)
    assert [place for place, reason in found if "is not allowed; 1 to 999,999,999" in reason] == list(design.names[2:])


@pytest.mark.parametrize("format_", WRITERS)
def test_a_number_given_twice_is_refused(format_: str, design: Fleet, real_fleet: Fleet) -> None:
    fleet = real_fleet[:2] + design[:1]
    (first, _), (second, _) = refusals(WRITERS[format_], fleet, first_number=int(fleet.catalog_numbers[1]))
    assert (first, second) == (fleet.names[1], fleet.names[2])


@pytest.mark.parametrize("format_", WRITERS)
def test_members_of_a_formation_are_refused_by_name(format_: str, design: Fleet) -> None:
    radial_km = np.array([0.0, 0.1, 0.0, 0.0, -0.1, 0.0])
    flown = replace(design, offsets=replace(Offsets.none(6), radial_km=radial_km))
    found = refusals(WRITERS[format_], flown, first_number=300_000)
    assert [place for place, _ in found] == [design.names[1], design.names[4]]
    assert all("flies off the chief of its formation" in reason for _, reason in found)


def one(**changes: object) -> Fleet:
    """Return a fleet of one, read or designed with these values."""
    record = Record("x", "A", 1, 2_451_544.5, 0.0, 15.0, 0.0, 53.0, 0.0, 0.0, 0.0, 0.0, "2000-001A")
    published = {key: changes.pop(key) for key in PUBLISHED if key in changes}
    fleet = fleet_from([record])
    table = replace(fleet.published, **{key: (value,) for key, value in published.items()})
    return replace(fleet, **{key: (value,) for key, value in changes.items()}, published=table)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("epoch_jd", np.nan, "is in no year from 1 to 9999"),
        ("epoch_jd", np.inf, "is in no year from 1 to 9999"),
        ("epoch_jd", -1e9, "is in no year from 1 to 9999"),
        ("eccentricity_fraction", 1.0, "eccentricity 1 is not allowed"),
        ("mean_motion_rad_min", np.nan, "mean motion nan is not allowed"),
        ("mean_motion_rad_min", 1.0, "is not allowed; it must be between 0.004 and 17.05"),
        ("inclination_deg", 181.0, "inclination 181 is not allowed"),
        ("raan_deg", np.inf, "right ascension of the node inf is not allowed"),
        ("bstar_per_radius", np.nan, "B* nan is not allowed"),
        ("names", "A\nB", "holds characters that are not printed"),
        ("names", "A\0", "holds characters that are not printed"),
        ("names", "\u202eA", "holds characters that are not printed"),
        ("catalog_numbers", -1, "catalogue number -1 is not allowed"),
        ("designators", "2000-\t", "holds characters that are not printed"),
        ("classifications", "", "classification '' is not allowed"),
        ("classifications", "u", "classification 'u' is not allowed"),
        ("element_set_numbers", -1, "element set number -1 is not allowed"),
        ("revolutions", 10**9, "revolution number 1000000000 is not allowed"),
        ("mean_motion_dot_rev_d2", np.inf, "first derivative of the mean motion inf is not allowed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("format_", WRITERS)
def test_what_no_format_holds_is_refused(format_: str, column: str, value: object, reason: str) -> None:
    fleet = one(**{column: value})
    found = refusals(WRITERS[format_], fleet)
    assert {place for place, _ in found} == set(fleet.names)
    assert any(reason in text for _, text in found)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("epoch_jd", 2_435_838.5, "the epoch lies in 1956; a TLE holds 1957 to 2056"),
        ("epoch_jd", 2_472_364.5, "the epoch lies in 2057; a TLE holds 1957 to 2056"),
        ("designators", "1956-001A", "designator '1956-001A' is not such as 1998-067A"),
        ("designators", "2000-001ABCD", "designator '2000-001ABCD' is not"),
        ("designators", "a", "designator 'a' is not"),
        ("mean_motion_dot_rev_d2", 1.0, "is not between -1 and 1"),
        ("mean_motion_dot_rev_d2", -0.999999996, "is not between -1 and 1"),
        ("element_set_numbers", 10_000, "element set number 10000 is not allowed; 0 to 9999"),
        ("revolutions", 100_000, "revolution number 100000 is not allowed; 0 to 99999"),
    ],
)  # fmt: skip
def test_what_the_columns_of_a_tle_cannot_hold_is_refused(column: str, value: object, reason: str) -> None:
    ((place, found),) = refusals(write_tle, one(**{column: value}))
    assert place == "A"
    assert reason in found
    for write in OMM_WRITERS.values():
        assert write(one(**{column: value}))


@pytest.mark.parametrize(
    ("value", "columns"),
    # The columns of Spacetrack Report No. 3: a point before five digits, then a power of ten.
    [(0.0, " 00000+0"), (0.25634e-3, " 25634-3"), (-0.70517e-5, "-70517-5"), (1.2345, " 12345+1"), (0.1, " 10000+0"),
     (-123456.0, "-12346+6"), (1e-10, " 10000-9"), (1e-12, " 00100-9"), (4e-15, " 00000+0"), (0.999999, " 10000+1")],
)  # fmt: skip
def test_drag_terms_are_written_with_an_implied_point(value: float, columns: str) -> None:
    first, _ = write_tle(one(bstar_per_radius=value), name_lines=False).splitlines()
    assert first[53:61] == columns


def test_angles_and_epochs_that_round_up_are_carried(tmp_path: Path) -> None:
    fleet = one(raan_deg=359.99999, argument_of_perigee_deg=-0.5, mean_anomaly_deg=360.0, epoch_fraction=0.999999999)
    first, second = write_tle(fleet, name_lines=False).splitlines()
    # JD 2451544.5 is 2000-01-01, day 1; the fraction rounds to a whole day.
    assert first[18:32] == "00002.00000000"
    assert (second[17:25], second[34:42], second[43:51]) == ("  0.0000", "359.5000", "  0.0000")
    back = read(tmp_path, write_omm_csv(one(epoch_fraction=0.9999999999999)))
    assert (back.epoch_jd.tolist(), back.epoch_fraction.tolist()) == ([2_451_545.5], [0.0])


@pytest.mark.parametrize(
    "name", ["1 A", "2 A", "0 A", "1", "[DTC] A", "{A", "<html>", "A, B", "COMMENT A", "CCSDS_OMM_VERS = 2.0", "ÉTOILE",
             "A NAME OF MORE THAN TWENTY-FOUR COLUMNS", "EPOCH,MEAN_MOTION", 'A "B" & <C>', "a = b", "A [deg]"],
)  # fmt: skip
@pytest.mark.parametrize("format_", WRITERS)
def test_any_printed_name_comes_back(format_: str, name: str, tmp_path: Path) -> None:
    fleet = one(names=name)
    assert read(tmp_path, WRITERS[format_](fleet)).names == ("1",) if name == "1" else (name,)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@A"])
def test_row_28_a_name_that_a_spreadsheet_would_run_is_not_written_as_csv(name: str, tmp_path: Path) -> None:
    ((_, reason),) = refusals(write_omm_csv, one(names=name))
    assert "a spreadsheet would run" in reason
    assert read(tmp_path, write_omm_json(one(names=name))).names == (name,)


def test_names_that_were_made_unique_are_written_as_published(real_fleet: Fleet) -> None:
    unknown = [record.name for record in records_of(real_fleet) if record.catalog_number >= 270_000]
    assert set(unknown) == {"UNKNOWN"}
    base = records_of(one())[0]
    for published in (["", "A", "A", "A 7", "B"], ["A 1", "A"], ["A", "A", "A 2"], ["2", ""], ["A 1 1", "A 1", "A"]):
        records = [base._replace(catalog_number=i, name=name) for i, name in enumerate(published, start=1)]
        fleet = fleet_from(records)
        back = records_of(fleet)
        # However odd the names, what is written is read as the same fleet.
        assert fleet_from(back).names == fleet.names
        if published[-1] == "B":
            assert [record.name for record in back] == published


def test_without_name_lines_the_objects_go_by_their_numbers(design: Fleet, tmp_path: Path) -> None:
    text = write_tle(design, name_lines=False, first_number=80_000)
    assert text.count("\n") == 12
    assert read(tmp_path, text).names[0] == "80000"


def test_messages_say_who_made_them_and_when_where_that_is_told(design: Fleet, tmp_path: Path) -> None:
    made = {"originator": "A & B", "created": EPOCH, "first_number": 1}
    root = ET.fromstring(write_omm_xml(design, **made))  # noqa: S314 - written here
    assert [element.text for element in root[0][0]] == ["2026-06-21T00:00:00", "A & B"]
    assert "CREATION_DATE       = 2026-06-21T00:00:00\nORIGINATOR          = A & B\n" in write_omm_kvn(design, **made)
    assert len(read(tmp_path, write_omm_kvn(design, **made))) == 6
    for write in (write_omm_xml, write_omm_kvn):
        with pytest.raises(ValueError, match="has no time zone"):
            write(design, first_number=1, created=datetime(2026, 6, 21))  # noqa: DTZ001 - the fault
        with pytest.raises(ValueError, match="originator"):
            write(design, first_number=1, originator="A\nEPOCH = 1")


def test_omm_json_is_plain_json_with_numbers_and_csv_has_celestraks_columns(
    real_fleet: Fleet, element_sets: Path
) -> None:
    rows = json.loads(write_omm_json(real_fleet[:3]))
    published = (element_sets / "gpconf/corrupt-input/unedited-rows.csv").read_text().splitlines()[0]
    assert write_omm_csv(real_fleet).splitlines()[0] == published
    assert list(rows[0]) == published.split(",")
    assert {type(rows[0][key]) for key in ("MEAN_MOTION", "BSTAR")} == {float}
    assert isinstance(rows[0]["NORAD_CAT_ID"], int)


def test_no_satellites_are_no_lines(design: Fleet) -> None:
    nobody = design[[]]
    assert (write_tle(nobody), json.loads(write_omm_json(nobody))) == ("", [])


FLOATS = {"allow_nan": False, "allow_infinity": False}
NUMBERS = st.integers(1, 339_999)
RECORDS = st.builds(
    Record,
    place=st.just("x"),
    name=st.text(st.characters(categories=["L", "N", "P", "Sm"]), max_size=30),
    catalog_number=NUMBERS,
    epoch_jd=st.integers(2_435_840, 2_472_363).map(lambda day: day - 0.5),
    epoch_fraction=st.integers(0, 86_400 * 10**6 - 1).map(lambda us: us / (86_400 * 10**6)),
    mean_motion_rev_d=st.floats(0.01, 17.0, **FLOATS),
    eccentricity_fraction=st.floats(0.0, 0.9999999, **FLOATS),
    inclination_deg=st.floats(0.0, 180.0, **FLOATS),
    raan_deg=st.floats(-360.0, 360.0, **FLOATS),
    argument_of_perigee_deg=st.floats(-360.0, 360.0, **FLOATS),
    mean_anomaly_deg=st.floats(-360.0, 360.0, **FLOATS),
    bstar_per_radius=st.floats(-1e6, 1e6, **FLOATS),
    designator=st.sampled_from(["", "1957-001A", "1998-067A", "2000-999ZZZ", "2056-100BC"]),
    classification=st.sampled_from("UCS"),
    mean_motion_dot_rev_d2=st.floats(-0.99, 0.99, **FLOATS),
    mean_motion_ddot_rev_d3=st.floats(-1e6, 1e6, **FLOATS),
    element_set_number=st.integers(0, 9_999),
    revolution=st.integers(0, 99_999),
)
FLEETS = st.lists(RECORDS, min_size=1, max_size=4, unique_by=lambda record: record.catalog_number).map(fleet_from)
READING = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@READING
@given(fleet=FLEETS)
def test_any_fleet_comes_back_from_omm(fleet: Fleet, tmp_path: Path) -> None:
    for write in (write_omm_json, write_omm_xml, write_omm_kvn):
        back = read(tmp_path, write(fleet))
        for column in EXACT:
            assert listed(back, column) == listed(fleet, column), column
        for column in PUBLISHED:
            assert listed(back.published, column) == listed(fleet.published, column), column


@READING
@given(fleet=FLEETS)
def test_any_fleet_comes_back_from_a_tle_at_the_precision_of_its_columns(fleet: Fleet, tmp_path: Path) -> None:
    text = write_tle(fleet)
    back = read(tmp_path, text)
    assert (back.names, listed(back, "catalog_numbers")) == (fleet.names, listed(fleet, "catalog_numbers"))
    gap_d = (back.epoch_jd - fleet.epoch_jd) + (back.epoch_fraction - fleet.epoch_fraction)
    assert np.abs(gap_d).max() <= 0.5e-8 + 1e-15
    assert np.abs(back.mean_motion_rad_min - fleet.mean_motion_rad_min).max() <= 0.5e-8 * 2 * np.pi / 1440 * 1.000001
    cut = fleet.eccentricity_fraction - back.eccentricity_fraction
    assert cut.min() >= -1e-12
    assert cut.max() <= 1e-7
    for column in ("inclination_deg", "raan_deg", "argument_of_perigee_deg", "mean_anomaly_deg"):
        turned = (getattr(back, column) - getattr(fleet, column) + 180.0) % 360.0 - 180.0
        assert np.abs(turned).max() <= 0.5e-4 + 1e-9
    # Five digits: half of the last one is at most 5e-5 of the value, and at most 5e-15 where the power ends.
    drag = np.abs(back.bstar_per_radius - fleet.bstar_per_radius)
    assert (drag <= np.maximum(5.001e-5 * np.abs(fleet.bstar_per_radius), 5.001e-15)).all()
    for column in ("designators", "classifications", "element_set_numbers", "revolutions"):
        assert listed(back.published, column) == listed(fleet.published, column)
    # What was written once is written again the same.
    assert write_tle(back) == text


def test_a_blank_table_of_what_is_published_stands_for_a_designed_satellite(design: Fleet) -> None:
    assert listed(design.published, "classifications") == listed(Published.none(6), "classifications")
    lines = write_tle(design, first_number=300_000).splitlines()
    assert lines[1][7:17] == "U         "
