"""The four options side by side: this orbital fleet, a terrestrial site, container modules, a home network.

Each is an `Option` with its capital and running cost by line, the accelerator-hours it delivers in a year, its lead
time and the boundary of what was counted.
"""

from planner.economics.ground import home_option, megapod_option, terrestrial_option, transfer_s
from planner.economics.option import Option
from planner.economics.orbital import claimed_orbital_option, orbital_option

__all__ = [
    "Option",
    "claimed_orbital_option",
    "home_option",
    "megapod_option",
    "orbital_option",
    "terrestrial_option",
    "transfer_s",
]
