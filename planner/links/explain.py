"""Why may these two satellites be linked, or not? Every rule with what was found, what is allowed, and the verdict.

Any Earth-centred frame that does not turn, axes ``[xyz]``. The verdicts are those of `feasible_links`, from the same
compiled functions; the figures beside them are worked out here, so that a reader can follow them.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, floats, ints
from planner.links.feasible import columns_for, instant_of
from planner.links.geometry import angular_rate_deg_s, grazing_altitude_km, range_km
from planner.links.rules import LinkRules, Mounting, limits_of, mount_of

_ENDS: Final = ("a", "b")
_UNITS: Final = {"km": " km", "deg": "°", "deg/s": "°/s"}
_SAYS: Final = {
    "range": ("the ends are {found} apart", "at most"),
    "grazing altitude": ("the line between them passes {found} above the ground", "at least"),
    "angular rate": ("the line between them turns by {found} against the stars", "at most"),
    "Sun exclusion": ("from {where} the other end stands {found} off the Sun", "at least"),
    "field of regard": ("from {where} the other end stands {found} off the best terminal's boresight", "at most"),
}
_OWN_TURN: Final = " (the satellites' own turn counts: some 0.06°/s in low orbit, also between neighbours in one orbit)"


@dataclass(frozen=True)
class RuleCheck:
    """One rule and what it says of one link.

    Attributes
    ----------
    rule
        ``range``, ``grazing altitude``, ``angular rate``, ``Sun exclusion`` or ``field of regard``.
    found, allowed
        The link's value and the limit. A limit that is infinite is none; a Sun that the Earth hides is infinitely far
        off; what a lost satellite leaves unknown is NaN.
    unit
        Of both: km, deg or deg/s.
    passed
        Whether the rule holds.
    where
        ``a`` or ``b`` where the rule is asked at one end, empty where it is asked of the link.
    """

    rule: str
    found: float
    allowed: float
    unit: str
    passed: bool
    where: str

    def __str__(self) -> str:
        if math.isnan(self.found):
            return f"{self.rule}: unknown, for a satellite is lost"
        if self.rule == "range" and self.found == 0.0:
            return "both are at one place"
        if self.rule == "grazing altitude" and self.found < 0.0:
            return "the Earth is between them"
        if self.rule == "Sun exclusion" and math.isinf(self.found):
            return f"the Earth hides the Sun from {self.where}"
        found, allowed = (f"{value:,.6g}{_UNITS[self.unit]}" for value in (self.found, self.allowed))
        value, limit = _SAYS[self.rule]
        bound = "and no limit is set" if math.isinf(self.allowed) else f"{limit} {allowed} is allowed"
        own_turn = self.rule == "angular rate" and not self.passed
        return f"{value.format(found=found, where=self.where)}, {bound}{_OWN_TURN if own_turn else ''}"


@dataclass(frozen=True)
class LinkVerdict:
    """What the rules say of one link: each that is asked, in their order."""

    checks: tuple[RuleCheck, ...]

    @property
    def allowed(self) -> bool:
        """Return whether every rule holds."""
        return all(check.passed for check in self.checks)

    @property
    def refused_by(self) -> tuple[str, ...]:
        """Return the rules that do not hold, each once."""
        return tuple(dict.fromkeys(check.rule for check in self.checks if not check.passed))

    def __str__(self) -> str:
        chosen = [str(check) for check in self.checks if self.allowed or not check.passed]
        return f"{'may be linked' if self.allowed else 'may not be linked'}: {'; '.join(chosen)}"


def explain_link(
    position_a_km: FloatArray,
    velocity_a_km_s: FloatArray,
    position_b_km: FloatArray,
    velocity_b_km_s: FloatArray,
    *,
    rules: LinkRules,
    sun_km: FloatArray | None = None,
    sunlit: BoolArray | None = None,
    pole: FloatArray | None = None,
) -> LinkVerdict:
    """Return what every rule says of a link between two satellites, a and b.

    Rules that set no limit on the Sun or on where terminals look are not asked. Of two satellites at one place nothing
    but the range is asked: a line without length has no direction and no turn.

    Parameters
    ----------
    position_a_km, velocity_a_km_s, position_b_km, velocity_b_km_s
        ``[xyz]``.
    rules, sun_km, pole
        As in `feasible_links`.
    sunlit
        ``[end]``, whether a and b see the Sun; worked out when left out, as in `feasible_links`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the Sun is needed and not given.
    """
    positions, velocities = floats([position_a_km, position_b_km]), floats([velocity_a_km_s, velocity_b_km_s])
    axis, scene = instant_of(positions, velocities, rules=rules, sun_km=sun_km, sunlit=sunlit, pole=pole)
    from planner.links import verdict

    columns = columns_for((1,), rules)
    verdict.judge(ints([[0, 1]]), axis, scene, limits_of(rules), mount_of(rules), columns)
    held, (a, b), (speed_a, speed_b) = int(columns[0][0]), positions, velocities
    if np.array_equal(a, b):
        return LinkVerdict((RuleCheck("range", 0.0, rules.maximum_range_km, "km", passed=False, where=""),))
    lowest_km, rate_deg_s = grazing_altitude_km(a, b, pole=floats(axis)), angular_rate_deg_s(a, speed_a, b, speed_b)
    checks: list[tuple[str, float | FloatArray, float, str, int, str]] = [
        ("range", range_km(a, b), rules.maximum_range_km, "km", verdict.RANGE, ""),
        ("grazing altitude", lowest_km, rules.grazing_altitude_km, "km", verdict.GRAZING, ""),
        ("angular rate", rate_deg_s, rules.maximum_rate_deg_s, "deg/s", verdict.RATE, ""),
    ]
    for end, where in enumerate(_ENDS):
        sight = positions[1 - end] - positions[end]
        if rules.asks_for_the_sun:
            off_deg = _sun_off_deg(scene[2][end], sight)
            bit = (verdict.SUN_AT_A, verdict.SUN_AT_B)[end]
            checks.append(("Sun exclusion", off_deg, rules.sun_exclusion_deg, "deg", bit, where))
        if rules.mounting is not None:
            off_deg, half_angle_deg = _best_terminal(scene[3][end] @ sight, rules.mounting)
            bit = (verdict.FIELD_AT_A, verdict.FIELD_AT_B)[end]
            checks.append(("field of regard", off_deg, half_angle_deg, "deg", bit, where))
    return LinkVerdict(
        tuple(
            RuleCheck(rule, float(found), float(allowed), unit, bool(held & bit), where)
            for rule, found, allowed, unit, bit, where in checks
        )
    )


def _sun_off_deg(sunward: FloatArray, sight: FloatArray) -> float:
    """Return the angle between the Sun and the line of sight; infinite where the Earth hides the Sun."""
    return float(_angle_deg(sunward, sight)) if sunward.any() else math.inf


def _best_terminal(sight: FloatArray, mounting: Mounting) -> tuple[float, float]:
    """Return the angle off its boresight, and the one allowed, of the terminal that has most to spare.

    `sight` is in Hill's frame.
    """
    off_deg = _angle_deg(mounting.boresights, sight)
    best = int(np.argmax(mounting.half_angle_deg - off_deg))
    return float(off_deg[best]), float(mounting.half_angle_deg[best])


def _angle_deg(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the angle between vectors ``[…, xyz]``, well founded near 0 and 180 too."""
    across = np.linalg.norm(np.cross(a, b), axis=-1)
    angle: FloatArray = np.degrees(np.arctan2(across, a @ b))
    return angle
