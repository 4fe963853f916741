from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _query_count_baseline(monkeypatch):
    """NetBox's test cases look for the baseline inside the app, where it would be installed with the product."""
    # This file is loaded before Django is set up.
    from utilities.testing import query_counts

    monkeypatch.setattr(query_counts, '_baseline_path', lambda app_label: Path(__file__).with_name('query_counts.json'))
    monkeypatch.setattr(query_counts, '_loaded_baselines', {})
