"""Which constellation to fly: shells, trains, ground tracks and clusters, and whether their satellites keep apart."""
