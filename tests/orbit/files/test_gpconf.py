"""Every answer that gpconf, the conformance corpus of element-set formats, expects: reliability rows 5 and 6.

Its expected answers are carried in ``tle/gpconf/fixtures`` and its own files beside them. What publishers served is
not (only gpconf's user may fetch it), so records of such files are laid out here from their expected values, in every
format the way CelesTrak lays them out.

What differs from gpconf's expectation is here, and nowhere else:

- ``empty-answer-yields-no-records``: a file that says "No GP data found" is refused, not read as an empty fleet; a plan
  with nothing in it would only fail later (reliability row 10).
- ``v05`` of ``kvn-syntax-variants``: what its message leaves out (class, set and revolution numbers) is U and 0 in a
  fleet, whose columns have no "absent"; its missing catalogue number is 0, said in a note.
- ``corrupt-input-neighbours-load``: one corrupt set refuses its file unless ``skip_faulty`` asks for the others.
- ``satcat-70000-cutoff``: the satellite catalogue (SATCAT) is no element set and is not read.
- ``nine-digit-supgp-launch-nominals`` and ``supgp-celestrak-classification-c`` hold no values to compare (gpconf keeps
  them back); what they say of numbers, classes and extra keywords is shown with other values.
"""

import gzip
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from planner.errors import ElementSetError
from planner.orbit import Fleet, bundled_element_sets, read_elements, write_tle
from planner.orbit.files.omm import utc_epoch
from planner.orbit.files.records import Record, records_of
from planner.orbit.files.tle import checksum

GPCONF = bundled_element_sets() / "gpconf"
CASES = tuple(sorted(path.name.removesuffix(".json.gz") for path in (GPCONF / "fixtures").iterdir()))
COLUMNS = {
    "OBJECT_NAME": "object_name",
    "OBJECT_ID": "object_id",
    "EPOCH": "epoch",
    "MEAN_MOTION": "mean_motion",
    "ECCENTRICITY": "eccentricity",
    "INCLINATION": "inclination",
    "RA_OF_ASC_NODE": "ra_of_asc_node",
    "ARG_OF_PERICENTER": "arg_of_pericenter",
    "MEAN_ANOMALY": "mean_anomaly",
    "EPHEMERIS_TYPE": "ephemeris_type",
    "CLASSIFICATION_TYPE": "classification_type",
    "NORAD_CAT_ID": "norad_cat_id",
    "ELEMENT_SET_NO": "element_set_no",
    "REV_AT_EPOCH": "rev_at_epoch",
    "BSTAR": "bstar",
    "MEAN_MOTION_DOT": "mean_motion_dot",
    "MEAN_MOTION_DDOT": "mean_motion_ddot",
}
DECIMALS = {
    "mean_motion": "mean_motion_rev_d",
    "eccentricity": "eccentricity_fraction",
    "inclination": "inclination_deg",
    "ra_of_asc_node": "raan_deg",
    "arg_of_pericenter": "argument_of_perigee_deg",
    "mean_anomaly": "mean_anomaly_deg",
    "bstar": "bstar_per_radius",
    "mean_motion_dot": "mean_motion_dot_rev_d2",
    "mean_motion_ddot": "mean_motion_ddot_rev_d3",
}
METADATA = {"CENTER_NAME": "EARTH", "REF_FRAME": "TEME", "TIME_SYSTEM": "UTC", "MEAN_ELEMENT_THEORY": "SGP/SGP4"}
SERIALISERS = ("csv", "json", "xml", "kvn")


@cache
def expected(case: str) -> dict[str, Any]:
    return json.loads(gzip.decompress((GPCONF / "fixtures" / f"{case}.json.gz").read_bytes()))


def texts(canonical: dict[str, Any], **more: str) -> dict[str, str]:
    """Return the keywords of one record as CelesTrak writes them: no zero before the point, nothing for a None."""
    row = {key: "" if canonical[name] is None else str(canonical[name]) for key, name in COLUMNS.items()}
    for key, name in COLUMNS.items():
        if name in DECIMALS and row[key].lstrip("-").startswith("0."):
            row[key] = row[key].replace("0.", ".", 1)
    return row | more


