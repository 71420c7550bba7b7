"""The tables and the graph of the laser network: sites, traffic, single losses, the network at its best instant."""

import io

import numpy as np

from planner.links import contact_counts, handovers_per_h, space_ground_capacity_gbps
from planner.network import portable_graph
from planner.report.tables import Table
from planner.scenario import Study
from planner.scenario.places import people


def sites_table(study: Study) -> Table:
    """Return one row per ground site: where it is, what it sees, what its antennas follow and carry."""
    sites, access, gateways = study.sites, study.access, study.gateways
    nearest = np.full(len(sites), np.nan)
    np.fmin.at(nearest, access.site, access.range_km)
    expected = space_ground_capacity_gbps(access, gateways, weather=True).mean(axis=0)
    return Table(
        "sites",
        {
            "site": sites.names,
            "latitude_deg": sites.latitude_deg.tolist(),
            "longitude_deg": sites.longitude_deg.tolist(),
            "people": people(study.places).tolist(),
            "in_view_fraction": study.network.contacts_seen.mean(axis=0).tolist(),
            "mean_satellites_in_view": contact_counts(study.flight.access).mean(axis=0).tolist(),
            "mean_satellites_followed": contact_counts(access).mean(axis=0).tolist(),
            "contacts_begun_per_h": handovers_per_h(access).tolist(),
            "shortest_slant_range_km": nearest.tolist(),
            "outage_fraction": gateways.outage_fraction.tolist(),
            "expected_capacity_gbps": expected.tolist(),
            "backhaul_ms": study.backhaul_ms.tolist(),
        },
    )


def traffic_table(study: Study) -> Table:
    """Return one row per path that carries traffic, and one per demand that none carries."""
    plan = study.network.traffic
    rows: list[tuple[str, str, float, float, float | None, int | None, str]] = []
    if plan is not None:
        for i, demand in enumerate(plan.demands):
            asked, ways = (demand.source, demand.target, demand.gbps), np.flatnonzero(plan.demand == i).tolist()
            for way in ways:
                path = plan.paths[way]
                rows.append((*asked, float(plan.rate_gbps[way]), path.latency_ms, path.hops, " ".join(path.nodes)))
            if not ways:
                rows.append((*asked, 0.0, None, None, ""))
    names = ("source", "target", "asked_gbps", "carried_gbps", "latency_ms", "hops", "path")
    return Table("traffic", {name: [row[i] for row in rows] for i, name in enumerate(names)})


def losses_table(study: Study) -> Table:
    """Return one row per single loss of a satellite, a plane or a site, worst first of each kind."""
    found = study.network.resilience
    kinds = (found.satellites, found.planes, found.sites)
    return Table(
        "losses",
        {
            "lost": [kind.kind for kind in kinds for _ in range(len(kind))],
            "name": [name for kind in kinds for name in kind.names],
            "site_pairs_parted": [int(n) for kind in kinds for n in kind.pairs_lost],
            "satellites_unserved": [int(n) for kind in kinds for n in kind.unserved],
            "satellites_cut_off": [int(n) for kind in kinds for n in kind.parted],
            "median_rise_ms": [float(rise) for kind in kinds for rise in kind.median_rise_ms],
            "worst_rise_ms": [float(rise) for kind in kinds for rise in kind.worst_rise_ms],
        },
    )


def graph_text(study: Study) -> str:
    """Return the network at its best joined instant as GraphML."""
    import networkx as nx

    buffer = io.BytesIO()
    nx.write_graphml(portable_graph(study.network.best.graph), buffer)
    return buffer.getvalue().decode("utf-8")
