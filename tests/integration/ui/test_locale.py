"""Brazilian Portuguese is complete, and reaches those who ask for it."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from dcim.models import Device
from django.urls import reverse
from django.utils import translation

import netbox_netops
from netops_worker.errors import ERRORS
from tests.integration.factories import make_target

from .base import UiCase

PLUGIN = Path(netbox_netops.__file__).parent
LANGUAGES = ('pt', 'pt_BR')
FUNCTIONS = ('_', '_t', 'gettext', 'gettext_lazy', 'ngettext', 'ngettext_lazy')
# Names and terms that are the same in both languages.
SAME = (
    *('admin', 'alias', 'down', 'interface', 'interfaces', 'mtu', 'netops', 'oper', 'snmp v2c', 'site', 'sites'),
    *('site (id)', 'site (slug)', 'status', 'up', 'uptime', 'worker', 'interface (id)', 'snmp v1', 'snmp v3'),
    *('gateway', 'gateways', 'gateway (id)', 'gateway (slug)', 'slug', 'workers', '{kind}: {name}', 'host', 'login'),
    *('connect', 'cpu', 'idle', 'mib', 'netbox', 'openconfirm', 'opensent', 'sensor', 'vrf'),
)


def catalogue(language):
    with PLUGIN.joinpath('locale', language, 'LC_MESSAGES', 'django.mo').open('rb') as file:
        return gettext.GNUTranslations(file)


def strings_of_code():
    for path in PLUGIN.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, 'id', '') in FUNCTIONS:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield path.name, first.value


def strings_of_templates():
    for path in PLUGIN.joinpath('templates').rglob('*.html'):
        source = path.read_text()
        for match in re.finditer(r'{%\s*trans(?:late)?\s+"([^"]+)"', source):
            yield path.name, match[1]
        for match in re.finditer(r'{% blocktrans trimmed[^%]*%}(.*?){% (?:plural|endblocktrans) %}', source, re.S):
            text = re.sub(r'\s*\n\s*', ' ', match[1].strip())
            yield path.name, re.sub(r'{{ (\w+) }}', r'%(\1)s', text)


@pytest.mark.parametrize('language', LANGUAGES)
def test_every_string_is_translated(language):
    known = catalogue(language)
    found = {*strings_of_code(), *strings_of_templates()}
    found |= {('errors.py', text) for info in ERRORS.values() for text in (info.title, info.hint)}
    assert len(found) > 300
    missing = {(file, text) for file, text in found if not {text, (text, 0)} & set(known._catalog)}
    assert not missing, 'run netbox_netops/locale/update.sh and translate'
    assert not {(file, text) for file, text in found if known.gettext(text) == text and not is_same(known, text)}


def is_same(known, text):
    return text.lower() in SAME or (text, 0) in known._catalog


def test_both_catalogues_are_the_same():
    first, second = (catalogue(language)._catalog for language in LANGUAGES)
    assert {key: value for key, value in first.items() if key} == {key: value for key, value in second.items() if key}


@pytest.mark.parametrize('language', LANGUAGES)
def test_compiled_catalogue_belongs_to_its_source(language):
    source = PLUGIN.joinpath('locale', language, 'LC_MESSAGES', 'django.po').read_text()
    assert 'fuzzy' not in source
    # The header counts as one on both sides.
    plurals = source.count('msgid_plural')
    assert source.count('\nmsgid ') + 1 == len(catalogue(language)._catalog) - plurals


@pytest.mark.parametrize('language', LANGUAGES)
def test_placeholders_survive(language):
    source = PLUGIN.joinpath('locale', language, 'LC_MESSAGES', 'django.po').read_text()
    plurals = dict(re.findall(r'^msgid "(.+)"\nmsgid_plural "(.+)"$', source, re.MULTILINE))
    for key, text in catalogue(language)._catalog.items():
        original, number = key if isinstance(key, tuple) else (key, 0)
        # One may be a word where many are a number.
        originals = [original, plurals.get(original, original)][number:]
        if original:
            assert placeholders(text) in map(placeholders, originals), original


def placeholders(text):
    return sorted(re.findall(r'%\(\w+\)s|{\w+}', text))


class LanguageTest(UiCase):
    def test_pages(self):
        """What a browser of Brazilian Portuguese asks for; NetBox itself knows only `pt`."""
        target = make_target('router', address='192.0.2.1')
        self.grant('view', Device)
        url = reverse('dcim:device_netops', args=[target.device_id])
        self.assertIn('Not ready', self.page(url))
        page = self.page(url, HTTP_ACCEPT_LANGUAGE='pt-BR')
        self.assertIn('Prontidão', page)
        self.assertIn('Nenhuma credencial se aplica', page)
        self.assertNotIn('Not ready', page)

    def test_both_names_of_the_language(self):
        from netbox_netops.errors import error_title

        for language in ('pt', 'pt-br'):
            with translation.override(language):
                self.assertEqual(error_title('unreachable:no-response'), 'O dispositivo não respondeu')
