"""Private keys out of secrets. Imports asyncssh."""

import asyncio

import asyncssh

from netops_worker.errors import NetOpsError
from netops_worker.secrets import Secret

__all__ = ('load_key',)


async def load_key(secret: Secret, passphrase: Secret | None) -> asyncssh.SSHKey:
    """The private key in `secret`: OpenSSH, PEM or PKCS#8.

    Raises NetOpsError `credential:invalid-key` or `credential:passphrase`.
    """
    text = secret.reveal()
    if not text.endswith('\n'):
        # What was stored by a form, or through an environment variable, often lacks its last line break.
        text += '\n'
    try:
        return asyncssh.import_private_key(text)
    except ValueError as error:
        # Its text may quote what was read, so it is not told. That of an encrypted key asks for the pass phrase.
        if 'assphrase' not in str(error):
            raise NetOpsError('credential:invalid-key') from None
    if passphrase is None:
        raise NetOpsError('credential:passphrase', 'the key needs one, and the credential names none')
    try:
        # Slow by design, some 100 ms.
        return await asyncio.to_thread(asyncssh.import_private_key, text, passphrase.reveal())
    except ValueError:
        raise NetOpsError('credential:passphrase', 'it does not fit the key') from None
