"""Every error code has its section in the documentation, in the same order, and no section is left over."""

import re
from pathlib import Path

from netops_worker.errors import ERRORS

PAGE = Path(__file__).parents[2] / 'docs' / 'reference' / 'errors.md'


def test_table_and_page_have_the_same_codes():
    sections = re.findall(r'^### (\S+)$', PAGE.read_text(), re.MULTILINE)
    assert sorted(sections) == sorted(ERRORS)
    assert len(sections) == len(set(sections))


def test_page_says_which_errors_are_retryable():
    for section in re.split(r'^### ', PAGE.read_text(), flags=re.MULTILINE)[1:]:
        code, text = section.split('\n', 1)
        assert ('(retryable)' in text) == ERRORS[code].retryable, code


def test_codes_are_family_and_detail():
    assert all(re.fullmatch(r'[a-z]+:[a-z-]+', code) for code in ERRORS)
