"""What the oblate Earth does to a formation, in metres per second: once, to start it right, and a year, to hold it.

Drag is left out: satellites that are alike lose height together. One whose ballistic coefficient differs from its
neighbours' by some part needs that part of the station-keeping for drag on top.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray
from planner.constants import SECONDS_PER_DAY, TROPICAL_YEAR_D, WGS72_MU_KM3_S2, WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.orbit.columns import Columns
from planner.orbit.design.formation_geometry import ellipses_km, ends_km, require_one_chief
from planner.orbit.elements import Fleet
from planner.orbit.formation import hill_to_inertial
from planner.orbit.propagate import SGP4_ERRORS, teme_states

_SECONDS_PER_MINUTE: Final = 60.0
_M_PER_KM: Final = 1000.0


@dataclass(frozen=True, eq=False)
class J2Drift(Columns):
    """What J2 does to each satellite of a formation ``[sat]``.

    Attributes
    ----------
    names
        Of the satellites.
    along_track_km_d
        How fast a satellite that starts with the velocity of the unperturbed relative motion leaves along the track.
    trim_m_s
        Impulse along the track at the epoch, once, that stops it: the amendment to the shape of the cluster.
    node_m_s_yr
        Velocity change a year that keeps its plane beside the chief's, which a difference of inclination turns. Nil for
        a flat cluster, to first order.
    turning_m_s_yr
        Velocity change a year that keeps its ellipse in step with the revolution from node to node. J2 turns the
        ellipses of all satellites together, as it turns a perigee: distances in a flat cluster do not change by it, so
        this need not be spent unless places in the cluster must recur at given latitudes or the cluster is not flat.
    reach_km
        Greatest distance from the chief.
    """

    names: tuple[str, ...]
    along_track_km_d: FloatArray
    trim_m_s: FloatArray
    node_m_s_yr: FloatArray
    turning_m_s_yr: FloatArray
    reach_km: FloatArray

    @property
    def holding_m_s_yr(self) -> FloatArray:
        """Velocity change a year that holds the unperturbed motion, node and turning together, ``[sat]``."""
        return self.node_m_s_yr + self.turning_m_s_yr

    @property
    def worst_holding_m_s_yr(self) -> float:
        """Greatest `holding_m_s_yr` of any satellite; 0 for nobody."""
        return float(self.holding_m_s_yr.max(initial=0.0))

    @property
    def worst_holding_per_km_m_s_yr(self) -> float:
        """Greatest `holding_m_s_yr` for each kilometre of a satellite's reach; 0 where all stand at the chief."""
        away = self.reach_km > 0.0
        return float(np.max(self.holding_m_s_yr[away] / self.reach_km[away], initial=0.0))


