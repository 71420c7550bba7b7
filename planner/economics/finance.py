"""The question: what capital costs a year, how prices fall with volume, and when two prices meet.

Rates are real, per year; money is US dollars. Every function takes and returns plain numbers.
"""

import math

from planner.errors import InputError, Problem


def recovery_per_yr(rate_fraction: float, life_yr: float) -> float:
    """Return the capital recovery factor, the yearly payment per dollar invested.

    CRF = r(1+r)ⁿ/((1+r)ⁿ − 1) = r/(1 − (1+r)⁻ⁿ), and 1/n at r = 0 (any text of engineering economics, for example
    Blank & Tarquin, table 2-1).

    Parameters
    ----------
    rate_fraction
        Discount rate a year, above −1.
    life_yr
        Years of service, above 0; each asset has its own.

    Raises
    ------
    InputError
        For a rate of −100 % or less, a life that is not positive, or values that are not finite.
    """
    problems = []
    if not (math.isfinite(rate_fraction) and rate_fraction > -1.0):
        reason = f"{rate_fraction:g}, must be a finite number above -1 (-100 % a year)"
        problems.append(Problem("discount rate", reason))
    if not (math.isfinite(life_yr) and life_yr > 0.0):
        problems.append(Problem("life_yr", f"{life_yr:g}, must be a positive number of years"))
    if problems:
        raise InputError(problems)
    growth = life_yr * math.log1p(rate_fraction)
    if abs(growth) < 1e-12:  # r = 0, or so near that the quotient below is 0/0
        return 1.0 / life_yr
    if growth < -700.0:  # (1+r)⁻ⁿ would overflow a float: nothing has to be paid back
        return 0.0
    return rate_fraction / -math.expm1(-growth)


def annuity_usd_yr(invested_usd: float, rate_fraction: float, life_yr: float) -> float:
    """Return the equal yearly payments that pay back `invested_usd` over `life_yr`."""
    return invested_usd * recovery_per_yr(rate_fraction, life_yr)


def affordable_usd(payment_usd_yr: float, rate_fraction: float, life_yr: float) -> float:
    """Return what may be invested so that it costs `payment_usd_yr` a year over `life_yr`."""
    return payment_usd_yr / _positive("recovery factor", recovery_per_yr(rate_fraction, life_yr))


def learned_usd(first_usd: float, volume_fraction: float, learning_fraction: float) -> float:
    """Return the price after cumulative volume has grown by `volume_fraction` (2.0 is doubled).

    Wright's law P = P₀·(M/M₀)^log₂(1 − rate); T. P. Wright, J. Aeronaut. Sci. 3 (1936) 122, doi:10.2514/8.155.
    """
    exponent = math.log2(1.0 - _between_0_and_1("learning_fraction", learning_fraction))
    return first_usd * float(_positive("volume_fraction", volume_fraction) ** exponent)


def volume_for(first_usd: float, goal_usd: float, learning_fraction: float) -> float:
    """Return how many times the cumulative volume must grow for the price to reach `goal_usd` (Wright's law)."""
    exponent = math.log2(1.0 - _between_0_and_1("learning_fraction", learning_fraction))
    return float((_positive("goal_usd", goal_usd) / _positive("first_usd", first_usd)) ** (1.0 / exponent))


def crossing_yr(falling_usd: float, rising_usd: float, *, fall_per_yr: float, rise_per_yr: float) -> float | None:
    """Return the years until a falling price meets a rising one; 0 if it is lower already, None if it never does.

    t* = ln(L₀/G₀)/ln((1+x)/(1−y)), both prices exponential in time.
    """
    start = _positive("falling_usd", falling_usd) / _positive("rising_usd", rising_usd)
    if start <= 1.0:
        return 0.0
    closing = _positive("1 + rise_per_yr", 1.0 + rise_per_yr) / _positive("1 - fall_per_yr", 1.0 - fall_per_yr)
    return math.log(start) / math.log(closing) if closing > 1.0 else None


def break_even_usd_kw(
    *,
    chips_usd_kw: float,
    facility_usd_kw: float,
    ground_usd_kw_yr: float,
    chips_life_yr: float,
    facility_life_yr: float,
    orbital_life_yr: float,
    rate_fraction: float,
) -> float:
    """Return what satellite bus and launch may cost per kW of IT power to equal the ground, year by year.

    (C_chips·(CRF_chips − CRF_L) + C_facility·CRF_facility + running cost)/CRF_L: in orbit the chips last as long as
    the satellite (L), on the ground `chips_life_yr`. A negative answer means that orbit loses even for free.
    """
    orbital = recovery_per_yr(rate_fraction, orbital_life_yr)
    chips = chips_usd_kw * (recovery_per_yr(rate_fraction, chips_life_yr) - orbital)
    facility = facility_usd_kw * recovery_per_yr(rate_fraction, facility_life_yr)
    return (chips + facility + ground_usd_kw_yr) / _positive("recovery factor", orbital)


def _positive(name: str, value: float) -> float:
    if not (math.isfinite(value) and value > 0.0):
        raise InputError(Problem(name, f"{value:g}, must be a positive number"))
    return value


def _between_0_and_1(name: str, value: float) -> float:
    if not 0.0 < value < 1.0:
        raise InputError(Problem(name, f"{value:g}, must lie between 0 and 1"))
    return value