def laid_out(rows: list[dict[str, str]], kind: str) -> str:
    """Return records in a format, laid out as CelesTrak does; CSV and JSON without the constant metadata."""
    if kind == "csv":
        quoted = (",".join(f'"{text}"' if "," in text else text for text in row.values()) for row in rows)
        return "".join(line + "\r\n" for line in (",".join(rows[0]), *quoted))
    if kind == "json":
        words = {"OBJECT_NAME", "OBJECT_ID", "EPOCH", "CLASSIFICATION_TYPE", "DATA_SOURCE"}
        number = {True: int, False: float}
        return json.dumps(
            [{key: t if key in words else number[t.isdigit()](t) for key, t in row.items()} for row in rows]
        )
    if kind == "kvn":
        head = {"CCSDS_OMM_VERS": "2.0", "CREATION_DATE": "", "ORIGINATOR": ""} | METADATA
        return "".join(f"{key:<20}= {text}\r\n" for row in rows for key, text in (head | row).items())
    return "<ndm>" + "".join(as_xml(row) for row in rows) + "</ndm>"


def as_xml(row: dict[str, str], version: str = "2.0") -> str:
    def block(name: str, values: dict[str, str]) -> str:
        inner = "".join(f"<{key}>{text}</{key}>" if text else f"<{key}/>" for key, text in values.items())
        return f"<{name}>{inner}</{name}>"

    keys = list(row)
    cut, end = keys.index("EPOCH"), keys.index("EPHEMERIS_TYPE")
    metadata = {key: row[key].replace("&", "&amp;") for key in keys[:cut]} | METADATA
    elements = block("meanElements", {key: row[key] for key in keys[cut:end]})
    parameters = block("tleParameters", {key: row[key] for key in keys[end:]})
    header = "<header><CREATION_DATE></CREATION_DATE><ORIGINATOR/></header>"
    segment = f"<segment>{block('metadata', metadata)}<data>{elements}{parameters}</data></segment>"
    return f'<omm id="CCSDS_OMM_VERS" version="{version}">{header}<body>{segment}</body></omm>'


def read(folder: Path, text: str) -> Fleet:
    path = folder / "sets"
    path.write_text(text, encoding="utf-8", newline="")
    return read_elements(path).fleet


def require_equal(record: Record, canonical: dict[str, Any], **changed: str) -> None:
    """Compare a record with the expected values, to the last bit of the float that an exact decimal stands for."""
    want = canonical | changed
    assert record.catalog_number == want["norad_cat_id"]
    assert record.name == (want["object_name"] or "")
    assert record.designator == (want["object_id"] or "")
    assert (record.epoch_jd, record.epoch_fraction) == utc_epoch(want["epoch"])
    for name, column in DECIMALS.items():
        assert getattr(record, column) == float(want[name]), (name, want)
    assert record.classification == want["classification_type"]
    assert (record.element_set_number, record.revolution) == (want["element_set_no"], want["rev_at_epoch"])


def sets_of(case: str) -> list[list[dict[str, Any]]]:
    """Return the expected records of a case, file by file: a file holds an object once."""
    files: dict[Any, list[dict[str, Any]]] = {}
    for entry in expected(case)["records"]:
        key = (entry.get("set"), entry.get("file"), entry.get("derived_file"), entry.get("from_file"))
        files.setdefault(key, []).append(entry)
    return list(files.values())


def canonical_of(entry: dict[str, Any]) -> dict[str, Any]:
    return entry.get("canonical") or entry["expected"]


WITH_RECORDS = [case for case in CASES if expected(case)["records"]]
WITHOUT_RECORDS = {
    "alpha5-encoding-vectors": "vectors; tests named row 5 here and in test_tle.py, rows 6 and 9 in test_omm.py",
    "csv-json-omitted-mandatory-fields": "what CSV and JSON leave out; every record is laid out without it here",
    "mean-motion-derivative-convention": "pairs of texts; tested here",
    "nine-digit-supgp-launch-nominals": "no values; tested here with others",
    "omm-xml-schema": "versions of the schema; tested here",
    "satcat-70000-cutoff": "no element sets",
    "supgp-celestrak-classification-c": "no values; tested here with others",
    "tle-vs-omm-precision-loss": "pairs of texts; tested here",
}


