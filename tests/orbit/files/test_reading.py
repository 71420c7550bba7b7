"""Element-set files as a whole: reliability rows 7, 10, 11, 13, 14 and 22, names, and real catalogues."""

import gzip
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planner.orbit.files.reading
from planner.errors import DataIntegrityError, ElementSetError
from planner.orbit import bundled_element_sets, element_age_d, read_elements, staleness_note

ISS = """ISS (ZARYA)
1 25544U 98067A   98324.28472222 -.00003657  11563-4  00000+0 0    10
2 25544  51.5908 168.3788 0125362  86.4185 359.7454 16.05064833    05
"""
# The same a day later, checksum set right.
LATER = ISS.replace("98324.28472222", "98325.28472222").replace("0    10", "0    11")


def write(folder: Path, content: str | bytes, name: str = "sets.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ElementSetError) as caught:
        read_elements(path)
    return str(caught.value)


def test_row_07_the_newest_of_two_epochs_is_used_with_a_note(tmp_path: Path) -> None:
    for text in (ISS + LATER, LATER + ISS):
        path = write(tmp_path, text)
        file = read_elements(path)
        # Day 325 of 1998 is 21 November, JD 2451138.5.
        assert file.fleet.epoch_jd.tolist() == [2451138.5]
        assert file.notes == (
            f"{path}: several epochs of one object: only the newest is used: 25544 of 1998-11-21T06:49:59Z",
        )


def test_row_07_identical_rows_are_collapsed_with_a_note(tmp_path: Path) -> None:
    path = write(tmp_path, ISS * 3)
    file = read_elements(path)
    assert len(file.fleet) == 1
    assert file.notes == (f"{path}: identical rows of one object collapsed: 25544",)


def test_row_07_of_different_rows_at_one_epoch_the_last_is_used_with_a_note(tmp_path: Path) -> None:
    path = write(tmp_path, ISS + ISS.replace("168.3788", "168.3797"))
    file = read_elements(path)
    assert file.fleet.raan_deg.tolist() == [168.3797]
    assert "different elements of one object at one epoch: the last in the file is used: 25544" in file.notes[0]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "the file is empty"),
        (" \r\n\n", "the file is empty"),
        ("No GP data found", "it says 'No GP data found'"),
        ("<!DOCTYPE html>\n<html>1 2\n1 x\n</html>", "web page"),
        ("<?xml version='1.0'?><ndm></ndm>", "no objects in it"),
        ("<html><body>ndm</body></html>", "web page"),
        ("CCSDS_OEM_VERS = 2.0\n", "it says 'CCSDS_OEM_VERS = 2.0'"),
        ("[]", "no objects in it"),
        ("EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,MEAN_ANOMALY,BSTAR,NORAD_CAT_ID",
         "no objects in it"),
    ],
)  # fmt: skip
def test_row_10_a_file_without_element_sets_is_refused_saying_so(content: str, what: str, tmp_path: Path) -> None:
    message = refusal(write(tmp_path, content))
    assert "no element sets found" in message
    assert what in message
    assert "TLE, 3LE or OMM (CSV, JSON, XML or key-value notation) is needed" in message


def test_row_11_the_age_of_elements_is_counted_in_days_against_the_start(element_sets: Path) -> None:
    fleet = read_elements(element_sets / "gpconf/alpha5-tle/alpha5-A-100000-saramago-first.tle").fleet
    # Epoch 26195.90649229: day 195 of 2026 is 14 July.
    epoch = datetime(2026, 7, 14, tzinfo=UTC) + timedelta(days=0.90649229)
    # A datetime holds microseconds, 1.2e-11 d.
    assert element_age_d(fleet, epoch + timedelta(days=20))[0] == pytest.approx(20.0, abs=2e-11)
    assert staleness_note(fleet, epoch + timedelta(days=13.9)) == ""
    assert "1 of 1 element sets lie more than 14 d" in staleness_note(fleet, epoch + timedelta(days=20))
    assert "SARAMAGO, is 20.0 d older than it" in staleness_note(fleet, epoch + timedelta(days=20))
    assert "SARAMAGO, is 20.0 d ahead of it" in staleness_note(fleet, epoch - timedelta(days=20))
    assert staleness_note(fleet[[]], epoch) == ""


