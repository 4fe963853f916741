#!/bin/sh
# Brings the catalogue up to date with the source: netbox_netops/locale/update.sh (needs gettext).
#
# The source is pt_BR. NetBox offers its users only `pt`, which is what a browser or a preference of Brazilian Portuguese
# ends up as there; so the same catalogue is compiled for both.
set -eu
cd "$(dirname "$0")/.."
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT

# Templates become something xgettext can read; error titles and hints live in the engine, which has no Django.
# -P: the folder `secrets` here must not stand in for the module of that name.
python3 -P - "$pot" <<'PYTHON'
import pathlib, subprocess, sys, tempfile

from django.utils.translation import templatize
from netops_worker.errors import ERRORS

with tempfile.TemporaryDirectory() as directory:
    files = []
    for template in sorted(pathlib.Path('templates').rglob('*.html')):
        target = pathlib.Path(directory, f'{template}.py')
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(templatize(template.read_text(), origin=str(template)))
        files.append(str(target))
    files += sorted(map(str, pathlib.Path('.').rglob('*.py')))
    errors = pathlib.Path(directory, 'errors.py')
    errors.write_text('\n'.join(f'_({text!r})' for info in ERRORS.values() for text in (info.title, info.hint)))
    files.append(str(errors))
    subprocess.run(
        ['xgettext', '--language=Python', '--from-code=UTF-8', '--no-location', '--sort-output', '--no-wrap',
         '--keyword=_', '--keyword=_t', '--keyword=gettext_noop', '--keyword=gettext_lazy',
         '--keyword=ngettext_lazy:1,2', '--keyword=pgettext:1c,2', '--keyword=npgettext:1c,2,3',
         '--output', sys.argv[1], *files],
        check=True,
    )
PYTHON

po=locale/pt_BR/LC_MESSAGES/django.po
msgmerge --quiet --update --backup=none --no-wrap --sort-output --no-fuzzy-matching "$po" "$pot"
msgattrib --no-obsolete --no-wrap --sort-output --output-file="$po" "$po"
mkdir -p locale/pt/LC_MESSAGES
cp "$po" locale/pt/LC_MESSAGES/django.po
for language in pt pt_BR; do
    msgfmt --check --output-file="locale/$language/LC_MESSAGES/django.mo" "locale/$language/LC_MESSAGES/django.po"
done
msgfmt --statistics --output-file=/dev/null "$po"