def test_every_case_of_the_corpus_is_compared() -> None:
    assert len(CASES) == 18
    assert {*WITH_RECORDS, *WITHOUT_RECORDS} == set(CASES)
    assert sum(len(expected(case)["records"]) for case in WITH_RECORDS) == 2440


@pytest.mark.parametrize("kind", SERIALISERS)
@pytest.mark.parametrize("case", WITH_RECORDS)
def test_every_expected_record_is_read_from_every_format_of_omm(case: str, kind: str, tmp_path: Path) -> None:
    for entries in sets_of(case):
        wanted = [canonical_of(entry) for entry in entries if canonical_of(entry)["norad_cat_id"] > 0]
        fleet = read(tmp_path, laid_out([texts(want) for want in wanted], kind))
        for record, want in zip(records_of(fleet), wanted, strict=True):
            require_equal(record, want)


def tle_entries(case: str) -> Iterable[tuple[dict[str, Any], dict[str, str]]]:
    """Yield the expected values and the expected columns of the records that a TLE holds."""
    for entry in expected(case)["records"]:
        fields = entry.get("reference_tle_fields") or entry.get("by_format", {}).get("tle", {}).get("fields")
        if fields:
            yield canonical_of(entry), fields


WITH_TLE = [case for case in WITH_RECORDS if next(iter(tle_entries(case)), None)]
FIELDS = {
    "catalog_field": (0, 2, 7),
    "intl_designator_field": (0, 9, 17),
    "epoch_field": (0, 18, 32),
    "ndot_field": (0, 33, 43),
    "nddot_field": (0, 44, 52),
    "bstar_field": (0, 53, 61),
    "ephemeris_type_field": (0, 62, 63),
    "element_set_field": (0, 64, 68),
    "ecc_field": (1, 26, 33),
    "rev_field": (1, 63, 68),
}
"""Line and columns, from 0, of each field."""


@pytest.mark.parametrize("case", WITH_TLE)
def test_row_05_every_expected_tle_is_written_as_the_publisher_writes_it(case: str, tmp_path: Path) -> None:
    for canonical, fields in tle_entries(case):
        fleet = read(tmp_path, laid_out([texts(canonical)], "csv"))
        lines = write_tle(fleet, name_lines=False).splitlines()
        for name, (line, first, stop) in FIELDS.items():
            if name in fields:
                assert lines[line][first:stop] == fields[name], (canonical["norad_cat_id"], name)
        assert lines[1][2:7] == fields["catalog_field"]
        assert [len(line) for line in lines] == [69, 69]
        # The publisher's checksums, where gpconf gives them, cover the columns that it does not.
        assert [line[68] for line in lines] == fields.get("checksum_written", [str(checksum(line)) for line in lines])


ALPHA5_FILES = sorted({entry["derived_file"] for entry in expected("alpha5-tle-derived")["records"]})


@pytest.mark.parametrize("name", ALPHA5_FILES)
def test_row_05_alpha_5_files_are_read_and_written_byte_for_byte(name: str) -> None:
    path = GPCONF / "alpha5-tle" / name
    fleet = read_elements(path).fleet
    entries = [entry for entry in expected("alpha5-tle-derived")["records"] if entry["derived_file"] == name]
    for record, entry in zip(records_of(fleet), entries, strict=True):
        # A TLE has a name of 24 columns at most and fewer digits.
        lost = entry["by_format"]["tle"]["differs_from_omm"] | {"object_name": entry["canonical"]["object_name"][:24]}
        require_equal(record, entry["canonical"], **lost)
        assert record.catalog_number == entry["alpha5"]["decodes_to"]
    assert write_tle(fleet).replace("\n", "\r\n").encode() == path.read_bytes()


