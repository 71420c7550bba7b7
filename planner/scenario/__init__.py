"""Plans: the schema, the reader and the study that turns a plan into tables."""
