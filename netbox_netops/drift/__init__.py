"""What scans found against what NetBox documents: see docs/how-to/compare-with-netbox.md."""
