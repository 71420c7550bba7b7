"""Element sets and ephemerides as text: read, written, looked into and downloaded; six formats and OEM."""
