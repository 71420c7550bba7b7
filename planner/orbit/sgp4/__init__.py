"""How SGP4 is flown: the planner's own compiled near-Earth theory, and the reference library for all else."""
