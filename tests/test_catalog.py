"""The catalog reads what it should, refuses what it must, and every figure shipped is complete."""

from datetime import date
from importlib.resources import files

import pytest

from planner.catalog import KINDS, Assumption, load_catalog, read_collection
from planner.errors import CatalogError
from planner.units import SUFFIXES, suffix_of

FIGURE = """
[thing]
title = "A thing"
maker = "somebody"

[thing.power_w]
value = 2.0
unit = "W"
low = 1.0
high = 3.0
kind = "published"
source = "a datasheet"
date = 2024-01-01
"""
COLLECTIONS = sorted(
    item.name.removesuffix(".toml") for item in (files("planner") / "data").iterdir() if item.name.endswith(".toml")
)
SHIPPED = list(load_catalog())

SPELLINGS = {
    # How units are written beside the suffix that carries them in a name.
    "W": "w",
    "kW": "kw",
    "MW": "mw",
    "Wh": "wh",
    "kWh": "kwh",
    "GB": "gb",
    "GB/s": "gb_s",
    "TFLOP/s": "tflops",
    "USD": "usd",
    "kg": "kg",
    "m3": "m3",
    "yr": "yr",
    "1/yr": "per_yr",
}


def test_a_figure_is_read_with_all_its_fields() -> None:
    entry = read_collection("things", FIGURE)["things", "thing"]
    assert entry.title == "A thing"
    assert entry.label("maker") == "somebody"
    assert entry["power_w"] == 2.0
    assert entry.assumption("power_w") == Assumption(
        "things.thing.power_w", 2.0, "W", 1.0, 3.0, "published", "a datasheet", date(2024, 1, 1)
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('unit = "W"\n', "", "expected exactly"),
        ('unit = "W"\n', 'unit = "W"\ncolour = "red"\n', "expected exactly"),
        ("low = 1.0", "low = 2.5", "low 2.5 ≤ value 2 ≤ high 3 does not hold"),
        ("value = 2.0", "value = nan", "does not hold"),
        (
            'kind = "published"',
            'kind = "rumour"',
            "kind 'rumour', allowed measured, published, claimed, planner-default",
        ),
        ('source = "a datasheet"', 'source = " "', "needs a source and a TOML date"),
        ("date = 2024-01-01", 'date = "2024"', "needs a source and a TOML date"),
    ],
)
def test_a_figure_that_lacks_or_contradicts_something_is_refused_with_its_path(old: str, new: str, says: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read_collection("things", FIGURE.replace(old, new))
    assert str(caught.value).startswith("things.thing.power_w: ")
    assert says in str(caught.value)


def test_all_faults_of_a_file_are_reported_at_once() -> None:
    text = FIGURE.replace("low = 1.0", "low = 9.0") + FIGURE.replace("thing", "other").replace(
        "high = 3.0", "high = 0.0"
    )
    with pytest.raises(CatalogError) as caught:
        read_collection("things", text)
    assert [problem.place for problem in caught.value.problems] == ["things.thing.power_w", "things.other.power_w"]


def test_a_misspelt_name_gets_the_nearest_one() -> None:
    catalog = load_catalog()
    with pytest.raises(CatalogError, match='no entry "h100_smx"; did you mean "h100_sxm"'):
        catalog.entry("accelerators", "h100_smx")
    with pytest.raises(CatalogError, match='no figure "power"; did you mean "power_w"'):
        catalog.entry("accelerators", "h100_sxm").assumption("power")
    with pytest.raises(CatalogError, match='no label "acelerator"; did you mean "accelerator"'):
        catalog.entry("rack_satellites", "nvl72_120kw").label("acelerator")


def test_an_override_changes_one_value_and_says_so() -> None:
    catalog = load_catalog()
    changed = catalog.override({"accelerators.h100_sxm.power_w": 500})
    figure = changed.entry("accelerators", "h100_sxm").assumption("power_w")
    assert (figure.value, figure.source, figure.kind) == (500.0, "set in the plan", "planner-default")
    assert catalog.entry("accelerators", "h100_sxm")["power_w"] == 700.0
    assert len(list(changed)) == len(list(catalog))


def test_every_bad_override_is_reported_at_once() -> None:
    with pytest.raises(CatalogError) as caught:
        load_catalog().override(
            {
                "accelerators.h100_sxm.power_w": float("inf"),
                "accelerators.h100_sxm": 1.0,
                "accelerators.h100.power_w": 1.0,
                "accelerators.h100_sxm.weight": 1.0,
            }
        )
    assert len(caught.value.problems) == 4


def test_the_collections_of_the_mission_are_there() -> None:
    assert {"accelerators", "rack_satellites"} <= set(COLLECTIONS)
    names = {entry.name for entry in load_catalog().collection("accelerators")}
    assert {"a100_sxm", "h100_sxm", "b200_sxm", "gb200", "gb300"} <= names
    assert {"nvl72_120kw", "h100_8gpu", "starlink_v2_mini_class"} <= {
        entry.name for entry in load_catalog().collection("rack_satellites")
    }


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_entry_has_a_title_and_figures(collection: str) -> None:
    entries = load_catalog().collection(collection)
    assert entries
    for entry in entries:
        assert entry.title != entry.name
        assert entry.figures


@pytest.mark.parametrize("figure", SHIPPED, ids=lambda figure: figure.path)
def test_every_shipped_figure_is_complete_and_named_with_its_unit(figure: Assumption) -> None:
    name = figure.path.split(".")[2]
    assert figure.kind in KINDS
    assert len(figure.source) > 10
    assert date(1990, 1, 1) < figure.date <= date(2026, 12, 31)
    suffix = suffix_of(name)
    if figure.unit == "1":
        assert suffix in {None, "fraction"} or suffix.startswith("per_")  # a count, a part, or either by time
    else:
        assert suffix in SUFFIXES
        assert SPELLINGS.get(figure.unit, suffix) == suffix


def test_every_rack_satellite_names_an_accelerator_and_a_terminal_of_the_catalog() -> None:
    catalog = load_catalog()
    for entry in catalog.collection("rack_satellites"):
        catalog.entry("accelerators", entry.label("accelerator"))
        catalog.entry("laser_terminals", entry.label("laser_terminal"))


def test_accelerators_all_carry_the_same_figures() -> None:
    expected = {"power_w", "memory_gb", "memory_bandwidth_gb_s", "dense_bf16_tflops", "price_usd"}
    for entry in load_catalog().collection("accelerators"):
        assert expected <= set(entry.figures), entry.name


def test_the_h100_is_the_one_of_the_datasheet() -> None:
    # NVIDIA H100 SXM: 700 W, 80 GB, 3.35 TB/s, 989 TFLOP/s dense.
    entry = load_catalog().entry("accelerators", "h100_sxm")
    figures = [entry[name] for name in ("power_w", "memory_gb", "memory_bandwidth_gb_s", "dense_bf16_tflops")]
    assert figures == [700.0, 80.0, 3350.0, 989.0]