@pytest.mark.parametrize(
    "content",
    [
        ISS.replace("\n", "\r\n").encode(),
        ISS.replace("\n", "   \t\n").encode(),
        b"\xef\xbb\xbf" + ISS.encode(),
        ISS.encode("utf-16"),
        b"\xfe\xff" + ISS.encode("utf-16-be"),
        ISS.replace("\n", "\r").encode(),
        ISS.replace("\n", "\n\n").encode(),
        ISS.rstrip().encode(),
    ],
    ids=["crlf", "trailing blanks", "bom", "utf-16", "utf-16-be", "cr", "blank lines", "no last line end"],
)
def test_row_13_line_ends_marks_and_trailing_blanks_do_not_matter(content: bytes, tmp_path: Path) -> None:
    file = read_elements(write(tmp_path, content))
    assert file.fleet.names == ("ISS (ZARYA)",)
    assert file.fleet.raan_deg.tolist() == [168.3788]
    assert file.notes == ()


def test_row_14_a_nul_is_refused_with_its_line(tmp_path: Path) -> None:
    assert ":2: a NUL character" in refusal(write(tmp_path, ISS.replace("98067A", "98067\0")))


def test_row_14_invalid_utf_8_and_utf_16_are_refused_with_the_line(tmp_path: Path) -> None:
    assert ":2: bytes that are not UTF-8" in refusal(write(tmp_path, ISS.encode().replace(b"98067A", b"98067\xff")))
    assert "bytes that are not UTF-16" in refusal(write(tmp_path, ISS.encode("utf-16") + b"\x00"))


@pytest.mark.parametrize(
    ("content", "kind", "fix"),
    [
        (gzip.compress(bytes(10_000_000)), "gzip", "gunzip it first"),
        (b"PK\x03\x04" + bytes(100), "zip", "unzip it first"),
        (b"BZh9" + bytes(100), "bzip2", "bunzip2"),
        (b"\xfd7zXZ\0", "xz", "unxz"),
        (b"\x28\xb5\x2f\xfd", "zstandard", "unzstd"),
        (b"\x80\x04\x95", "pickled", "as text"),
    ],
)
def test_row_22_packed_files_are_refused_before_expansion_with_a_fix(
    content: bytes, kind: str, fix: str, tmp_path: Path
) -> None:
    message = refusal(write(tmp_path, content, "sets.tle"))
    assert f"is a {kind}" in message
    assert fix in message


def test_a_file_that_is_absent_a_folder_or_a_pipe_is_refused(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refusal(tmp_path / "absent.tle")
    assert "is not a regular file" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in refusal(tmp_path / "pipe")


def test_a_file_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner.orbit.files.reading, "MAXIMUM_FILE_MB", 0.0001)
    assert "at most 0.0001 MB are read" in refusal(write(tmp_path, ISS))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=st.binary(max_size=60), after=st.binary(max_size=60), cut=st.integers(0, len(ISS)))
def test_no_bytes_get_past_as_anything_but_a_fleet_or_a_refusal(
    before: bytes, after: bytes, cut: int, tmp_path: Path
) -> None:
    path = write(tmp_path, before + ISS[:cut].encode() + after)
    try:
        fleet = read_elements(path).fleet
    except ElementSetError as error:
        assert all(problem.place.startswith(str(path)) for problem in error.problems)
    else:
        assert fleet.catalog_numbers.tolist() == [25544]


def test_every_problem_of_a_file_is_listed(tmp_path: Path) -> None:
    bad = ISS.replace("51.5908", "51,5908")
    path = write(tmp_path, bad + ISS + bad)
    assert [line.split(": ")[0] for line in refusal(path).splitlines()] == [f"{path}:3", f"{path}:9"]


def test_names_that_repeat_get_the_catalogue_number(element_sets: Path) -> None:
    fleet = read_elements(element_sets / "gpconf/alpha5-tle/alpha5-T-analyst-27xxxx-snapshot.tle").fleet
    assert len(fleet) == 346
    assert len(set(fleet.names)) == 346
    assert fleet.names[0] == "UNKNOWN 270000"


def test_a_name_made_unique_does_not_meet_another(tmp_path: Path) -> None:
    header = "OBJECT_NAME,NORAD_CAT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,"
    rest = "2026-01-01T00:00:00,15,0,53,0,0,0,0\n"
    rows = "".join(f"{name},{number},{rest}" for name, number in (("A", 1), ("A", 2), ("A 1", 7), ("", 8)))
    fleet = read_elements(write(tmp_path, header + "MEAN_ANOMALY,BSTAR\n" + rows)).fleet
    assert fleet.names == ("A 1 1", "A 2", "A 1 7", "8")


