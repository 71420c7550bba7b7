"""Laser terminals of the catalog and the link budget, against Suncatcher's figures."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import Catalog, load_catalog
from planner.errors import CatalogError
from planner.links import (
    LaserTerminal,
    OpticalDesign,
    confocal_distance_km,
    geometric_fraction,
    link_rate_gbps,
    parallel_beams,
    received_power_w,
)

SUNCATCHER = OpticalDesign(
    transmit_w=5.0,
    aperture_m=0.10,
    wavelength_m=1.55e-6,
    # 105.1 dB of gain at each end against the ideal aperture's 106.1.
    aperture_fraction=10**10.51 / (np.pi * 0.10 / 1.55e-6) ** 2,
    losses_db=3.0,
    sensitivity_photons_bit=195.6,
    channels=24,
    channel_gbps=400.0,
)


def test_suncatchers_aperture_is_four_fifths_efficient() -> None:
    assert SUNCATCHER.aperture_fraction == pytest.approx(0.787, abs=0.002)


def test_suncatchers_long_link_receives_what_the_paper_says() -> None:
    # arXiv:2511.19468: 5 W over 5,000 km with 10 cm telescopes, 1.593 µW; the gain is given to 0.1 dB, 1.2 % each end.
    assert received_power_w(SUNCATCHER, np.array(5000.0)) == pytest.approx(1.593e-6, rel=0.005)


def test_suncatchers_long_link_carries_what_the_paper_says() -> None:
    # 195.6 photons a bit of 1.55 µm: 63.6 Gbit/s, whatever the number of channels that share the power.
    assert link_rate_gbps(SUNCATCHER, np.array(5000.0)) == pytest.approx(63.6, rel=0.005)


def test_more_channels_share_the_power_and_do_not_multiply_it() -> None:
    # A published tool gives every channel the whole power: 850 instead of 63.6 Gbit/s.
    one = replace(SUNCATCHER, channels=1)
    assert link_rate_gbps(one, np.array(5000.0)) == link_rate_gbps(SUNCATCHER, np.array(5000.0))


def test_close_in_the_modems_are_the_limit() -> None:
    assert link_rate_gbps(SUNCATCHER, np.array(1.0)) == pytest.approx(24 * 400.0)


def test_margin_and_losses_of_three_decibels_halve_the_rate() -> None:
    half = 10**-0.3
    for name in ("margin_db", "losses_db"):
        worse = replace(SUNCATCHER, **{name: getattr(SUNCATCHER, name) + 3.0})
        ratio = link_rate_gbps(worse, np.array(5000.0)) / link_rate_gbps(SUNCATCHER, np.array(5000.0))
        assert ratio == pytest.approx(half, rel=1e-12)


def test_pointing_off_by_half_the_beam_costs_its_gaussian() -> None:
    off = replace(SUNCATCHER, pointing_error_fraction=0.5)
    ratio = received_power_w(off, np.array(5000.0)) / received_power_w(SUNCATCHER, np.array(5000.0))
    assert ratio == pytest.approx(np.exp(-0.5), rel=1e-12)


@pytest.mark.parametrize(("aperture_m", "expected_km"), [(0.10, 5.07), (0.05, 1.27), (0.025, 0.317)])
def test_confocal_distances_are_suncatchers(aperture_m: float, expected_km: float) -> None:
    assert confocal_distance_km(aperture_m, 1.55e-6) == pytest.approx(expected_km, rel=0.003)


def test_a_divided_aperture_multiplies_the_modems_and_not_the_power() -> None:
    # At 300 m an aperture of 10 cm divides into 4 x 4 of 2.5 cm, confocal up to 0.317 km: 16 sets of modems.
    divided = replace(SUNCATCHER, beams_a_side=8)
    assert link_rate_gbps(divided, np.array(0.3)) == pytest.approx(16 * 24 * 400.0)
    # So little power that it is the limit: each of 16 beams has a 16th of it, and no more arrives than was sent.
    weak = replace(SUNCATCHER, transmit_w=1e-9)
    one, many = (float(link_rate_gbps(d, np.array(0.3))) for d in (weak, replace(weak, beams_a_side=8)))
    photon_j = 1.986_445_857e-25 / SUNCATCHER.wavelength_m  # h c, exact in the SI
    assert one <= many <= 1e-9 * 10**-0.3 / (195.6 * photon_j) / 1e9


@pytest.mark.parametrize(("distance_km", "beams"), [(6.0, 1), (5.0, 1), (1.3, 1), (1.2, 2), (0.55, 3), (0.2, 4)])
def test_as_many_beams_work_as_diffraction_and_the_design_let(distance_km: float, beams: int) -> None:
    # Confocal distances 5.07, 1.267, 0.563, 0.317 km for 1 to 4 beams a side; the design has modems for 4.
    divided = replace(SUNCATCHER, beams_a_side=4)
    assert link_rate_gbps(divided, np.array(distance_km)) == pytest.approx(beams**2 * 24 * 400.0)


def test_far_apart_a_divided_aperture_is_used_whole() -> None:
    far = np.array([100.0, 5000.0])
    assert link_rate_gbps(replace(SUNCATCHER, beams_a_side=4), far).tolist() == link_rate_gbps(SUNCATCHER, far).tolist()


@pytest.mark.parametrize(
    ("figure", "value", "allowed"),
    [
        *[
            (name, value, "finite and above 0")
            for name in ("transmit_w", "aperture_m", "wavelength_m", "sensitivity_photons_bit", "channel_gbps")
            for value in (-1.0, 0.0, np.nan, np.inf)
        ],
        *[("aperture_fraction", value, "above 0 and at most 1") for value in (3.0, 0.0, np.nan)],
        *[
            (name, value, "finite and at least 0")
            for name in ("losses_db", "margin_db", "pointing_error_fraction")
            for value in (-0.1, np.nan, np.inf)
        ],
        *[
            (name, value, "a whole number from 1")
            for name in ("channels", "beams_a_side")
            for value in (0, -1, 1.5, np.nan, np.inf)
        ],
    ],
)
def test_a_figure_that_no_design_can_have_is_refused(figure: str, value: Any, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"{figure}: {value} must be {allowed}"):
        replace(SUNCATCHER, **{figure: value})


@given(st.lists(st.floats(0.0, 1e5), min_size=2, max_size=20), st.integers(1, 5))
def test_a_longer_link_never_carries_more(distances: list[float], beams: int) -> None:
    rate = link_rate_gbps(replace(SUNCATCHER, beams_a_side=beams), np.array(sorted(distances)))
    assert np.all(np.diff(rate) <= 0.0)


def test_an_aperture_divides_as_far_as_diffraction_and_the_design_let_it() -> None:
    # Half as wide is confocal a quarter as far: 5.07, 1.267, 0.563 km for 1, 2, 3 beams a side.
    distance = np.array([6.0, 5.0, 1.3, 1.2, 0.5, 0.0, np.nan])
    assert parallel_beams(replace(SUNCATCHER, beams_a_side=3), distance).tolist() == [1, 1, 1, 2, 3, 3, 1]
    assert parallel_beams(SUNCATCHER, distance).tolist() == [1] * 7


def test_an_aperture_divides_up_to_the_confocal_distance_itself() -> None:
    for beams in range(2, 30):
        design, edge_km = replace(SUNCATCHER, beams_a_side=40), confocal_distance_km(0.10 / beams, 1.55e-6)
        assert parallel_beams(design, np.array([edge_km, np.nextafter(edge_km, 1.0e3)])).tolist() == [beams, beams - 1]


def test_a_divided_beam_is_wider_and_feels_a_pointing_error_less() -> None:
    # 1e-7 W over 0.3 km, off by the half-angle of the undivided beam, so that power is the limit. Of n x n beams:
    # exp(-2/n^2) for pointing, 1 - exp(-2/(1 + (0.3/(5.07/n^2))^2)) caught: 0.234, 1.03, 1.264 and 1.149 Gbit/s for
    # n of 1 to 4. With the error left as it is, every n would lose as much as the undivided beam.
    def rate_gbps(beams: int) -> float:
        pointing, spread = np.exp(-2.0 / beams**2), 1.0 + (0.3 / (5.0671 / beams**2)) ** 2
        caught = -np.expm1(-2.0 / spread)
        return float(1e-7 * 10**-0.3 * pointing * caught / (195.6 * 1.986_445_857e-25 / 1.55e-6) / 1e9)

    assert [rate_gbps(beams) for beams in (1, 2, 3, 4)] == pytest.approx([0.234, 1.03, 1.264, 1.149], rel=0.005)
    for most in (1, 2, 3, 4):
        weak = replace(SUNCATCHER, transmit_w=1e-7, pointing_error_fraction=1.0, beams_a_side=most)
        best = max(rate_gbps(beams) for beams in range(1, most + 1))
        assert link_rate_gbps(weak, np.array(0.3)) == pytest.approx(best, rel=1e-4)


@given(st.lists(st.floats(0.0, 1e5), min_size=2, max_size=20))
def test_the_receiver_never_catches_more_than_was_sent_and_less_from_farther(distances: list[float]) -> None:
    caught = geometric_fraction(SUNCATCHER, np.array(sorted(distances)))
    assert np.all(caught <= 1.0)
    assert np.all(np.diff(caught) <= 0.0)


def test_every_terminal_of_the_catalog_can_be_read() -> None:
    catalog = load_catalog()
    terminals = {e.name: LaserTerminal.from_catalog(catalog, e.name) for e in catalog.collection("laser_terminals")}
    assert terminals["starlink_laser"].rate_gbps == 200.0
    assert (terminals["starlink_mini_laser"].rate_gbps, terminals["starlink_mini_laser"].maximum_range_km) == (25, 4000)
    tesat = terminals["tesat_scot80"]
    assert (tesat.rate_gbps, tesat.maximum_range_km, tesat.mass_kg) == (10.0, 8000.0, 11.9)
    assert terminals["suncatcher_short_range"].rate_gbps == 24 * 400.0


def test_an_unknown_terminal_is_answered_with_the_nearest() -> None:
    with pytest.raises(CatalogError, match='did you mean "tesat_scot80"'):
        LaserTerminal.from_catalog(load_catalog(), "tesat_scot8")


@pytest.mark.parametrize("figure", ["rate_gbps", "maximum_range_km"])
def test_a_terminal_of_the_catalog_that_carries_nothing_is_refused_by_its_path(figure: str) -> None:
    catalog = load_catalog().override({f"laser_terminals.starlink_laser.{figure}": 0.0})
    with pytest.raises(CatalogError, match=rf"laser_terminals\.starlink_laser\.{figure}: 0 must be finite and above 0"):
        LaserTerminal.from_catalog(catalog, "starlink_laser")


def test_a_terminal_carries_its_rate_up_to_its_range() -> None:
    terminal = LaserTerminal("test", 100.0, 5000.0, 10.0, 100.0)
    assert terminal.capacity_gbps(np.array([1.0, 5000.0, 5000.1])).tolist() == [100.0, 100.0, 0.0]


def test_a_terminal_with_a_design_carries_what_its_budget_gives() -> None:
    terminal = LaserTerminal("test", 1e5, 5000.0, 10.0, 100.0, design=replace(SUNCATCHER, beams_a_side=2))
    carried = terminal.capacity_gbps(np.array([1.0, 2.0, 5000.0, 5000.1]))
    assert carried == pytest.approx([4 * 9600.0, 9600.0, 63.6, 0.0], rel=0.005)
    # No more than the satellite behind the terminal takes.
    capped = replace(terminal, rate_gbps=800.0).capacity_gbps(np.array([1.0, 2.0, 5000.0]))
    assert capped == pytest.approx([800.0, 800.0, 63.6], rel=0.005)


def test_a_terminal_of_the_catalog_with_a_budget_carries_less_the_farther() -> None:
    # arXiv:2511.19468: 63.6 Gbit/s over 5,000 km; close in, 24 modems of 400 Gbit/s. Friis between: the square of the
    # distance, 63.6 x 25 over 1,000 km.
    terminal = LaserTerminal.from_catalog(load_catalog(), "suncatcher_budget")
    carried = terminal.capacity_gbps(np.array([0.2, 100.0, 1000.0, 5000.0, 5001.0]))
    assert carried == pytest.approx([9600.0, 9600.0, 63.6 * 25.0, 63.6, 0.0], rel=0.002)
    assert terminal.design is not None
    assert received_power_w(terminal.design, np.array(5000.0)) == pytest.approx(1.593e-6, rel=0.002)


def test_only_terminals_with_figures_of_a_budget_have_a_design() -> None:
    catalog = load_catalog()
    entries = catalog.collection("laser_terminals")
    designed = [entry.name for entry in entries if LaserTerminal.from_catalog(catalog, entry.name).design is not None]
    assert designed == ["suncatcher_budget"]


@pytest.mark.parametrize(("figure", "value"), [("transmit_w", -5.0), ("aperture_fraction", 1.1), ("channels", 2.5)])
def test_a_figure_of_a_budget_that_cannot_be_is_refused_by_its_path(figure: str, value: float) -> None:
    catalog = load_catalog().override({f"laser_terminals.suncatcher_budget.{figure}": value})
    with pytest.raises(CatalogError, match=rf"laser_terminals\.suncatcher_budget\.{figure}: {value:g} must be"):
        LaserTerminal.from_catalog(catalog, "suncatcher_budget")


def test_a_budget_that_lacks_a_figure_is_refused_by_its_name() -> None:
    catalog = load_catalog()
    entry = catalog.entry("laser_terminals", "suncatcher_budget")
    figures = {name: figure for name, figure in entry.figures.items() if name != "wavelength_m"}
    short = Catalog({("laser_terminals", "short"): replace(entry, name="short", figures=figures)})
    with pytest.raises(CatalogError, match='no figure "wavelength_m"'):
        LaserTerminal.from_catalog(short, "short")


def test_a_terminal_never_draws_more_on_standby_than_at_work() -> None:
    with pytest.raises(ValueError, match=r"standby_power_w: 101\.0 must be at most that of a working link, 100\.0"):
        LaserTerminal("test", 100.0, 5000.0, 10.0, 100.0, standby_power_w=101.0)
    catalog = load_catalog().override({"laser_terminals.starlink_laser.standby_power_w": 121.0})
    with pytest.raises(CatalogError, match=r"starlink_laser\.standby_power_w: 121 must be at most power_w, 120"):
        LaserTerminal.from_catalog(catalog, "starlink_laser")


def test_a_terminal_without_pointing_figures_has_no_limits() -> None:
    terminal = LaserTerminal("bench", 100.0, 5016.0, 10.0, 100.0)
    assert (terminal.sun_exclusion_deg, terminal.maximum_rate_deg_s, terminal.acquisition_s) == (0.0, np.inf, 0.0)
    assert (terminal.half_angle_deg, terminal.standby_power_w, terminal.design) == (180.0, 0.0, None)


@pytest.mark.parametrize(
    ("figure", "value", "says"),
    [
        ("standby_power_w", -1.0, "-1 must be finite and at least 0"),
        ("sun_exclusion_deg", 90.0, "90 must be at least 0 and below 90"),
        ("maximum_rate_deg_s", 0.0, "0 must be above 0"),
        ("acquisition_s", -1.0, "-1 must be finite and at least 0"),
        ("half_angle_deg", 181.0, "181 must be above 0 and at most 180"),
        ("half_angle_deg", 0.0, "0 must be above 0 and at most 180"),
    ],
)
def test_a_pointing_figure_that_no_terminal_can_have_is_refused_by_its_path(figure: str, value: Any, says: str) -> None:
    catalog = load_catalog().override({f"laser_terminals.starlink_laser.{figure}": value})
    with pytest.raises(CatalogError, match=rf"laser_terminals\.starlink_laser\.{figure}: {says}"):
        LaserTerminal.from_catalog(catalog, "starlink_laser")
    with pytest.raises(ValueError, match=f"{figure}: .* must be"):
        LaserTerminal("test", 100.0, 5000.0, 10.0, 100.0, **{figure: value})


def test_every_terminal_of_the_catalog_says_how_it_points() -> None:
    for entry in load_catalog().collection("laser_terminals"):
        terminal = LaserTerminal.from_catalog(load_catalog(), entry.name)
        assert 0.0 < terminal.standby_power_w < terminal.power_w
        assert 0.0 < terminal.sun_exclusion_deg < 45.0
        assert 10.0 <= terminal.acquisition_s <= 100.0
        # A terminal on one side must reach the planes beside it, and follow at least its own orbit's turn.
        assert terminal.half_angle_deg > 45.0
        assert terminal.maximum_rate_deg_s > 0.07


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_a_terminal_without_a_rate_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="rate_gbps"):
        LaserTerminal("test", value, 5000.0, 10.0, 100.0)


@pytest.mark.parametrize("figure", ["mass_kg", "power_w"])
@pytest.mark.parametrize("value", [-10.0, np.nan, np.inf])
def test_a_terminal_of_no_such_mass_or_power_is_refused(figure: str, value: float) -> None:
    given: dict[str, Any] = {"mass_kg": 10.0, "power_w": 100.0} | {figure: value}
    with pytest.raises(ValueError, match=f"{figure}: {value} must be finite and at least 0"):
        LaserTerminal("test", 100.0, 5000.0, **given)
