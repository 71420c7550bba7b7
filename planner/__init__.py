"""Plan fleets of rack satellites: orbits, laser network, placement, launch manifest and money.

The rooms, in the order in which data flow through them (each imports only rooms above it here):

``orbit``, ``environment``, ``links``, ``satellite``, ``network``, ``workload``, ``launch``, ``economics``,
``scenario``, ``report``.

Nothing is imported here, so that ``import planner`` costs nothing; take what you need from a room::

    from planner.orbit import propagate, walker_delta
    from planner.times import TimeGrid
"""

__version__ = "0.1.0"
