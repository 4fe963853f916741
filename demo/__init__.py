"""A NetBox with the plugin and a small simulated network: `python -m demo up` and `python -m demo check`."""
