"""Everything fails while 2,000 devices are scanned, and nothing is lost. See `scenario`."""
