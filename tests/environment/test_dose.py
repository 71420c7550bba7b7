"""The dose table, against published runs of the same models and against what an orbit of this kind must take up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import Catalog, Entry, load_catalog
from planner.environment import DoseTable, annual_dose_rad_yr
from planner.errors import CatalogError

SPENVIS_MM = [2.0, 3.0, 5.0, 8.0, 10.0, 20.0]
SPENVIS_RAD = {
    # inclination °: rad in silicon in 1,825 days behind each thickness
    30.0: [2315.5, 1824.7, 1461.3, 1274.9, 1195.5, 909.31],
    55.0: [9545.7, 4607.2, 1598.7, 861.94, 764.84, 551.93],
    75.0: [13705.0, 6056.2, 1663.9, 701.19, 607.30, 438.34],
    95.0: [10714.0, 4804.9, 1400.8, 640.49, 560.28, 405.33],
}
"""550 km, AP-8 MIN and AE-8 MAX through SHIELDOSE-2, centre of aluminium spheres: SPENVIS 4.6.11 output published with
T. Pfandzelter and D. Bermbach, "Edge Computing in Low-Earth Orbit" (LEO-NET '23, arXiv:2302.08952)."""
SPENVIS_TOLERANCE = 0.2
"""550 km stands between two altitudes of the table, 55, 75 and 95° between two inclinations."""


@pytest.fixture(scope="module")
def table() -> DoseTable:
    return DoseTable.from_catalog(load_catalog())


@pytest.mark.parametrize("inclination", SPENVIS_RAD)
def test_published_runs_of_the_same_models_are_met(table: DoseTable, inclination: float) -> None:
    found = annual_dose_rad_yr(550.0, inclination_deg=inclination, shielding_mm=SPENVIS_MM, table=table)
    assert found == pytest.approx(np.array(SPENVIS_RAD[inclination]) / 5.0, rel=SPENVIS_TOLERANCE)


def test_suncatchers_dose_lies_in_the_range() -> None:
    # Suncatcher (arXiv:2511.19468): about 150 rad(Si) a year behind 10 mm of aluminium, 650 km sun-synchronous. The
    # pair of models is the conservative one; AP-8 MAX instead of AP-8 MIN gives 151.
    low, value, high = (
        float(
            annual_dose_rad_yr(
                650.0,
                inclination_deg=97.986,
                shielding_mm=10.0,
                table=DoseTable.from_catalog(load_catalog(), bound=bound),
            )
        )
        for bound in ("low", "value", "high")
    )
    assert low < 150.0 < high
    assert value == pytest.approx(150.0 * 1.4, rel=0.1)


def test_twelve_years_behind_ten_millimetres_stay_near_the_memorys_tolerance(table: DoseTable) -> None:
    # Suncatcher: high-bandwidth memory becomes irregular at 2 krad; 12 years at 150 rad are 1.8 krad. With the
    # conservative pair of models the twelve years overrun it, which a planner should know.
    dose = float(annual_dose_rad_yr(650.0, inclination_deg=97.986, shielding_mm=10.0, table=table))
    assert 12.0 * dose > 2000.0 > 12.0 * dose / 2.0


@given(st.floats(400.0, 1400.0), st.floats(30.0, 150.0), st.floats(2.0, 19.9), st.floats(1.001, 1.2))
def test_a_thicker_shield_lets_less_through(
    altitude: float, inclination: float, shielding: float, factor: float
) -> None:
    table = DoseTable.from_catalog(load_catalog())
    thicker = min(shielding * factor, 20.0)
    thin, thick = annual_dose_rad_yr(
        altitude, inclination_deg=inclination, shielding_mm=[shielding, thicker], table=table
    )
    assert thick < thin


@given(st.floats(400.0, 1390.0), st.floats(1.0, 10.0), st.floats(30.0, 90.0), st.floats(2.0, 20.0))
def test_higher_shells_take_up_more_and_mirrored_inclinations_alike(
    altitude: float, step: float, inclination: float, shielding: float
) -> None:
    table = DoseTable.from_catalog(load_catalog())
    low, high = annual_dose_rad_yr(
        [altitude, altitude + step], inclination_deg=inclination, shielding_mm=shielding, table=table
    )
    mirrored = annual_dose_rad_yr(altitude, inclination_deg=180.0 - inclination, shielding_mm=shielding, table=table)
    assert high > low
    assert float(mirrored) == pytest.approx(low, rel=1e-9)


def test_the_rows_of_the_table_are_returned_and_between_them_logarithms_are_linear() -> None:
    grid = np.array([[[8.0, 2.0], [4.0, 1.0]], [[80.0, 20.0], [40.0, 10.0]]])
    table = DoseTable(np.array([400.0, 600.0]), np.array([30.0, 90.0]), np.array([2.0, 8.0]), grid)
    corners = np.meshgrid(table.altitude_km, table.inclination_deg, table.shielding_mm, indexing="ij")
    found = annual_dose_rad_yr(corners[0], inclination_deg=corners[1], shielding_mm=corners[2], table=table)
    assert found == pytest.approx(grid, rel=1e-12)
    halfway = annual_dose_rad_yr(
        [500.0, 400.0, 400.0], inclination_deg=[30.0, 60.0, 30.0], shielding_mm=4.0, table=table
    )
    # 4 mm is half way from 2 to 8 by its logarithm: √(8·2) = 4, times √10 half way up, over √2 half way across.
    assert halfway == pytest.approx([4.0 * np.sqrt(10.0), 4.0 / np.sqrt(2.0), 4.0], rel=1e-12)


@pytest.mark.parametrize(
    ("altitude", "inclination", "shielding", "says"),
    [
        (399.0, 98.0, 10.0, "altitude_km: 399 must lie in the dose table, 400 to 1400; no dose is given outside"),
        (1401.0, 98.0, 10.0, "altitude_km: 1401 must lie in the dose table, 400 to 1400"),
        (650.0, 28.5, 10.0, "inclination_deg: 28.5 must lie in the dose table, 30 to 150"),
        (650.0, 151.0, 10.0, "inclination_deg: 151 must lie in the dose table, 30 to 150"),
        (650.0, 98.0, 1.9, "shielding_mm: 1.9 must lie in the dose table, 2 to 20"),
        (650.0, 98.0, 21.0, "shielding_mm: 21 must lie in the dose table, 2 to 20"),
        (650.0, 98.0, float("nan"), "shielding_mm: nan must lie in the dose table"),
        (float("inf"), 98.0, 10.0, "altitude_km: inf must lie in the dose table"),
    ],
)
def test_row_18_outside_the_table_no_dose_is_given(
    table: DoseTable, altitude: float, inclination: float, shielding: float, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        annual_dose_rad_yr([500.0, altitude], inclination_deg=inclination, shielding_mm=shielding, table=table)
    covered = table.covers([500.0, altitude], inclination_deg=inclination, shielding_mm=shielding)
    assert not covered[1]


def test_the_table_says_what_it_covers(table: DoseTable) -> None:
    covered = table.covers([400.0, 650.0, 1400.0], inclination_deg=[[30.0], [98.0], [150.0]], shielding_mm=10.0)
    assert covered.shape == (3, 3)
    assert covered.all()


def test_a_plans_own_dose_that_does_not_fall_with_shielding_is_refused_with_its_path() -> None:
    catalog = load_catalog().override({"radiation.inclination_90.dose_650_km_10_mm_rad_yr": 5000.0})
    with pytest.raises(CatalogError) as caught:
        DoseTable.from_catalog(catalog)
    assert str(caught.value) == (
        "radiation.inclination_90.dose_650_km_10_mm_rad_yr: "
        "5000 rad/yr must be above 0 and below that behind less shielding"
    )


def test_a_grid_with_a_hole_or_no_grid_is_refused() -> None:
    shipped = load_catalog()
    entry = shipped.entry("radiation", "inclination_90")
    kept = {name: figure for name, figure in entry.figures.items() if name != "dose_650_km_10_mm_rad_yr"}
    holed = Entry(entry.collection, entry.name, entry.title, entry.labels, kept)
    catalog = Catalog({**shipped.entries, ("radiation", "inclination_90"): holed})
    with pytest.raises(CatalogError, match=r"radiation\.inclination_90\.dose_650_km_10_mm_rad_yr: missing"):
        DoseTable.from_catalog(catalog)
    with pytest.raises(CatalogError, match="radiation: the dose table needs two or more"):
        DoseTable.from_catalog(Catalog({}))
    with pytest.raises(ValueError, match="bound: 'highest' is not one of"):
        DoseTable.from_catalog(shipped, bound="highest")  # type: ignore[arg-type]


def test_a_table_that_is_none_is_refused() -> None:
    two = np.array([1.0, 2.0])
    falling = np.full((2, 2, 2), [2.0, 1.0])
    with pytest.raises(ValueError, match="dose_rad_yr: shape"):
        DoseTable(two, two, two, np.ones((2, 2, 3)))
    with pytest.raises(ValueError, match="ascending"):
        DoseTable(two[::-1], two, two, falling)
    with pytest.raises(ValueError, match="must fall with shielding_mm"):
        DoseTable(two, two, two, np.ones((2, 2, 2)))
