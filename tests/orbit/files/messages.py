"""Orbit Mean-Elements Messages to test with, as XML and in key-value notation, and how a file of them is read."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.errors import ElementSetError
from planner.orbit import ElementFile, read_elements

METADATA = {
    "OBJECT_NAME": "ISS (ZARYA)",
    "OBJECT_ID": "1998-067A",
    "CENTER_NAME": "EARTH",
    "REF_FRAME": "TEME",
    "TIME_SYSTEM": "UTC",
    "MEAN_ELEMENT_THEORY": "SGP4",
}
ELEMENTS = {
    "EPOCH": "1998-11-20T06:49:59.999808",
    "MEAN_MOTION": "16.05064833",
    "ECCENTRICITY": ".0125362",
    "INCLINATION": "51.5908",
    "RA_OF_ASC_NODE": "168.3788",
    "ARG_OF_PERICENTER": "86.4185",
    "MEAN_ANOMALY": "359.7454",
}
PARAMETERS = {
    "EPHEMERIS_TYPE": "0",
    "CLASSIFICATION_TYPE": "U",
    "NORAD_CAT_ID": "25544",
    "ELEMENT_SET_NO": "1",
    "REV_AT_EPOCH": "7",
    "BSTAR": "0",
    "MEAN_MOTION_DOT": "-.3657E-4",
    "MEAN_MOTION_DDOT": ".11563E-4",
}
Writer = Callable[..., str]


def changed(block: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    """Return a block with changes; one to None leaves the keyword out."""
    return {key: text for key in block if (text := changes.get(key, block[key])) is not None}


def kvn(**changes: str | None) -> str:
    """Return one message, a keyword to a line; keywords that no block has come last."""
    blocks = [changed(block, changes) for block in (METADATA, ELEMENTS, PARAMETERS)]
    known = {**METADATA, **ELEMENTS, **PARAMETERS}
    extra = {key: text for key, text in changes.items() if key not in known and text is not None}
    lines = [f"{key} = {text}\n" for block in (*blocks, extra) for key, text in block.items()]
    return "CCSDS_OMM_VERS = 2.0\nCREATION_DATE = \nORIGINATOR = \n" + "".join(lines)


def omm(**changes: str | None) -> str:
    """Return one message as an element, a keyword to a line."""
    metadata, elements, parameters = (
        "".join(f"<{key}>{text}</{key}>\n" for key, text in changed(block, changes).items())
        for block in (METADATA, ELEMENTS, PARAMETERS)
    )
    return (
        '<omm id="CCSDS_OMM_VERS" version="2.0"><header><CREATION_DATE/></header><body><segment>\n'
        f"<metadata>\n{metadata}</metadata><data><meanElements>\n{elements}</meanElements>\n"
        f"<tleParameters>\n{parameters}</tleParameters></data></segment></body></omm>\n"
    )


def xml(**changes: str | None) -> str:
    return f"<ndm>\n{omm(**changes)}</ndm>\n"


BOTH = pytest.mark.parametrize("message", [kvn, xml])


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "sets"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str | bytes) -> ElementFile:
    return read_elements(write(folder, content))


def refusal(folder: Path, content: str | bytes) -> str:
    """Return every problem of a file, the file's own name left out."""
    path = write(folder, content)
    with pytest.raises(ElementSetError) as caught:
        read_elements(path)
    assert all(problem.place.startswith(str(path)) for problem in caught.value.problems)
    return str(caught.value).replace(str(path), "f")


def line_of(text: str, key: str) -> int:
    begins = re.compile(rf"<?{key}[ >]")
    (number,) = [i for i, line in enumerate(text.split("\n"), start=1) if begins.match(line)]
    return number
