"""Error codes for people: the one place that turns a code into its title, its hint and its link."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from netops_worker.errors import ERRORS, NetOpsError

__all__ = (
    'DOCS_URL',
    'describe',
    'error_badge',
    'error_title',
    'error_url',
)

# Where `docs/reference/errors.md` is published; its sections are named after the codes. Empty: not published yet.
DOCS_URL = ''


def error_url(code: str) -> str:
    """Where the code is explained: its section of the documentation, or else a page of our own."""
    if code not in ERRORS:
        return ''
    return f'{DOCS_URL}#{code.replace(":", "")}' if DOCS_URL else reverse('plugins:netbox_netops:error', args=[code])


def error_title(code: str) -> str:
    info = ERRORS.get(code)
    return gettext(info.title) if info else code


def describe(error: NetOpsError) -> str:
    """An error as one paragraph of plain text, for a message to the user."""
    parts = (gettext(error.info.title), error.detail, gettext(error.info.hint))
    return ' '.join(part if part.endswith('.') else f'{part}.' for part in parts if part)


def error_badge(code: str, *, compact: bool = False) -> SafeString:
    """Title and code on one line, what to do as tooltip; `compact` moves the title into the tooltip too."""
    if not code:
        return mark_safe('')
    info = ERRORS.get(code)
    if info is None:
        # Written by a newer or older version.
        return format_html('<code>{}</code>', code)
    link = error_url(code)
    shown = format_html('<code class="text-break">{}</code>', code)
    if link:
        shown = format_html('<a href="{}">{}</a>', link, shown)
    title, hint = gettext(info.title), gettext(info.hint)
    return format_html(
        '<span data-bs-toggle="tooltip" title="{tooltip}">{title} {code}</span>',
        tooltip=f'{title}. {hint}' if compact else hint,
        title='' if compact else title,
        code=shown,
    )
