"""Every bundled file is the one that its folder's PROVENANCE.toml describes."""

import gzip
import hashlib
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from planner.errors import ElementSetError
from planner.orbit import bundled_element_sets, read_elements
from planner.times import ORDINAL_ZERO_JD

FOLDERS = ("gpconf", "sgp4-verification")
FILES = [
    pytest.param(folder, entry, id=f"{folder}/{entry['path']}")
    for folder in FOLDERS
    for entry in tomllib.loads((bundled_element_sets() / folder / "PROVENANCE.toml").read_text())["file"]
]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_of_a_folder_has_its_provenance_and_licence(folder: str, element_sets: Path) -> None:
    root = element_sets / folder
    document = tomllib.loads((root / "PROVENANCE.toml").read_text())
    listed = {entry["path"] for entry in document["file"]}
    present = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert present - {"PROVENANCE.toml"} == listed
    assert "LICENSE" in listed
    assert {"package", "version", "licence", "copyright"} <= document["source"].keys()
    assert all({"kind", "what", "source", "sha256"} <= entry.keys() for entry in document["file"])


def test_no_folder_of_element_sets_is_without_provenance(element_sets: Path) -> None:
    assert {path.name for path in element_sets.iterdir() if path.is_dir()} == set(FOLDERS)


@pytest.mark.parametrize(("folder", "entry"), FILES)
def test_a_bundled_file_is_what_its_provenance_says(folder: str, entry: dict, element_sets: Path) -> None:
    path = element_sets / folder / entry["path"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    if "sha256_unpacked" in entry:
        assert hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest() == entry["sha256_unpacked"]
    if entry["kind"] == "corrupt":
        with pytest.raises(ElementSetError):
            read_elements(path)
    if entry["kind"] == "elements":
        fleet = read_elements(path).fleet
        assert len(fleet) == entry["objects"]
        epochs = sorted(zip(fleet.epoch_jd, fleet.epoch_fraction, strict=True))
        for (jd, fraction), stated in zip(
            (epochs[0], epochs[-1]), (entry["epoch_first"], entry["epoch_last"]), strict=True
        ):
            midnight = datetime.fromordinal(int(jd - ORDINAL_ZERO_JD)).replace(tzinfo=UTC)
            assert abs(midnight + timedelta(days=fraction) - stated) <= timedelta(microseconds=1)


def test_the_package_carries_at_least_300_real_objects(element_sets: Path) -> None:
    names = ("alpha5-A-last-30-days-snapshot.tle", "alpha5-T-analyst-27xxxx-snapshot.tle")
    fleets = [read_elements(element_sets / "gpconf" / "alpha5-tle" / name).fleet for name in names]
    assert [len(fleet) for fleet in fleets] == [256, 346]
