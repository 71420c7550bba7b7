"""What do a fleet's laser terminals draw while some of them work? Watts, ``[time, sat]``."""

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.links.optical import LaserTerminal
from planner.links.table import LinkTable


def terminal_power_w(links: LinkTable, terminal: LaserTerminal, terminals: int | IntArray) -> FloatArray:
    """Return the power drawn by each satellite's terminals: those with a partner work, the rest stand by.

    A terminal that still acquires its partner draws what a working one does: amplifier, pointing and receiver are on,
    and only the data are missing.

    Parameters
    ----------
    links
        Links over time, those that are acquired among them; each takes one terminal at either end.
    terminal
        Gives the power of a terminal at work, acquiring or carrying data, and on standby.
    terminals
        Of each satellite, one number or ``[sat]``.

    Returns
    -------
    FloatArray
        ``[time, sat]``. Satellites that are lost draw standby power here; who is alive is the ephemeris's to say.

    Raises
    ------
    ValueError
        If a satellite has more links at one instant, acquired or not, than terminals.
    """
    shape = (links.times.count, links.satellites)
    owned = np.broadcast_to(np.asarray(terminals, dtype=np.int64), links.satellites)
    instant = np.repeat(np.arange(shape[0]), np.diff(links.offsets))
    ends = np.concatenate([instant * shape[1] + links.a, instant * shape[1] + links.b])
    working = np.bincount(ends, minlength=shape[0] * shape[1]).reshape(shape) + links.acquiring_terminals
    if np.any(working > owned):
        time, sat = np.argwhere(working > owned)[0]
        raise ValueError(
            f"links: satellite {sat} has {working[time, sat]} links at instant {time} but {owned[sat]} terminals"
        )
    return floats(working * terminal.power_w + (owned - working) * terminal.standby_power_w)
