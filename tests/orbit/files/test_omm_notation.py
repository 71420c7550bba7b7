"""OMM as XML and in key-value notation: what a message may look like, and what makes it none."""

from pathlib import Path

import pytest

from planner.orbit.files.omm_kvn import parse_omm_kvn
from planner.orbit.files.omm_xml import parse_omm_xml

from .messages import BOTH, Writer, kvn, line_of, omm, read, refusal, xml


@BOTH
def test_a_keyword_given_twice_is_refused_at_its_line(message: Writer, tmp_path: Path) -> None:
    text = message()
    for key in ("EPOCH", "OBJECT_NAME"):
        number = line_of(text, key)
        line = text.split("\n")[number - 1]
        twice = text.replace(line, f"{line}\n{line}")
        assert refusal(tmp_path, twice) == f"f:{number + 1}: {key!r} is given more than once in one message"


def test_units_of_key_value_notation_are_the_standards(tmp_path: Path) -> None:
    text = kvn(MEAN_MOTION="16.05064833 [rev/day]", INCLINATION="51.5908[DEG]", BSTAR="0 [1/ER]")
    assert read(tmp_path, text).fleet.inclination_deg.tolist() == [51.5908]
    text = kvn(INCLINATION="0.9 [rad]", MEAN_MOTION="1 [rev/day] [deg]")
    found = refusal(tmp_path, text)
    assert f"f:{line_of(text, 'INCLINATION')}: INCLINATION: unit 'rad' is not allowed; it must be deg" in found
    assert read(tmp_path, kvn(OBJECT_NAME="FREGAT [TANK]")).fleet.names == ("FREGAT [TANK]",)
    assert "EPOCH: '1998-11-20T06:49:59 [UTC]'" in refusal(tmp_path, kvn(EPOCH="1998-11-20T06:49:59 [UTC]"))


def test_units_of_xml_are_the_standards(tmp_path: Path) -> None:
    text = xml().replace("<INCLINATION>", '<INCLINATION units="deg">').replace("<BSTAR>", '<BSTAR units="1/ER">')
    assert read(tmp_path, text).fleet.inclination_deg.tolist() == [51.5908]
    text = xml().replace("<INCLINATION>", '<INCLINATION units="rad">')
    assert refusal(tmp_path, text) == (
        f"f:{line_of(text, 'INCLINATION')}: INCLINATION: unit 'rad' is not allowed; it must be deg"
    )


@pytest.mark.parametrize("line", ["MEAN MOTION = 1", "mean_motion = 1", "no keyword here", "= 1"])
def test_a_line_that_is_no_keyword_and_value_is_refused(line: str, tmp_path: Path) -> None:
    text = kvn() + line + "\n"
    shown = line.partition("=")[0].strip()
    assert refusal(tmp_path, text) == f"f:{text.count(chr(10))}: {shown!r} is no line of the form KEYWORD = value"


def test_comments_and_keywords_of_the_publishers_own_are_passed_over(tmp_path: Path) -> None:
    text = "COMMENT a file\n" + kvn(USER_DEFINED_X="= a = b") + "COMMENT\nCOMMENT MEAN_MOTION = 1\n\n"
    assert read(tmp_path, text).notes == ()
    assert refusal(tmp_path, kvn() + "COMMENTED\n").endswith("'COMMENTED' is no line of the form KEYWORD = value")
    block = "<COMMENT>one</COMMENT><COMMENT>two</COMMENT><EPOCH>"
    own = "<userDefinedParameters><USER_DEFINED parameter='EPOCH'>x</USER_DEFINED></userDefinedParameters></data>"
    text = xml().replace("<EPOCH>", block).replace("</data>", own).replace("<ndm>", "<ndm><MESSAGE_ID>5</MESSAGE_ID>")
    assert read(tmp_path, text).notes == ()


@pytest.mark.parametrize("version", ["1.0", "4.0", "", "2"])
def test_a_version_that_is_not_known_is_refused(version: str, tmp_path: Path) -> None:
    found = refusal(tmp_path, kvn().replace("VERS = 2.0", f"VERS = {version}"))
    assert found == f"f:1: CCSDS_OMM_VERS: version '{version}' is not read; it must be 2.0 or 3.0"
    found = refusal(tmp_path, xml().replace('version="2.0"', f'version="{version}"'))
    assert found == f"f:2: version '{version}' of <omm> is not read; it must be 2.0 or 3.0"


def test_keywords_before_the_first_message_are_refused(tmp_path: Path) -> None:
    records, problems, _ = parse_omm_kvn("EPOCH = 1\nBSTAR = 2\n" + kvn(), source="f")
    assert [str(problem) for problem in problems] == [
        "f:1: 'EPOCH' stands before CCSDS_OMM_VERS, which begins a message"
    ]
    assert len(records) == 1


def test_one_omm_is_read_with_or_without_namespace(tmp_path: Path) -> None:
    assert len(read(tmp_path, omm()).fleet) == 1
    named = omm().replace("<omm ", '<ndm:omm xmlns:ndm="urn:ccsds:schema:ndmxml" ').replace("</omm>", "</ndm:omm>")
    assert len(read(tmp_path, named).fleet) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<other/>", "f:1: 'other' is no message; <omm>, or <ndm> with <omm> in it, is needed"),
        (omm().replace("<EPOCH>", "<EPOCH><b>1</b>"), "'EPOCH' holds 'b' where a value belongs"),
        (f"<ndm><omm>{omm()}</omm></ndm>", "f:1: a message begins inside another"),
        (omm() + omm(), "junk after document element"),
        (omm().replace("</header>", ""), "mismatched tag"),
        (omm().replace("ISS (ZARYA)", "A & B"), "not well-formed"),
        (omm().replace("<metadata>", "<extra><metadata>").replace("</metadata>", "</metadata></extra>"), ""),
    ],
)
def test_xml_that_is_no_message_is_refused(text: str, reason: str) -> None:
    _, problems, _ = parse_omm_xml(text, source="f")
    # What stands at another place than the standard's says nothing of the elements; the name is not needed.
    assert (reason in str(problems[0])) if reason else not problems


def test_elements_outside_their_block_are_no_elements(tmp_path: Path) -> None:
    moved = xml(EPOCH=None).replace("<header>", "<header><EPOCH>1998-11-20T06:49:59.999808</EPOCH>")
    assert refusal(tmp_path, moved) == "f:2: EPOCH is missing; every object needs it"
