"""Whatever a file holds, reading it ends in a fleet or in a refusal: all six formats, random and damaged texts."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.errors import ElementSetError
from planner.orbit import (
    bundled_element_sets,
    read_elements,
    write_omm_csv,
    write_omm_json,
    write_omm_kvn,
    write_omm_xml,
    write_tle,
)

FLEET = read_elements(bundled_element_sets() / "gpconf" / "corrupt-input" / "unedited-sets.tle").fleet
WHOLE = {
    "two-line sets": write_tle(FLEET, name_lines=False),
    "three-line sets": write_tle(FLEET),
    "OMM CSV": write_omm_csv(FLEET),
    "OMM JSON": write_omm_json(FLEET),
    "OMM XML": write_omm_xml(FLEET),
    "OMM KVN": write_omm_kvn(FLEET),
}
READING = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
FORMATS = pytest.mark.parametrize("format_", WHOLE)
TOKENS = st.sampled_from(
    ["<", ">", "&", "<!DOCTYPE a [", "<omm>", "</omm>", "<![CDATA[", "<!--", "=", "[", "]", "{", "}", '"', ",", "\n",
     "\r", "COMMENT", "CCSDS_OMM_VERS = 2.0\n", "EPOCH", "1 ", "2 ", "NaN", "1e999", "\0", "\ufeff", "９", "null"]
)  # fmt: skip
DAMAGE = st.lists(
    st.tuples(st.floats(0.0, 1.0), st.integers(0, 40), st.one_of(st.text(max_size=20), TOKENS)), min_size=1, max_size=4
)


def read_or_refuse(folder: Path, content: bytes) -> None:
    path = folder / "sets"
    path.write_bytes(content)
    for skip_faulty in (False, True):
        try:
            file = read_elements(path, skip_faulty=skip_faulty)
        except ElementSetError as error:
            assert error.problems
            assert all(problem.place.startswith(str(path)) and problem.reason for problem in error.problems)
        else:
            assert len(file.fleet) == len(set(file.fleet.names)) > 0
            assert skip_faulty or not file.refused


@READING
@given(damage=DAMAGE)
@FORMATS
def test_a_damaged_file_is_read_or_refused(format_: str, damage: list[tuple[float, int, str]], tmp_path: Path) -> None:
    text = WHOLE[format_]
    for where, length, put in damage:
        at = int(where * len(text))
        text = text[:at] + put + text[at + length :]
    read_or_refuse(tmp_path, text.encode("utf-8", "surrogatepass"))


@READING
@given(where=st.floats(0.0, 1.0), put=st.binary(max_size=8), length=st.integers(0, 8))
@FORMATS
def test_a_file_with_damaged_bytes_is_read_or_refused(
    format_: str, where: float, put: bytes, length: int, tmp_path: Path
) -> None:
    for whole in (WHOLE[format_].encode(), WHOLE[format_].encode("utf-16")):
        at = int(where * len(whole))
        read_or_refuse(tmp_path, whole[:at] + put + whole[at + length :])


@READING
@given(before=st.text(max_size=30), after=st.text(max_size=60))
@FORMATS
def test_text_around_a_file_is_read_or_refused(format_: str, before: str, after: str, tmp_path: Path) -> None:
    read_or_refuse(tmp_path, (before + WHOLE[format_] + after).encode("utf-8", "surrogatepass"))


@READING
@given(text=st.one_of(st.text(max_size=400), st.lists(TOKENS, max_size=30).map("".join)))
def test_any_text_is_read_or_refused(text: str, tmp_path: Path) -> None:
    read_or_refuse(tmp_path, text.encode("utf-8", "surrogatepass"))


@FORMATS
def test_a_file_cut_off_anywhere_is_refused_or_right_as_far_as_it_goes(format_: str, tmp_path: Path) -> None:
    text = WHOLE[format_]
    for cut in (*range(0, len(text), 7), *range(len(text) - 40, len(text))):
        path = tmp_path / "cut"
        path.write_text(text[:cut], encoding="utf-8")
        try:
            file = read_elements(path)
        except ElementSetError:
            continue
        # The last value of a file that lost its end may be cut too: then a note says so.
        assert file.notes or file.fleet.bstar_per_radius.tolist() == FLEET.bstar_per_radius[: len(file.fleet)].tolist()
