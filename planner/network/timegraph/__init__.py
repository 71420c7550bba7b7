"""When can it get there? The network over a window of time, as contacts that begin and end."""
