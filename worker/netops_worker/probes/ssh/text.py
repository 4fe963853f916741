"""Texts that come from a device, made fit to be shown and kept."""

from netops_worker.secrets import redact

__all__ = ('shown',)


def shown(text: str | bytes, limit: int = 200) -> str:
    """One printable line of at most `limit` characters, or '' if a secret occurs in it.

    A device may send back what it was sent, so that the secret would be stored and shown to people.
    """
    if isinstance(text, bytes):
        text = text.decode('utf-8', 'replace')
    # Bounded first, with room for a secret at the end: what follows takes time by length.
    text = text[: limit + 4096]
    line = ' '.join(''.join(char if char.isprintable() else ' ' for char in text).split())
    bare = ''.join(char for char in text if char.isprintable())
    if any(redact(form) != form for form in (text, line, bare)):
        return ''
    return line if len(line) <= limit else f'{line[: limit - 1]}…'
