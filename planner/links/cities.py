"""Where do people live? The largest cities of the world, read from the package's own excerpt of GeoNames.

Provenance, licence and what was left out stand in ``planner/data/cities.LICENSE``. Axis ``[city]``.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from planner.arrays import FloatArray, IntArray, floats, ints, require_shape


@dataclass(frozen=True, eq=False)
class Cities:
    """Cities ``[city]``, by population, the largest first.

    Attributes
    ----------
    names
        Name of each city, unique: with the country's code behind it where two are of one name.
    countries, country_codes, continents
        Country by name and by ISO 3166-1 code of two letters, and continent.
    latitude_deg, longitude_deg
        WGS84, north and east positive.
    population
        People within the city's own limits.

    Raises
    ------
    ValueError
        For columns of different lengths or a city without people.
    """

    names: tuple[str, ...]
    countries: tuple[str, ...]
    country_codes: tuple[str, ...]
    continents: tuple[str, ...]
    latitude_deg: FloatArray
    longitude_deg: FloatArray
    population: IntArray

    def __post_init__(self) -> None:
        for name, column in (
            ("latitude_deg", floats(self.latitude_deg)),
            ("longitude_deg", floats(self.longitude_deg)),
            ("population", ints(self.population)),
        ):
            require_shape(name, column, (len(self.names),))
            object.__setattr__(self, name, column)
        if not len(self.names) == len(self.countries) == len(self.country_codes) == len(self.continents):
            raise ValueError("names, countries, country_codes, continents: need one entry per city each")
        if (self.population <= 0).any():
            raise ValueError(f"population: {self.population.min()} must be positive")

    def __getitem__(self, rows: IntArray) -> "Cities":
        """Return some cities, in the order asked for."""
        texts = (self.names, self.countries, self.country_codes, self.continents)
        names, countries, codes, continents = (tuple(text[row] for row in rows) for text in texts)
        places = (self.latitude_deg[rows], self.longitude_deg[rows], self.population[rows])
        return Cities(names, countries, codes, continents, *places)

    def __len__(self) -> int:
        return len(self.names)


@cache
def load_cities() -> Cities:
    """Read the cities that the package carries, once."""
    text = (files("planner") / "data" / "cities.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    plain = [row["name"] for row in rows]
    names = tuple(
        f"{row['name']} ({row['country_code']})" if plain.count(row["name"]) > 1 else row["name"] for row in rows
    )
    countries, codes, continents = (tuple(row[key] for row in rows) for key in ("country", "country_code", "continent"))
    latitude, longitude = (floats([float(row[key]) for row in rows]) for key in ("latitude_deg", "longitude_deg"))
    population = ints([int(row["population"]) for row in rows])
    return Cities(names, countries, codes, continents, latitude, longitude, population)
