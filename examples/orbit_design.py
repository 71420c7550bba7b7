"""Design four constellations in a few lines each, and judge them: sunlight, distances, coverage, decay and dose."""

from datetime import UTC, datetime

from planner.catalog import load_catalog
from planner.environment import Atmosphere, DoseTable, annual_dose_rad_yr, eclipse_seasons, lifetime_yr
from planner.links import coverage
from planner.orbit import (
    cluster,
    cluster_geometry,
    dawn_dusk_train,
    j2_drift,
    phasing_separations_km,
    propagate_blocks,
    repeat_ground_track,
    shell_gaps_km,
    walker_delta,
)
from planner.times import TimeGrid

start = datetime(2026, 6, 21, tzinfo=UTC)

# A train of dawn-dusk planes stacked 50 km apart: in light most of the year, and never in each other's way.
train = dawn_dusk_train(name="train", altitudes_km=[600, 650, 700], satellites_per_shell=40, epoch=start)
sun = eclipse_seasons(train, start=start)
print(f"train: {len(train)} satellites, shells at least {shell_gaps_km(train)[0].gap_km:.1f} km apart")
for altitude, share, longest, days in zip(
    ("600", "650", "700"), sun.sunlit_fraction, sun.longest_eclipse_min, sun.eclipse_days_d, strict=True
):
    print(f"  {altitude} km: {share:.1%} of the year in sunlight, shadow on {days:.0f} days, {longest:.1f} min at most")

# A Walker shell whose phasing keeps satellites apart where planes cross; how many does each latitude see?
apart = phasing_separations_km(altitude_km=550.0, inclination_deg=53.0, planes=24, satellites_per_plane=22)
phasing = int(apart.argmax())
shell = walker_delta(
    name="shell", altitude_km=550.0, inclination_deg=53.0, satellites=528, planes=24, phasing=phasing, epoch=start
)
seen = coverage(
    propagate_blocks(shell, TimeGrid(start, step_s=60.0, count=100)),
    latitudes_deg=[0, 30, 50, 60],
    minimum_elevation_deg=25.0,
)
print(f"shell: phasing {phasing} keeps satellites {apart[phasing]:.1f} km apart, the worst only {apart.min():.1f} km")
print("  in view at 0°, 30°, 50° and 60°: at least", *seen.fewest, "and at most", *seen.most)

# One ground track for all, closed every day.
track = repeat_ground_track(name="track", days=1, revolutions=15, satellites=8, inclination_deg=60.0, epoch=start)
print(f"track: 15 revolutions a day at {track.altitude_km[0]:.1f} km")

# A cluster after Project Suncatcher: 81 satellites within a kilometre, on relative orbits that need no thrust.
close = cluster(name="cluster", altitude_km=650.0, epoch=start)
shape, drift = cluster_geometry(close), j2_drift(close)
print(f"cluster: {len(close)} satellites, never nearer than {1000 * shape.minimum_separation_km:.0f} m")
print(
    f"  a trim of {1000 * drift.trim_m_s.max():.1f} mm/s keeps it together; holding its shape against the Earth's "
    f"oblateness costs {drift.worst_holding_per_km_m_s_yr:.1f} m/s a year per km"
)

# What 650 km does to a satellite of 28 kg/m² and to its chips.
catalog = load_catalog()
for activity in ("high", "mean", "low"):
    air = Atmosphere.from_catalog(catalog, activity)
    years = lifetime_yr(650.0, ballistic_coefficient_kg_m2=28.0, atmosphere=air, inclination_deg=98.0)
    print(f"650 km at {activity} solar activity: down after {years:.1f} years")
dose = annual_dose_rad_yr(650.0, inclination_deg=98.0, shielding_mm=10.0, table=DoseTable.from_catalog(catalog))
print(f"650 km: {dose:.0f} rad a year behind 10 mm of aluminium")
