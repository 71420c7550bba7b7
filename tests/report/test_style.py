import html
import json

import plotly.graph_objects as go
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import legible
from planner.report.html import format_cell, format_percent, plot_json
from planner.report.style import DARK, LIGHT, SERIES, number, plain, resolve


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2 definition."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_series_colour_stands_out_from_the_page_in_both_themes():
    # WCAG 2.2, success criterion 1.4.11: 3:1 for graphical objects; 1.4.3: 4.5:1 for text.
    for palette in (LIGHT, DARK):
        for token in (*SERIES, "@sunlit", "@eclipse", "@route", "@link"):
            assert contrast(palette[token[1:]], palette["surface"]) >= 3.0, token
        for token in ("ink", "muted"):
            assert contrast(palette[token], palette["surface"]) >= 4.5, token


def test_both_themes_name_the_same_colours():
    assert set(LIGHT) == set(DARK)


def test_tokens_become_colours_only_where_colours_stand():
    plot = {"data": [{"name": "@ink", "line": {"color": "@ink/0.5"}, "marker": {"color": ["@s1", "#fff"]}}]}
    trace = resolve(plot, "light")["data"][0]
    assert trace["name"] == "@ink"
    assert trace["line"]["color"] == "rgba(21,32,43,0.5)"
    assert trace["marker"]["color"] == [LIGHT["s1"], "#fff"]


def test_a_resolved_figure_is_one_that_plotly_accepts():
    plot = {"data": [{"type": "scatter", "x": [1], "y": [2], "line": {"color": "@s1/0.3"}}], "layout": {}}
    assert go.Figure(resolve(plot)).data[0].line.color == "rgba(0,114,178,0.3)"


@given(st.text())
def test_plain_text_has_no_markup_and_reads_as_it_was_written(text):
    safe = plain(text)
    assert "<" not in safe
    assert ">" not in safe
    assert "%{" not in safe
    assert html.unescape(safe).replace("% {", "%{") == legible(text).replace("% {", "%{")


@given(st.text())
def test_cleaned_text_is_stable_and_prints_on_one_line(text):
    assert legible(legible(text)) == legible(text)
    assert len(legible(text).splitlines()) <= 1


def test_row_28_control_and_bidirectional_characters_are_dropped():
    assert legible("a\x00b\x1b[31m\u202ec\u2066\u200b\ufeff\ud800\r\nd") == "ab[31mc d"


@given(
    st.recursive(
        st.none() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_row_26_embedded_json_has_no_nan_and_cannot_close_its_element(tree):
    text = plot_json({"data": tree})
    json.loads(text, parse_constant=lambda name: (_ for _ in ()).throw(AssertionError(name)))
    assert not set(text) & set("<>&\u2028\u2029")


def test_numbers_that_are_not_finite_become_none():
    assert [number(v, 3) for v in (1.23456, float("inf"), float("nan"), -0.0)] == [1.23, None, None, -0.0]


def test_cells_part_thousands_and_print_gaps_as_dashes():
    values = [None, float("nan"), float("inf"), True, 1234, 12345, -1234567, 0.0, 1234567.0, 0.0225, 1.0, 1e-9, -2.5]
    shown = ["–", "–", "–", "yes", "1234", "12\u202f345", "−1\u202f234\u202f567", "0", "1\u202f234\u202f567", "0.0225",
             "1", "1 × 10^−9", "−2.5"]  # fmt: skip
    assert [format_cell(value) for value in values] == shown


def test_percentages_keep_three_digits():
    assert [format_percent(v) for v in (0.0, 0.01951, 1.0, float("nan"))] == ["0 %", "1.95 %", "100 %", "–"]
