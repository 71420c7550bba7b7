"""What a plan found, for people and programs: tables, figures and one self-contained page."""

from planner.report.build import folder_contents, page_of
from planner.report.folder import reserved, write_folder
from planner.report.html import render_html
from planner.report.page import (
    Block,
    Cell,
    Figure,
    Note,
    Page,
    Proof,
    Provenance,
    Section,
    TableView,
    Tile,
    Tone,
)
from planner.report.summary import Report, build_report, read_report, summary_lines
from planner.report.tables import Table

__all__ = [
    "Block",
    "Cell",
    "Figure",
    "Note",
    "Page",
    "Proof",
    "Provenance",
    "Report",
    "Section",
    "Table",
    "TableView",
    "Tile",
    "Tone",
    "build_report",
    "folder_contents",
    "page_of",
    "read_report",
    "render_html",
    "reserved",
    "summary_lines",
    "write_folder",
]
