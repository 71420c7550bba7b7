import base64
import hashlib
import json
from html.parser import HTMLParser

import pytest

from planner.report import Figure, Page, Section, TableView, render_html
from planner.report.figures import jobs_served

from .samples import NASTY, empty_page, page_of

VOID = {"meta", "br", "wbr", "link", "img", "input", "hr"}


class Document(HTMLParser):
    """The page as a browser's parser would see it; any unbalanced tag fails."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, dict[str, str | None], str]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("script", "style"):
            self.raw.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            tag, attrs, before = self.raw[-1]
            self.raw[-1] = (tag, attrs, before + data)
        else:
            self.text.append(data)

    def scripts(self) -> list[str]:
        return [text for tag, attrs, text in self.raw if tag == "script" and attrs.get("type") != "application/json"]

    def plots(self) -> list[dict]:
        return [
            json.loads(text, parse_constant=pytest.fail)
            for tag, attrs, text in self.raw
            if tag == "script" and attrs.get("type") == "application/json"
        ]


def jobs(name: str) -> Section:
    columns = {"job": [name, "b"], "asked_accelerator_h": [3.0, 1.0], "served_accelerator_h": [1.0, float("nan")]}
    return Section("jobs", "Jobs", "", (jobs_served(columns),))


@pytest.fixture(scope="module")
def full() -> Document:
    return Document(render_html(page_of(jobs("a"))))


def test_the_page_is_well_formed_and_draws_its_figures(full):
    assert len(full.plots()) == 1
    assert [tag for tag, _ in full.tags].count("h1") == 1


def test_nothing_on_the_page_is_loaded_from_anywhere(full):
    for tag, attrs in full.tags:
        assert tag not in {"link", "iframe", "object", "embed", "base", "form"}
        assert "src" not in attrs
        assert attrs.get("href", "#").startswith("#")
        assert not any(name.startswith("on") for name in attrs), (tag, attrs)
    for tag, _, text in full.raw:
        if tag == "style":
            assert "url(" not in text
            assert "@import" not in text


def test_the_policy_names_exactly_the_scripts_and_styles_of_the_page(full):
    policy = next(a["content"] for _, a in full.tags if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    def digest(text):
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    styles = [text for tag, _, text in full.raw if tag == "style"]
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == [digest(text) for text in full.scripts()]
    assert rules["style-src"].split() == [*(digest(text) for text in styles), digest("")]
    assert rules["img-src"] == "data: blob:"
    assert "unsafe" not in rules["script-src"]
    assert set(rules) == {
        "default-src", "script-src", "style-src", "style-src-attr", "img-src", "base-uri", "form-action"
    }  # fmt: skip


def test_references_inside_the_page_lead_somewhere(full):
    anchors = [attrs["id"] for _, attrs in full.tags if attrs.get("id")]
    assert len(set(anchors)) == len(anchors)
    for _, attrs in full.tags:
        for name in ("href", "aria-labelledby", "data-plot"):
            if attrs.get(name):
                assert attrs[name].removeprefix("#") in anchors


def test_every_figure_and_scrolling_region_has_a_name_for_those_who_do_not_see_it(full):
    for _, attrs in full.tags:
        if attrs.get("role") in {"img", "region"}:
            assert attrs["aria-label"]


def test_the_same_page_gives_the_same_bytes():
    assert render_html(page_of(jobs("a"))) == render_html(page_of(jobs("a")))


def test_row_25_an_empty_page_is_valid_and_says_what_is_missing():
    words = " ".join(Document(render_html(empty_page())).text)
    for sentence in ("No warnings", "nothing to prove", "used no figure from the catalog"):
        assert sentence in words


def test_row_25_figures_and_tables_without_content_say_so():
    table = TableView("Flights", ("a", "b"), (), empty="The manifest holds no flights.")
    page = page_of(Section("none", "None", "", (jobs_served({}), table)))
    words = " ".join(Document(render_html(page)).text)
    assert "The plan holds no jobs, so none is served." in words
    assert "The manifest holds no flights." in words


def test_row_26_numbers_that_are_not_finite_never_reach_the_page():
    page = Document(render_html(page_of(jobs("a"))))
    assert page.plots()[0]["data"][0]["x"] == [None, 3.0][::-1] or None in page.plots()[0]["data"][0]["x"]
    assert not {"nan", "NaN", "inf", "Infinity"} & set(" ".join(page.text).split())


def test_row_28_hostile_names_stay_text_everywhere():
    text = render_html(page_of(jobs(NASTY), name=NASTY))
    page = Document(text)
    assert len(page.scripts()) == 2
    assert len(page.plots()) == 1
    assert "alert(1)" not in "".join(page.scripts())
    assert not [attrs for tag, attrs in page.tags if tag == "a" and not (attrs["href"] or "").startswith("#")]
    assert not {tag for tag, _ in page.tags} & {"evil"}
    words = "".join(page.text)
    assert "</script><script>alert(1)</script>" in words
    for character in "\x00\x1b\u202e\u2066":
        assert character not in text.replace(page.scripts()[0], "")


def test_rows_left_out_are_counted_and_the_file_named():
    table = TableView.first("Rows", {"n": list(range(40))}, limit=5, file="rows.csv")
    words = " ".join("".join(Document(render_html(page_of(Section("s", "S", "", (table,))))).text).split())
    assert "First 5 of 40 rows; all of them are in rows.csv" in words


@pytest.mark.parametrize("identifier", ["jobs-served", "proof", "9", "a b", ""])
def test_anchors_that_clash_or_are_not_legal_are_refused(identifier):
    sections = (jobs("a"), Section(identifier, "Other", "", ()))
    with pytest.raises(ValueError, match="id: "):
        render_html(page_of(*sections))


def test_a_table_with_a_ragged_row_is_refused():
    with pytest.raises(ValueError, match="1 values for 2 columns"):
        TableView("t", ("a", "b"), ((1,),))


def test_a_hero_figure_comes_first_and_is_numbered_first():
    hero = Figure("hero", "Look", {"data": [], "layout": {}}, "a picture")
    page: Page = page_of(jobs("a"), hero=hero)
    words = " ".join(Document(render_html(page)).text)
    assert words.index("Look") < words.index("Jobs")
    assert words.index("Figure 1.") < words.index("Figure 2.")
