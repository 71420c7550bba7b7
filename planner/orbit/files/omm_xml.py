"""What a text of Orbit Mean-Elements Messages as XML says: one ``omm``, or an ``ndm`` that holds many.

Layout: CCSDS 505.0-B-3 (XML specification for Navigation Data Messages), with or without a namespace, as CelesTrak and
Space-Track publish it. The text is read as a stream by defusedxml's parser, and a document type is refused before
anything in it is looked at: no entity is ever expanded and no other file opened. Depth is bounded, so that no nesting
piles up.
"""

import re
from io import BytesIO
from typing import Final
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, InputSource, Locator

from planner.errors import Problem
from planner.orbit.files.omm import VERSIONS, Row, read_rows, shown, unit_fault
from planner.orbit.files.records import Record

_BLOCKS: Final = {
    ("body", "segment", "metadata"),
    ("body", "segment", "data", "meanElements"),
    ("body", "segment", "data", "tleParameters"),
}
"""Where, inside a message, the keywords of the elements stand; what stands elsewhere (header, covariance, what the
publisher adds) says nothing of them."""
_DEEPEST: Final = 16
"""Levels of elements; a message has 7."""
_AROUND: Final = ("COMMENT", "MESSAGE_ID")
"""What an ``ndm`` may hold beside messages."""
_DECLARATION: Final = re.compile(r"\s*<\?xml\b[^>]*\?>")
_DECLARED: Final = re.compile(r"\bencoding\s*=\s*[\"']([^\"']*)[\"']")
_UNICODE: Final = re.compile(r"utf-?(8|16)", re.IGNORECASE)


class _Stop(Exception):  # noqa: N818 - it ends the reading and never leaves this module
    """Says why the rest of the text cannot be read."""


def parse_omm_xml(text: str, *, source: str) -> tuple[list[Record], list[Problem], list[str]]:
    """Return the element sets of XML `text`, every problem found in it, and notes.

    Parameters
    ----------
    text
        Whole text.
    source
        Name of the file, for the places of problems.

    Returns
    -------
    records, problems, notes
        Records only of messages without a problem. A message without a catalogue number is read when it names its
        object, as the standard leaves the number out at will.
    """
    declaration = _DECLARATION.match(text)
    if declaration:
        encoding = _DECLARED.search(declaration[0])
        if encoding and not text.isascii() and not _UNICODE.fullmatch(encoding[1]):
            reason = f"the encoding {shown(encoding[1])} is not read; save the file as UTF-8"
            return [], [Problem(f"{source}:1", reason)], []
        # It is left out, with its line kept: the text is decoded already, and blanks may stand before it.
        text = "\n" * declaration[0].count("\n") + text[declaration.end() :]
    rows, problems = _rows(text, source)
    records, faults = read_rows(rows, numbered=False)
    return records, problems + faults, []


def _rows(text: str, source: str) -> tuple[list[Row], list[Problem]]:
    """Return the messages that are well formed, and what is wrong with the others."""
    from defusedxml import DefusedXmlException
    from defusedxml.expatreader import create_parser

    messages = _Messages(source)
    parser = create_parser(forbid_dtd=True)
    parser.setContentHandler(messages)
    whole = InputSource(source)
    whole.setByteStream(BytesIO(text.encode("utf-8", "surrogatepass")))
    try:
        parser.parse(whole)
    except DefusedXmlException:
        messages.fault("declares a document type (DTD), whose entities can grow without end or reach files; remove it")
    except SAXParseException as error:
        reason = f"column {error.getColumnNumber()}: {error.getMessage()}; the file was cut off or is not XML"
        messages.problems.append(Problem(f"{source}:{error.getLineNumber()}", reason))
    except _Stop as stop:
        messages.fault(str(stop))
    return messages.rows, messages.problems


class _Messages(ContentHandler):
    """Collects the messages of a stream of elements."""

    _locator: Locator | None

    def __init__(self, source: str) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self._source = source
        self._path: list[str] = []
        self._row: Row | None = None  # The message being read, how deep it stands, and its block of keywords.
        self._depth = 0
        self._block = 0
        self._faulty = False
        self._key = ""  # The keyword being read, and its value so far.
        self._value: list[str] = []

    def fault(self, reason: str) -> None:
        """Note what is wrong at the line that is being read."""
        self.problems.append(Problem(f"{self._source}:{self._line()}", reason))
        self._faulty = True

    def _line(self) -> int:
        return (self._locator.getLineNumber() or 0) if self._locator else 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - of the interface
        """Begin a message, a keyword, or something that is passed over."""
        local = name.rpartition(":")[2]
        self._path.append(local)
        if len(self._path) > _DEEPEST:
            raise _Stop(f"nested more than {_DEEPEST} levels deep; a message has 7")
        if self._row is None:
            self._outside(local, attrs)
        elif self._key:
            self.fault(f"{shown(self._key)} holds {shown(local)} where a value belongs")
        elif local == "omm":
            raise _Stop("a message begins inside another; each <omm> must be closed before the next")
        elif self._block:
            self._begin_keyword(self._row, local, attrs.get("units"))
        elif tuple(self._path[self._depth :]) in _BLOCKS:
            self._block = len(self._path)

    def _outside(self, local: str, attrs: AttributesImpl) -> None:
        """Begin a message, or see that only what may be around messages is there."""
        depth = len(self._path)
        if local == "omm" and self._path[:-1] in ([], ["ndm"]):
            place = f"{self._source}:{self._line()}"
            self._row, self._depth, self._faulty = Row(place, {}, self._source, {}), depth, False
            version = attrs.get("version")
            if version is not None and version not in VERSIONS:
                self.fault(f"version {shown(version)} of <omm> is not read; it must be {' or '.join(VERSIONS)}")
        elif depth == 1 and local != "ndm":
            raise _Stop(f"{shown(local)} is no message; <omm>, or <ndm> with <omm> in it, is needed")
        elif depth == 2 and local not in _AROUND:
            self.fault(f"{shown(local)} is no message that is read; only <omm> is")

    def _begin_keyword(self, row: Row, key: str, unit: str | None) -> None:
        if key in row.lines and key != "COMMENT":
            self.fault(f"{shown(key)} is given more than once in one message")
        row.lines[key] = self._line()
        self._key = key
        for problem in unit_fault(key, unit, row.at(key)) if unit is not None else []:
            self.fault(problem.reason)

    def characters(self, content: str) -> None:
        """Add to the value of the keyword being read."""
        if self._key:
            self._value.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802, ARG002 - of the interface
        """End a keyword or a message."""
        self._path.pop()
        depth = len(self._path)
        if self._row is None:
            return
        if self._key:
            if depth == self._block:
                self._row.values[self._key] = "".join(self._value)
                self._key = ""
                self._value.clear()
        elif depth < self._depth:
            if not self._faulty:
                self.rows.append(self._row)
            self._row = None
        elif depth < self._block:
            self._block = 0