def j2_drift(fleet: Fleet) -> J2Drift:
    """Return what J2 does to one formation around a chief on a nearly circular orbit.

    Parameters
    ----------
    fleet
        ``[sat]``, a formation around one chief, who may be one of them.

    Raises
    ------
    ValueError
        If satellites have different chiefs, or one does not circle its chief, or SGP4 cannot fly the chief.

    Notes
    -----
    To first order in J2, with ``J = J2 (R/a)²``. What bounds a formation is an equal mean semi-major axis, which equal
    energy in the oblate field gives, the averaged potential ``(μ/4a) J (1 − 3 cos² i)`` taken off. A satellite with a
    surplus δE of energy and δi of inclination leaves along the track at ``−3 δE/(na) − 6 n a J sin i cos i δi``; an
    impulse along the track changes δE by the speed times itself (Schaub and Alfriend, J2 invariant relative orbits for
    spacecraft formations, Celestial Mechanics and Dynamical Astronomy 79 (2001) 77–95; Alfriend et al., Spacecraft
    Formation Flying, Elsevier 2010). Energies are those of the chief's SGP4 state at the epoch and of states
    around it. What a trim leaves turns the relative eccentricity vector at ``(3/4) n J (5 cos² i − 1)`` and changes the
    relative inclination vector by ``(3/2) n J sin² i δi``; to bring a vector back by Δ costs ``n a Δe/2`` in tangential
    and ``n a Δi`` in normal impulses (D'Amico, Autonomous formation flying in low Earth orbit, thesis, Delft 2010,
    chapter 2).

    Measured for Suncatcher's cluster against point mass and J2, integrated up to ten days: the drift of untrimmed
    satellites, up to 0.8 km a day, to 0.5 %; trimmed satellites leave by less than 0.2 m a day along the track and need
    less than 0.03 m/s a year across it. Holding the turning costs 5.5 m/s a year for each kilometre of reach. The "less
    than 3 m/s/year per km" of arXiv:2511.19468, once the axis ratio is 2:1.0037, lies between; the paper does not say
    what is held. Its change of ratio is a trim of 0.4 % of the relative velocity; here it takes up to 0.3 %.
    """
    require_one_chief(fleet)
    inclination = np.radians(fleet.inclination_deg)
    sine, cosine = np.sin(inclination), np.cos(inclination)
    axis = fleet.semi_major_axis_km
    rate = meanmotion.mean_motion_rad_min(axis) / _SECONDS_PER_MINUTE
    oblateness = meanmotion.WGS72_J2 * (WGS72_RADIUS_KM / axis) ** 2
    energy, tilt, speed_km_s = _surplus(fleet)
    # In km²/s²; it vanishes for a satellite that stays.
    wrong = energy + 2.0 * (rate * axis) ** 2 * oblateness * sine * cosine * tilt
    leaving = -3.0 * wrong / (rate * axis)
    cosines, sines = ellipses_km(fleet)
    _, reach = ends_km(cosines, sines)
    year_s = TROPICAL_YEAR_D * SECONDS_PER_DAY
    node = 1.5 * rate**2 * axis * oblateness * sine**2 * np.abs(tilt)
    turning = (
        0.5 * rate * np.hypot(cosines[:, 0], sines[:, 0]) * np.abs(0.75 * rate * oblateness * (5.0 * cosine**2 - 1.0))
    )
    return J2Drift(
        names=fleet.names,
        along_track_km_d=leaving * SECONDS_PER_DAY,
        trim_m_s=-wrong / speed_km_s * _M_PER_KM,
        node_m_s_yr=node * year_s * _M_PER_KM,
        turning_m_s_yr=turning * year_s * _M_PER_KM,
        reach_km=reach,
    )


def _surplus(fleet: Fleet) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return energy, km²/s², and inclination, rad, of each satellite above its chief's at the epoch, and its speed."""
    offsets = fleet.offsets
    if not len(fleet):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    codes, positions, velocities = teme_states(fleet[:1], fleet.epoch_jd[:1], fleet.epoch_fraction[:1])
    if codes[0, 0]:
        raise ValueError(f"fleet: SGP4 cannot fly the chief at its epoch: {SGP4_ERRORS[int(codes[0, 0])]}")
    chief_km, chief_km_s = positions[0, 0], velocities[0, 0]
    places = [offsets.radial_km, offsets.along_track_km, offsets.cross_track_km]
    rates = [offsets.radial_rate_km_s, offsets.along_track_rate_km_s, offsets.cross_track_rate_km_s]
    members = hill_to_inertial(chief_km, chief_km_s, np.stack(places, axis=-1), np.stack(rates, axis=-1))
    chief_energy, chief_inclination = _energy_and_inclination(chief_km, chief_km_s)
    energy, inclination = _energy_and_inclination(*members)
    return energy - chief_energy, inclination - chief_inclination, np.linalg.norm(members[1], axis=-1)


def _energy_and_inclination(positions_km: FloatArray, velocities_km_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the energy in the field of a point mass and J2, km²/s², and the osculating inclination, rad."""
    radius = np.linalg.norm(positions_km, axis=-1)
    squared_sine = (positions_km[..., 2] / radius) ** 2
    oblate = 0.5 * meanmotion.WGS72_J2 * (WGS72_RADIUS_KM / radius) ** 2 * (3.0 * squared_sine - 1.0)
    energy = 0.5 * np.sum(velocities_km_s**2, axis=-1) - WGS72_MU_KM3_S2 / radius * (1.0 - oblate)
    momentum = np.cross(positions_km, velocities_km_s)
    return energy, np.arctan2(np.hypot(momentum[..., 0], momentum[..., 1]), momentum[..., 2])