def test_row_06_numbers_that_a_tle_cannot_hold_are_refused_by_name(tmp_path: Path) -> None:
    inputs = expected("tle-writer-alpha5")["records"]
    refused = [entry["canonical"] for entry in inputs if not entry["representable_in_tle"]]
    assert [canonical["norad_cat_id"] for canonical in refused] == [340_000, 799_501_621, -1]
    fleet = read(tmp_path, laid_out([texts(canonical) for canonical in refused[:2]], "csv"))
    with pytest.raises(ElementSetError) as caught:
        write_tle(fleet)
    assert [(problem.place, problem.reason.split(" is ")[0]) for problem in caught.value.problems] == [
        ("SARAMAGO 340000", "catalogue number 340000"),
        ("SARAMAGO 799501621", "catalogue number 799501621"),
    ]
    with pytest.raises(ElementSetError, match="NORAD_CAT_ID: '-1' is not allowed"):
        read(tmp_path, laid_out([texts(refused[2])], "csv"))


def test_row_05_every_alpha_5_vector_is_written(tmp_path: Path) -> None:
    vectors = expected("alpha5-encoding-vectors")["case_specific"]["vectors/alpha5.json"]
    canonical = expected("six-digit-omm-saramago")["records"][0]["canonical"]
    for group in ("official_examples", "boundaries", "skip_boundaries", "below_100000"):
        for vector in vectors[group]:
            row = texts(canonical, NORAD_CAT_ID=str(vector["norad_cat_id"]))
            lines = write_tle(read(tmp_path, laid_out([row], "csv")), name_lines=False).splitlines()
            assert {line[2:7] for line in lines} == {vector["field"]}


VARIANTS = {entry["derived_file"]: entry for entry in expected("kvn-syntax-variants")["records"]}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_of_key_value_notation_is_read(name: str) -> None:
    variant = VARIANTS[name]
    file = read_elements(GPCONF / "kvn-variants" / name)
    (record,) = records_of(file.fleet)
    # Left out: the number and what SGP4 does not use; a class not given is U by the standard.
    absent = {"norad_cat_id": 0, "element_set_no": 0, "rev_at_epoch": 0} if variant["keywords_absent"] else {}
    assert record.name == "ISS (ZARYA)"
    require_equal(record, variant["canonical"] | absent)
    notes = [note for note in file.notes if "no catalogue number" in note]
    assert len(notes) == bool(absent)


def test_the_xml_variant_is_read() -> None:
    (record,) = records_of(read_elements(GPCONF / "kvn-variants" / "v07-xml-ndm-reserialised.xml").fleet)
    require_equal(record, expected("kvn-syntax-variants")["records"][0]["canonical"])


CORRUPT = expected("corrupt-input")


@pytest.mark.parametrize("name", CORRUPT["case_specific"]["files"])
def test_corrupt_files_are_refused_and_their_neighbours_are_there_for_the_asking(name: str) -> None:
    path = GPCONF / "corrupt-input" / name
    facts = CORRUPT["case_specific"]["files"][name]
    with pytest.raises(ElementSetError) as caught:
        read_elements(path)
    assert all(problem.place.startswith(f"{path}:") and problem.reason for problem in caught.value.problems)
    if facts["format"] == "json":
        return  # Without its bracket the text is no JSON at all; gpconf grants the refusal of the whole.
    file = read_elements(path, skip_faulty=True)
    assert file.refused == caught.value.problems
    valid = [entry for entry in CORRUPT["records"] if entry["file"] == name and entry["role"] == "valid"]
    unedited = read_elements(GPCONF / facts["unedited"].removeprefix("derived/")).fleet
    whole = {record.catalog_number: record for record in records_of(unedited)}
    for record, entry in zip(records_of(file.fleet), valid, strict=True):
        assert record == whole[entry["norad_cat_id"]]


def test_an_answer_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ElementSetError, match="no element sets found: it says 'No GP data found'"):
        read(tmp_path, "No GP data found")


