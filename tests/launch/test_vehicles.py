"""Launch vehicles of the catalog: every one usable, every wrong figure refused."""

from datetime import date

import pytest

from planner.catalog import load_catalog
from planner.errors import InputError
from planner.launch import Vehicle
from planner.launch.vehicles import calendar_day


def test_every_catalog_vehicle_is_usable_and_every_figure_has_a_source():
    catalog = load_catalog()
    entries = catalog.collection("launch_vehicles")
    assert {entry.name for entry in entries} >= {
        "falcon_9",
        "falcon_heavy",
        "starship",
        "new_glenn",
        "vulcan_vc6",
        "ariane_64",
        "neutron",
        "electron",
        "h3",
        "long_march_12",
    }
    for entry in entries:
        vehicle = Vehicle.from_catalog(catalog, entry.name)
        assert vehicle.payload_sso_kg <= vehicle.payload_leo_kg
        assert vehicle.planes_per_flight == 1


def test_a_catalog_figure_that_makes_no_sense_is_refused_by_its_path():
    catalog = load_catalog().override(
        {
            "launch_vehicles.falcon_9.planes_per_flight": 1.5,
            "launch_vehicles.falcon_9.packing_fraction": 2.0,
            "launch_vehicles.falcon_9.price_usd": -1.0,
            "launch_vehicles.falcon_9.available_from_yr": 0.0,
            "launch_vehicles.falcon_9.payload_leo_kg": 0.0,
        }
    )
    with pytest.raises(InputError) as caught:
        Vehicle.from_catalog(catalog, "falcon_9")
    assert len(caught.value.problems) == 5


def test_a_decimal_year_is_read_as_the_month_it_falls_in():
    assert calendar_day(2027.0) == date(2027, 1, 1)
    assert calendar_day(2026.5) == date(2026, 7, 1)
    assert calendar_day(2026.999) == date(2026, 12, 1)
