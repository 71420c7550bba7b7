"""OMM as XML and in key-value notation: reliability rows 6 to 10, 13, 14, 21 and 22."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.errors import ElementSetError
from planner.orbit import read_elements

from .messages import BOTH, ELEMENTS, Writer, kvn, line_of, omm, read, refusal, write, xml


@BOTH
def test_a_message_is_read_with_all_that_it_says(message: Writer, tmp_path: Path) -> None:
    file = read(tmp_path, message())
    fleet = file.fleet
    assert file.format == ("OMM KVN" if message is kvn else "OMM XML")
    assert (fleet.names, fleet.catalog_numbers.tolist()) == (("ISS (ZARYA)",), [25544])
    # Day 324 of 1998 is 20 November, JD 2451137.5; the fraction is 0.28472222 days in the TLE of the same record.
    assert (fleet.epoch_jd.tolist(), fleet.epoch_fraction.tolist()) == ([2451137.5], [0.28472222])
    assert (fleet.eccentricity_fraction.tolist(), fleet.raan_deg.tolist()) == ([0.0125362], [168.3788])
    published = fleet.published
    assert (published.designators, published.classifications) == (("1998-067A",), ("U",))
    assert published.mean_motion_dot_rev_d2.tolist() == [-0.3657e-4]
    assert published.mean_motion_ddot_rev_d3.tolist() == [0.11563e-4]
    assert (published.element_set_numbers.tolist(), published.revolutions.tolist()) == ([1], [7])
    assert file.notes == ()


@BOTH
def test_several_messages_of_one_file_are_read_in_order(message: Writer, tmp_path: Path) -> None:
    one = omm if message is xml else kvn
    text = one() + one(NORAD_CAT_ID="799501621", OBJECT_NAME="ANOTHER") + one(NORAD_CAT_ID="5", OBJECT_NAME="")
    fleet = read(tmp_path, f"<ndm>{text}</ndm>" if message is xml else text).fleet
    assert fleet.catalog_numbers.tolist() == [25544, 799501621, 5]
    assert fleet.names == ("ISS (ZARYA)", "ANOTHER", "5")


@BOTH
def test_row_07_the_newest_of_two_epochs_is_used_with_a_note(message: Writer, tmp_path: Path) -> None:
    one = omm if message is xml else kvn
    text = one(EPOCH="1998-11-21T00:00:00") + one()
    file = read(tmp_path, f"<ndm>{text}</ndm>" if message is xml else text)
    assert file.fleet.epoch_jd.tolist() == [2451138.5]
    assert "several epochs of one object" in file.notes[0]


NEEDED = [*ELEMENTS, "BSTAR"]


@BOTH
@pytest.mark.parametrize("key", NEEDED)
def test_row_08_a_missing_field_is_refused_by_name(message: Writer, key: str, tmp_path: Path) -> None:
    first = 1 if message is kvn else 2
    assert refusal(tmp_path, message(**{key: None})) == f"f:{first}: {key} is missing; every object needs it"
    text = message(**{key: " "})
    assert refusal(tmp_path, text) == f"f:{line_of(text, key)}: {key} is missing; every object needs it"


@BOTH
@pytest.mark.parametrize("key", [key for key in NEEDED if key != "EPOCH"])
@pytest.mark.parametrize(
    "value", ["NaN", "inf", "-Infinity", "1_000", "0x10", "１２", "1e9999", "1,5", "9" * 5000, "1 2"]
)
def test_row_08_what_is_no_finite_decimal_number_is_refused(
    message: Writer, key: str, value: str, tmp_path: Path
) -> None:
    text = message(**{key: value})
    assert refusal(tmp_path, text).startswith(f"f:{line_of(text, key)}: {key}: ")


@BOTH
@pytest.mark.parametrize(
    ("key", "value", "label"),
    [
        ("ECCENTRICITY", "1", "eccentricity 1 "),
        ("ECCENTRICITY", "-0.1", "eccentricity -0.1 "),
        ("MEAN_MOTION", "0", "mean motion 0 "),
        ("MEAN_MOTION", "99", "mean motion 99 "),
        ("BSTAR", "1e400", "B* inf "),
        ("MEAN_MOTION_DOT", "1e400", "first derivative of the mean motion inf "),
    ],
)
def test_row_08_values_that_no_orbit_has_are_refused(
    message: Writer, key: str, value: str, label: str, tmp_path: Path
) -> None:
    assert refusal(tmp_path, message(**{key: value})).startswith(f"f:{1 if message is kvn else 2}: {label}")


@BOTH
@pytest.mark.parametrize(
    "epoch", ["1998-324T06:49:59.999808Z", "1998-324T06:49:59.999808", "1998-11-20T06:49:59.999808Z"]
)
def test_row_09_epochs_with_z_or_by_day_of_year_are_utc(message: Writer, epoch: str, tmp_path: Path) -> None:
    fleet = read(tmp_path, message(EPOCH=epoch)).fleet
    assert (fleet.epoch_jd.tolist(), fleet.epoch_fraction.tolist()) == ([2451137.5], [0.28472222])
    assert "EPOCH: '2026-02-30T00:00:00' is not allowed" in refusal(tmp_path, message(EPOCH="2026-02-30T00:00:00"))


@BOTH
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MEAN_ELEMENT_THEORY", "DSST"),
        ("EPHEMERIS_TYPE", "4"),
        ("REF_FRAME", "ITRF"),
        ("TIME_SYSTEM", "TAI"),
        ("CENTER_NAME", "MOON"),
        ("CLASSIFICATION_TYPE", "UNCLASSIFIED"),
        ("ELEMENT_SET_NO", "9.5"),
        ("REV_AT_EPOCH", "-1"),
    ],
)
def test_what_sgp4_would_misread_or_no_message_says_is_refused(
    message: Writer, key: str, value: str, tmp_path: Path
) -> None:
    text = message(**{key: value})
    assert refusal(tmp_path, text).startswith(f"f:{line_of(text, key)}: {key}: '{value}' is not allowed")


@BOTH
def test_an_object_without_a_number_goes_by_its_designator_or_name(message: Writer, tmp_path: Path) -> None:
    file = read(tmp_path, message(NORAD_CAT_ID=None))
    assert (file.fleet.catalog_numbers.tolist(), file.fleet.names) == ([0], ("ISS (ZARYA)",))
    (note,) = file.notes
    assert note.endswith("no catalogue number: the object is told from others by its designator or name: 1998-067A")
    missing = refusal(tmp_path, message(NORAD_CAT_ID=None, OBJECT_NAME=None, OBJECT_ID=None))
    assert "NORAD_CAT_ID is missing" in missing
    assert "NORAD_CAT_ID: '0' is not allowed" in refusal(tmp_path, message(NORAD_CAT_ID="0"))


def test_objects_without_a_number_are_told_apart_and_named_apart(tmp_path: Path) -> None:
    first, second = kvn(NORAD_CAT_ID=None), kvn(NORAD_CAT_ID=None, OBJECT_ID="1998-067B")
    file = read(tmp_path, first + second + first)
    assert file.fleet.names == ("ISS (ZARYA) 1998-067A", "ISS (ZARYA) 1998-067B")
    assert "identical rows of one object collapsed: 1998-067A" in file.notes[0]


def test_row_10_a_message_of_another_kind_is_refused(tmp_path: Path) -> None:
    assert "no element sets found" in refusal(tmp_path, "CCSDS_OEM_VERS = 2.0\n")
    assert "no objects in it" in refusal(tmp_path, "<ndm/>")
    assert "f:1: 'oem' is no message that is read" in refusal(tmp_path, f"<ndm><oem/>{omm()}</ndm>")
    text = kvn() + "CCSDS_OEM_VERS = 2.0\nMETA_START\n2026-01-01T00:00:00 1 2 3 4 5 6\n" + kvn(NORAD_CAT_ID="5")
    found = refusal(tmp_path, text)
    assert found.startswith(f"f:{text[: text.index('CCSDS_OEM')].count(chr(10)) + 1}: a message of another kind")
    assert found.count("\n") == 0


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 big": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "trailing blanks": lambda text: text.replace("\n", "  \t\n").encode(),
    "blank lines before": lambda text: ("\n\n" + text).encode(),
}


@BOTH
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_row_13_line_ends_marks_and_encodings_do_not_matter(message: Writer, encoding: str, tmp_path: Path) -> None:
    file = read(tmp_path, ENCODINGS[encoding](message(OBJECT_NAME="ÉTOILE")))
    assert (file.fleet.names, file.fleet.raan_deg.tolist(), file.notes) == (("ÉTOILE",), [168.3788], ())


@pytest.mark.parametrize("declared", ["UTF-8", "utf8", "UTF-16"])
def test_row_13_the_declared_encoding_of_xml_may_be_any_unicode(declared: str, tmp_path: Path) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + xml(OBJECT_NAME="ÉTOILE")
    for content in (text.encode(), text.encode("utf-16"), ("\n\n" + text).encode()):
        assert read(tmp_path, content).fleet.names == ("ÉTOILE",)
    at = line_of(text, "INCLINATION") + 2
    assert refusal(tmp_path, "\n\n" + text.replace("51.5908", "x")).startswith(f"f:{at}: INCLINATION")


def test_row_13_another_declared_encoding_is_refused_where_it_would_change_a_name(tmp_path: Path) -> None:
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    assert read(tmp_path, head + xml()).fleet.names == ("ISS (ZARYA)",)
    assert "the encoding 'ISO-8859-1' is not read; save the file as UTF-8" in refusal(
        tmp_path, head + xml(OBJECT_NAME="É")
    )
    assert "f:5: bytes that are not UTF-8" in refusal(tmp_path, (head + xml(OBJECT_NAME="É")).encode("latin-1"))


@BOTH
def test_row_14_a_nul_is_refused_with_its_line(message: Writer, tmp_path: Path) -> None:
    text = message(OBJECT_NAME="A\0B")
    assert refusal(tmp_path, text).startswith(f"f:{line_of(text, 'OBJECT_NAME')}: a NUL character")


BILLION_LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE ndm [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>\n"
)
DOCUMENT_TYPES = {
    "entities that grow": BILLION_LAUGHS + xml(OBJECT_NAME="&j;"),
    "a file of the reader's": '<!DOCTYPE ndm [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + xml(OBJECT_NAME="&x;"),
    "an address": '<!DOCTYPE ndm [<!ENTITY x SYSTEM "http://127.0.0.1/x">]>' + xml(OBJECT_NAME="&x;"),
    "a parameter entity": '<!DOCTYPE ndm [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]>' + xml(),
    "a schema elsewhere": '<!DOCTYPE ndm SYSTEM "http://127.0.0.1/ndm.dtd">' + xml(),
    "a type that declares nothing": "<!DOCTYPE ndm>" + xml(),
}


@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
def test_row_21_a_document_type_is_refused_before_anything_in_it_is_read(kind: str, tmp_path: Path) -> None:
    found = refusal(tmp_path, DOCUMENT_TYPES[kind])
    assert "declares a document type (DTD)" in found
    assert "remove it" in found
    assert found.count("\n") == 0


def test_row_21_an_entity_that_nothing_declares_is_refused(tmp_path: Path) -> None:
    assert "undefined entity" in refusal(tmp_path, xml(OBJECT_NAME="&x;"))


@pytest.mark.parametrize("depth", [17, 1_000_000])
def test_row_22_elements_nested_without_end_are_refused(depth: int, tmp_path: Path) -> None:
    assert "nested more than 16 levels deep" in refusal(tmp_path, "<ndm>" + "<a>" * depth)


def test_row_22_a_packed_message_is_refused_before_expansion(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "packed", "w") as archive:
        archive.writestr("sets.xml", xml())
    with pytest.raises(ElementSetError, match=r"is a zip .*unzip it first"):
        read_elements(tmp_path / "packed")


@BOTH
def test_a_file_cut_off_is_refused_or_noted(message: Writer, tmp_path: Path) -> None:
    text = message()
    if message is xml:
        assert "the file was cut off or is not XML" in refusal(tmp_path, text[:-8])
    else:
        assert "the last line has no end" in read(tmp_path, text[:-1]).notes[0]
    assert refusal(tmp_path, text[: text.index("BSTAR") + 5])


@BOTH
def test_one_faulty_message_leaves_the_others_readable_when_asked(message: Writer, tmp_path: Path) -> None:
    one = omm if message is xml else kvn
    text = one() + one(NORAD_CAT_ID="5", INCLINATION="x") + one(NORAD_CAT_ID="6", MEAN_MOTION="0")
    path = write(tmp_path, f"<ndm>{text}</ndm>" if message is xml else text)
    with pytest.raises(ElementSetError) as caught:
        read_elements(path)
    file = read_elements(path, skip_faulty=True)
    assert file.fleet.catalog_numbers.tolist() == [25544]
    assert file.refused == caught.value.problems
    assert file.notes == (f"{path}: element sets with faults are left out; faults: 2",)