def test_the_derivatives_of_omm_are_those_that_a_tle_prints(tmp_path: Path) -> None:
    facts = expected("mean-motion-derivative-convention")["case_specific"]
    canonical = expected("epoch-year-19xx")["records"][0]["canonical"]
    assert facts["summary"]["mean_motion_dot_equal_to_tle_field"] == facts["summary"]["pairs"] == 304
    rows, lines = [], []
    for number, pair in enumerate(facts["pairs"], start=1):
        more = {"MEAN_MOTION_DOT": pair["omm_mean_motion_dot"], "MEAN_MOTION_DDOT": pair["omm_mean_motion_ddot"]}
        rows.append(texts(canonical, NORAD_CAT_ID=str(number), **more))
        lines.append((pair["tle_ndot_field"], pair["tle_nddot_field"], pair["ddot_equal"]))
    omm = read(tmp_path, laid_out(rows, "csv"))
    tle = read(tmp_path, write_tle(omm))
    written = write_tle(omm, name_lines=False).splitlines()[::2]
    assert [(line[33:43], line[44:52]) for line in written] == [(dot, ddot) for dot, ddot, _ in lines]
    assert tle.published.mean_motion_dot_rev_d2.tolist() == omm.published.mean_motion_dot_rev_d2.tolist()
    same = tle.published.mean_motion_ddot_rev_d3 == omm.published.mean_motion_ddot_rev_d3
    assert same.tolist() == [equal for _, _, equal in lines]


def test_a_tle_loses_of_an_omm_what_the_publishers_loses(tmp_path: Path) -> None:
    facts = expected("tle-vs-omm-precision-loss")["case_specific"]
    canonical = expected("epoch-year-19xx")["records"][0]["canonical"]
    rows = [
        texts(
            canonical,
            NORAD_CAT_ID=str(number),
            ECCENTRICITY=pair["eccentricity"]["omm_text"],
            BSTAR=pair["bstar"]["omm_text"],
            MEAN_MOTION_DDOT=pair["mean_motion_ddot"]["omm_text"],
            EPOCH=pair["epoch"]["omm"],
        )
        for number, pair in enumerate(facts["pairs"], start=1)
    ]
    lines = write_tle(read(tmp_path, laid_out(rows, "csv")), name_lines=False).splitlines()
    for first, second, pair in zip(lines[::2], lines[1::2], facts["pairs"], strict=True):
        assert second[26:33] == pair["eccentricity"]["tle_field"]
        assert first[53:61] == pair["bstar"]["tle_field"]
        assert first[44:52] == pair["mean_motion_ddot"]["tle_field"]
        assert first[18:32] == pair["epoch"]["tle_field"]


@pytest.mark.parametrize("kind", SERIALISERS)
def test_row_06_launch_nominals_of_nine_digits_and_class_c_are_read(kind: str, tmp_path: Path) -> None:
    numbers = expected("nine-digit-supgp-launch-nominals")
    assert "RMS" in json.dumps(expected("supgp-celestrak-classification-c")["ambiguities"])
    assert "799501621" in json.dumps(numbers["coverage"])
    canonical = expected("six-digit-omm-saramago")["records"][0]["canonical"]
    nominal = canonical | {
        "norad_cat_id": 799_501_621,
        "classification_type": "C",
        "element_set_no": 0,
        "rev_at_epoch": 1,
        "object_id": None,
    }
    fleet = read(tmp_path, laid_out([texts(nominal, RMS="0.123", DATA_SOURCE="SpaceX-E")], kind))
    require_equal(records_of(fleet)[0], nominal)


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_both_versions_of_the_xml_are_read_with_an_empty_header(version: str, tmp_path: Path) -> None:
    validated = expected("omm-xml-schema")["case_specific"].values()
    assert all(facts["header_empty_elements"] == ["creation_date", "originator"] for facts in validated)
    canonical = expected("baseline-iss-five-formats")["records"][0]["canonical"]
    require_equal(records_of(read(tmp_path, as_xml(texts(canonical), version)))[0], canonical)
