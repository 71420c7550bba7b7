import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import floats
from planner.report.coastline import disc_rings, flat_rings, load_coastlines, unit_vectors
from planner.report.figures_map import great_circle_parts
from planner.report.globe import night_outline


def winding(ring, points):
    """Winding number of a closed ring round each point, by summing signed angles."""
    steps = np.vstack([ring, ring[:1]])[None, :, :] - points[:, None, :]
    angle = np.arctan2(steps[..., 1], steps[..., 0])
    turn = np.diff(angle, axis=1)
    return np.rint(((turn + np.pi) % (2 * np.pi) - np.pi).sum(axis=1) / (2 * np.pi)).astype(int)


def on_land(longitude, latitude):
    points = np.column_stack([longitude, latitude])
    return sum(winding(ring, points) for ring in flat_rings(load_coastlines().land)) != 0


def test_known_places_are_on_land_or_at_sea():
    # Moscow, Brasília, Alice Springs, the South Pole's neighbourhood, Chukotka beyond the date line; then
    # mid-Atlantic, mid-Pacific either side of the date line, the Arctic Ocean.
    longitude = np.array([37.6, -47.9, 133.9, 10.0, -178.0, -35.0, 179.0, -179.0, 0.0])
    latitude = np.array([55.8, -15.8, -23.7, -88.0, 66.5, 30.0, 10.0, 10.0, 88.0])
    assert on_land(longitude, latitude).tolist() == [True] * 5 + [False] * 4


def test_the_caspian_sea_is_cut_out():
    assert sum(winding(ring, np.array([[50.5, 42.0]])) for ring in flat_rings(load_coastlines().lakes)) != 0


def test_provenance_travels_with_the_coastlines():
    assert "Natural Earth" in load_coastlines().source


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    # Above Africa; the pole; a viewer whose opposite point lies inside Asia, where the pressed ring winds backwards.
    [(20.0, 10.0), (0.0, 89.0), (-80.0, -45.0), (100.0, 50.0), (0.0, -80.0), (-150.0, 5.0)],
)
def test_the_globe_shows_land_where_the_map_does(longitude, latitude):
    viewer = unit_vectors(np.array(longitude), np.array(latitude))
    right = np.cross([0.0, 0.0, 1.0], viewer)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(viewer, right), viewer])
    rng = np.random.default_rng(0)
    disc = rng.uniform(-0.93, 0.93, (600, 2))
    disc = disc[np.hypot(*disc.T) < 0.93]
    turned = sum(winding(ring, disc) for ring in disc_rings(load_coastlines().land, rotation))
    ground = np.column_stack([disc, np.sqrt(1 - (disc**2).sum(axis=1))]) @ rotation
    expected = on_land(np.degrees(np.arctan2(ground[:, 1], ground[:, 0])), np.degrees(np.arcsin(ground[:, 2])))
    # Coasts are drawn with chords in one picture and with straight degrees in the other: points within a fraction
    # of a degree of a shore may differ.
    assert (np.asarray(turned != 0) != expected).mean() < 0.01


@given(st.tuples(*[st.floats(-180, 180), st.floats(-89, 89)] * 2))
@settings(max_examples=60)
def test_great_circles_never_jump_across_the_map(ends):
    parts = great_circle_parts(floats(ends[:2]), floats(ends[2:]))
    for part in parts:
        assert np.isfinite(part).all()
        assert np.abs(part[:, 0]).max() <= 180.0 + 1e-9
    assert len(parts) <= 2
    if len(parts) == 2:
        assert {abs(parts[0][-1, 0]), abs(parts[1][0, 0])} == {180.0}


def test_night_covers_half_the_disc_seen_from_the_side_and_none_seen_from_the_sun():
    def area(outline):
        x, y = outline.T
        return abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2

    side = night_outline(floats([1.0, 0.0, 0.0]))
    # The limb is drawn a tenth too far out, to leave no bright edge: half an ellipse of half-axes 1 and 1.1.
    assert area(side) == pytest.approx(np.pi * 1.1 / 2, rel=0.01)
    assert len(night_outline(floats([0.0, 0.0, 1.0]))) == 0
    assert area(night_outline(floats([0.0, 0.0, -1.0]))) == pytest.approx(np.pi, rel=0.01)
