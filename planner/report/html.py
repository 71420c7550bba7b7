"""The report as one HTML file that opens from disk, asks nothing of any network and runs no script but its own.

Everything that can come from a user is cleaned of control and bidirectional characters and escaped, here and only
here. A content security policy names the page's two scripts by their SHA-256, so that nothing else runs even if an
escape were missed. The same `Page` gives the same bytes.
"""

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from planner.errors import legible
from planner.report.coastline import load_coastlines
from planner.report.page import Cell, Figure, Page, TableView
from planner.report.style import THEMES

_EMPTY_STYLE = ""
"""Plotly adds an empty style element and fills it through the object model; its hash is the empty string's."""


def render_html(page: Page) -> str:
    """Return `page` as one self-contained HTML document.

    Parameters
    ----------
    page
        What to say; identifiers must be unique and made of letters, digits and hyphens.

    Returns
    -------
    str
        HTML5 with Plotly, styles and data inside; byte for byte the same for the same `page`.

    Raises
    ------
    ValueError
        When two blocks or sections share an identifier, or one is not a legal anchor.
    """
    figures = _figures(page)
    _check_identifiers([section.id for section in page.sections] + [figure.id for figure in figures])
    css, script, plotly = _style_sheet(), _page_script(), _plotly()
    return str(
        _environment()
        .get_template("page.html.j2")
        .render(
            page=page,
            number_of={figure.id: place for place, figure in enumerate(figures, start=1)},
            policy=content_security_policy([plotly, script], [css, _EMPTY_STYLE]),
            css=_markup(css),
            script=_markup(script),
            plotly=_markup(plotly),
            map_styles=_map_style_id(plotly),
            coastline_source=load_coastlines().source,
        )
    )


def content_security_policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return the policy that lets exactly these inline scripts and styles work, and images from the page itself.

    Style *attributes* are let through: Plotly positions its labels with them, and without a style sheet or a URL
    that may load they can leak nothing.
    """
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; "
        f"style-src-attr 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def plot_json(plot: Mapping[str, Any]) -> str:
    """Return a plot as JSON that may stand inside a script element.

    NaN and infinities become null; ``<``, ``>``, ``&`` and the two line separators become escapes, so that no text
    can close the element or open a comment.
    """
    text = json.dumps(_finite(plot), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _finite(node: Any) -> Any:  # noqa: ANN401 - JSON tree
    if isinstance(node, Mapping):
        return {legible(key): _finite(value) for key, value in node.items()}
    if isinstance(node, str):
        return legible(node)
    if isinstance(node, np.ndarray):
        return _finite(node.tolist())
    if isinstance(node, Sequence):
        return [_finite(value) for value in node]
    if isinstance(node, np.generic):
        return _finite(node.item())
    if isinstance(node, float) and not math.isfinite(node):
        return None
    return node


def format_cell(value: Cell) -> str:
    """Return a table cell as text: thousands parted by thin spaces, at most six significant digits, gaps as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return _grouped(f"{int(value):d}")
    if isinstance(value, float | np.floating):
        return _float_text(float(value))
    return legible(value)


def _float_text(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    if value == 0.0:
        return "0"
    size = abs(value)
    if not 1e-4 <= size < 1e15:
        mantissa, _, exponent = f"{value:.4g}".partition("e")
        return f"{mantissa} × 10^{int(exponent)}".replace("-", "−") if exponent else mantissa
    places = max(0, 5 - math.floor(math.log10(size)))
    text = f"{value:.{places}f}"
    return _grouped(text.rstrip("0").rstrip(".") if "." in text else text)


def _grouped(digits: str) -> str:
    """Part the thousands of a plain decimal numeral of five digits or more."""
    sign, digits = ("−", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, dot, fraction = digits.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", "\u202f")
    return sign + whole + dot + fraction


def format_percent(fraction: float) -> str:
    """Return a fraction as a percentage of three significant digits."""
    return f"{100.0 * fraction:.3g} %" if math.isfinite(fraction) else "–"


def numeric_columns(table: TableView) -> tuple[bool, ...]:
    """Return for every column whether all its shown values are numbers or gaps, and at least one is a number."""
    kinds = [[_is_number(value) for value in column if value is not None] for column in zip(*table.rows, strict=True)]
    return tuple(bool(column) and all(column) for column in kinds)


def _is_number(value: Cell) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _figures(page: Page) -> list[Figure]:
    found = [page.hero] if page.hero else []
    return found + [block for section in page.sections for block in section.blocks if isinstance(block, Figure)]


def _check_identifiers(identifiers: Sequence[str]) -> None:
    reserved = {"main", "warnings", "proof", "assumptions", "provenance"}
    for place, identifier in enumerate(identifiers):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", identifier):
            raise ValueError(f"id: {identifier!r} must be a letter, then letters, digits and hyphens")
        if identifier in reserved or identifier in identifiers[:place]:
            raise ValueError(f"id: {identifier!r} is used twice on the page")


def _hashes(texts: Sequence[str]) -> str:
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _template(name: str) -> str:
    return (files("planner.report") / "templates" / name).read_text("utf-8")


@cache
def _style_sheet() -> str:
    return _template("report.css")


@cache
def _page_script() -> str:
    return _template("report.js").replace("/*PALETTES*/", json.dumps(THEMES, separators=(",", ":")))


@cache
def _plotly() -> str:
    """Return plotly.js, from the installed package."""
    from plotly.offline import get_plotlyjs

    text = str(get_plotlyjs())
    # An HTML parser turns CR LF into LF before it hashes, and a closing tag would end the script.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _map_style_id(plotly: str) -> str:
    """Return the id of the style element that Plotly adds for tile maps unless an element of that id is there, or "".

    The report has no tile maps and its policy would refuse that style; an empty stand-in keeps the console quiet.
    """
    found = re.search(r'getElementById\("([0-9a-f]{64})"\)', plotly)
    return found[1] if found else ""


def _markup(text: str) -> Any:  # noqa: ANN401 - markupsafe is only jinja2's
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - only the package's own scripts, styles and escaped JSON come here


@cache
def _environment() -> Any:  # noqa: ANN401 - jinja2 is imported where it is used
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_template))
    made.filters |= {
        "clean": legible,
        "cell": format_cell,
        "percent": format_percent,
        "numeric": numeric_columns,
        "kind": lambda block: type(block).__name__,
        "plotjson": lambda plot: _markup(plot_json(plot)),
        "path": _breakable,
    }
    return made


def _breakable(path: str) -> Any:  # noqa: ANN401 - markupsafe is only jinja2's
    """Return a dotted path that a narrow column may break after its dots and underscores."""
    from markupsafe import escape

    return _markup(re.sub(r"([._])", r"\1<wbr>", str(escape(legible(path)))))