def test_an_object_whose_perigee_lies_below_the_ground_is_read(tmp_path: Path) -> None:
    # Published sets hold objects in their last days. 16.9 revolutions a day are a = 6,413 km; the perigee is 0.9 of it.
    decaying = ISS.replace("16.05064833    05", "16.90000000    01").replace("0125362", "1000000")
    lines = decaying.splitlines()
    lines[2] = lines[2][:68] + str(sum(int(c) if c.isdigit() else c == "-" for c in lines[2][:68]) % 10)
    fleet = read_elements(write(tmp_path, "\n".join(lines))).fleet
    perigee_km = fleet.semi_major_axis_km[0] * (1.0 - fleet.eccentricity_fraction[0])
    assert perigee_km < 5_800.0


def test_a_set_is_read_whatever_its_name_looks_like(tmp_path: Path) -> None:
    for name in ("[DTC] 1", "{X}", "<ndm>", "EPOCH,MEAN_MOTION", "CCSDS_OMM_VERS = 2.0"):
        file = read_elements(write(tmp_path, ISS.replace("ISS (ZARYA)", name)))
        assert (file.format, file.fleet.names) == ("TLE", (name,))


def test_faulty_sets_are_left_out_only_when_asked_and_never_all_of_them(tmp_path: Path) -> None:
    bad = ISS.replace("51.5908", "51,5908")
    path = write(tmp_path, bad + ISS)
    file = read_elements(path, skip_faulty=True)
    assert (len(file.fleet), [problem.place for problem in file.refused]) == (1, [f"{path}:3"])
    assert file.notes == (f"{path}: element sets with faults are left out; faults: 1",)
    assert read_elements(write(tmp_path, ISS), skip_faulty=True).refused == ()
    with pytest.raises(ElementSetError):
        read_elements(write(tmp_path, bad), skip_faulty=True)


def test_satellites_read_from_a_file_are_planes_of_their_own(element_sets: Path) -> None:
    path = element_sets / "gpconf/corrupt-input/unedited-sets.tle"
    fleet = read_elements(path, rack_type="nvl72_120kw").fleet
    assert fleet.planes.tolist() == [0, 1, 2]
    assert fleet.shells == ("unedited-sets",) * 3
    assert fleet.rack_types == ("nvl72_120kw",) * 3
    named = read_elements(path, shell="real")  # noqa: S604 - a shell of satellites
    assert named.fleet.shells == ("real",) * 3


def test_the_bundled_sets_are_found_in_a_wheel_a_checkout_or_not_at_all(
    element_sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "site" / "planner" / "orbit" / "files" / "reading.py"
    monkeypatch.setattr(planner.orbit.files.reading, "__file__", str(module))
    with pytest.raises(DataIntegrityError, match="reinstall the package"):
        bundled_element_sets()
    installed = tmp_path / "site" / "planner" / "data" / "tle"
    installed.mkdir(parents=True)
    shutil.copy(element_sets / "README.md", installed)
    assert bundled_element_sets() == installed


def test_hypatias_satellites_are_read(shared_reference: Path) -> None:
    fleet = read_elements(shared_reference / "hypatia" / "satellites.tle").fleet
    assert len(fleet) == 72 * 22
    assert fleet.names[1] == "Starlink-550 1"
    # Epoch 2000-01-01 00:00 UTC, 15.19 revolutions a day, as its README says.
    assert set(zip(fleet.epoch_jd.tolist(), fleet.epoch_fraction.tolist(), strict=True)) == {(2451544.5, 0.0)}
    assert fleet.mean_motion_rad_min == pytest.approx(15.19 * np.pi / 720)


@pytest.mark.parametrize(
    ("name", "objects", "largest"),
    [
        ("active-2026-07-19.omm.csv.gz", 16_066, 100_082),
        ("starlink-2026-05-24.tle.gz", 10_356, 69_048),
        ("starlink-2023-03-17.crlf.tle.gz", 3_770, 55_791),
        ("oneweb-2026-05-30.tle.gz", 651, 61_613),
        ("iridium-next-2025-01-24.txt", 80, 56_730),
        ("gps-ops.txt", 31, 43_873),
    ],
)
def test_real_catalogues_load_whole(
    name: str, objects: int, largest: int, shared_reference: Path, tmp_path: Path
) -> None:
    path = shared_reference / "elements" / name
    if name.endswith(".gz"):
        assert "gunzip it first" in refusal(path)
        path = write(tmp_path, gzip.decompress(path.read_bytes()))
    file = read_elements(path)
    # Objects as the files' own line counts give them: lines of CSV less the header, lines of 3LE by three.
    assert len(file.fleet) == objects
    assert file.fleet.catalog_numbers.max() == largest
    assert file.notes == ()
    assert len(set(file.fleet.names)) == objects
