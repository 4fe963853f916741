"""The provider that reads secrets of the plugin netbox-secrets, decrypted in this process with the service user's key.

Written for netbox-secrets 3.1. Nothing of it is imported before it is used: where it is not loaded its modules cannot
be imported at all, and its name in PLUGINS does not mean that it is loaded.
"""

import base64
import binascii
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import close_old_connections, connection
from django.db.models import Q

from netops_worker.errors import NetOpsError
from netops_worker.secrets import Found, Secret, SecretProvider, SecretSubject
from netops_worker.secrets.keyfiles import read_key_file
from netops_worker.secrets.references import split_role

from ..models import Target
from ..secret_settings import LOOKUPS, NetBoxSecretsConfig

__all__ = ('NetBoxSecretsProvider',)

APP = 'netbox_secrets'
_KEY_BYTES = 32


# What a secret may be assigned to: either of the first two, and what it belongs to.
_LABELS = {
    'device': 'dcim.device',
    'virtual_machine': 'virtualization.virtualmachine',
    'role': 'dcim.devicerole',
    'platform': 'dcim.platform',
    'site': 'dcim.site',
    'tenant': 'tenancy.tenant',
}
_OWNERS = ('device', 'virtual_machine')
_COLUMNS = [*_OWNERS, *(f'{owner}__{place}' for owner in _OWNERS for place in LOOKUPS if place not in _OWNERS)]


class _Kept:
    """What is kept in memory. Forgotten by replacing it, as a lock may be held in the parent of a fork."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # What decrypts every secret there is, in hexadecimal.
        self.master_key: Secret | None = None
        self.until = 0.0
        # Name -> the user, with the permissions it had, and until when.
        self.users: dict[str, tuple[Any, float]] = {}


class NetBoxSecretsProvider(SecretProvider):
    """A reference is `role-slug` or `role-slug/name`. Of the secrets of that role and name the first one is meant.

    First on the device of the subject, then on what it belongs to, in the order of the configuration and as far as the
    plugin's setting `apps` allows it; on one object by name. Permissions do not change which one that is: whoever may
    not view it gets none. `seconds`: how long the master key is kept in memory, and the permissions of users.
    """

    blocking = True
    by_subject = True

    def __init__(self, config: NetBoxSecretsConfig, seconds: float = 0.0) -> None:
        self._config, self._seconds = config, seconds
        self._kept = _Kept()

    def resolve(self, reference: str, subject: SecretSubject | None = None) -> Found:
        role, name = split_role(reference)
        if not apps.is_installed(APP):
            raise NetOpsError('secret:not-installed', 'the plugin netbox-secrets is not loaded')
        with _own_connection():
            user = self._user(self._config.user)
            if user is None:
                raise NetOpsError('secret:no-key', f'there is no active user {self._config.user!r}')
            pk, place = self._chosen(role, name, reference, subject)
            stored = self._permitted(pk, reference, user, subject)
            return Found(self._decrypted(stored, reference, user), f'secret {pk} of its {place}')

    def check(self, reference: str) -> None:
        split_role(reference)

    def clear(self) -> None:
        self._kept = _Kept()

    def _user(self, name: str) -> Any:
        """The active user of that name, or None."""
        kept, now = self._kept.users, time.monotonic()
        user, until = kept.get(name, (None, 0.0))
        if now >= until:
            user = get_user_model().objects.filter(username=name, is_active=True).first()
            kept[name] = user, now + self._seconds
        return user

    # Which secret

    def _chosen(self, role: str, name: str | None, reference: str, subject: SecretSubject | None) -> tuple[int, str]:
        """Id of the secret, and which of LOOKUPS has it."""
        from netbox_secrets.models import Secret as StoredSecret

        ranks = self._places(subject)
        here = Q()
        for content_type, pk in ranks:
            here |= Q(assigned_object_type=content_type, assigned_object_id=pk)
        found = StoredSecret.objects.filter(here, role__slug=role) if ranks else StoredSecret.objects.none()
        if name is not None:
            found = found.filter(name=name)
        rows = [
            (list(ranks).index((content_type, owner)), secret_name, pk, ranks[content_type, owner])
            for content_type, owner, secret_name, pk in found.values_list(
                'assigned_object_type', 'assigned_object_id', 'name', 'pk'
            )
        ]
        if not rows:
            places = ', '.join(dict.fromkeys(ranks.values())) or 'nothing'
            raise NetOpsError('secret:not-found', f'no secret {reference!r} (looked up: {places})')
        _rank, _name, pk, place = min(rows)
        return pk, place

    def _places(self, subject: SecretSubject | None) -> dict[tuple[int, int], str]:
        """(Content type, id) of the objects that may have the secret -> which of LOOKUPS it is, in order."""
        from django.contrib.contenttypes.models import ContentType

        # By our own record: `netbox_id` may be that of another NetBox.
        owners = Target.objects.filter(pk=subject.target).values(*_COLUMNS).first() if subject else None
        if owners is None:
            return {}
        owner = 'device' if owners['device'] else 'virtual_machine'
        allowed = django_settings.PLUGINS_CONFIG.get(APP, {}).get('apps', ())
        places = {}
        for place in self._config.lookup:
            label = _LABELS[owner if place == 'device' else place]
            pk = owners[owner if place == 'device' else f'{owner}__{place}']
            if pk is not None and label in allowed:
                places[ContentType.objects.get_by_natural_key(*label.split('.')).pk, pk] = place
        return places

    def _permitted(self, pk: int, reference: str, user: Any, subject: SecretSubject | None) -> Any:
        """The secret as it is stored, if all who have to may view it."""
        from netbox_secrets.models import Secret as StoredSecret

        users = [user]
        if self._config.check_requester and subject is not None and subject.requested_by:
            requester = self._user(subject.requested_by)
            if requester is None:
                raise NetOpsError('secret:forbidden', f'there is no active user {subject.requested_by!r}')
            users.append(requester)
        stored = StoredSecret.objects.filter(pk=pk)
        for one in users:
            stored = stored.restrict(one, 'view')
        if found := stored.order_by('pk').first():
            return found
        for one in users:
            if not StoredSecret.objects.restrict(one, 'view').filter(pk=pk).exists():
                raise NetOpsError(
                    'secret:forbidden', f'the user {one.username!r} may not view the secret {reference!r}'
                )
        raise NetOpsError('secret:not-found', f'the secret {reference!r} was deleted meanwhile')

    # Its value

    def _decrypted(self, stored: Any, reference: str, user: Any) -> Secret:
        master_key = self._master_key(user)
        try:
            stored.decrypt(bytes.fromhex(master_key.reveal()))
        except (IndexError, ValueError):
            raise NetOpsError('secret:unreadable', f'the secret {reference!r} cannot be decrypted') from None
        if not stored.plaintext:
            raise NetOpsError('secret:not-found', f'the secret {reference!r} is empty')
        return Secret(stored.plaintext)

    def _master_key(self, user: Any) -> Secret:
        kept = self._kept
        with kept.lock:
            if kept.master_key is None or time.monotonic() >= kept.until:
                kept.master_key = Secret(self._unlocked(user).hex())
                kept.until = time.monotonic() + self._seconds
            return kept.master_key

    def _unlocked(self, user: Any) -> bytes:
        """The master key itself."""
        from netbox_secrets.models import UserKey

        user_key = UserKey.objects.filter(user=user).first()
        if user_key is None:
            raise NetOpsError('secret:no-key', f'the user {user.username!r} has no user key')
        if not user_key.is_active():
            raise NetOpsError('secret:inactive', f'the user key of {user.username!r} is not active')
        if self._config.session_key_file:
            return self._by_session_key(user_key)
        private_key = read_key_file(self._config.private_key_file, 'private key')
        master_key = user_key.get_master_key(private_key.reveal().encode())
        if master_key is None:
            raise NetOpsError('secret:wrong-key', f'the private key is not that of the user {user.username!r}')
        return master_key

    def _by_session_key(self, user_key: Any) -> bytes:
        from netbox_secrets.exceptions import InvalidKey
        from netbox_secrets.models import SessionKey

        text = read_key_file(self._config.session_key_file, 'session key')
        try:
            key = base64.b64decode(text.reveal(), validate=True)
        except binascii.Error:
            key = b''
        if len(key) != _KEY_BYTES:
            raise NetOpsError('secret:wrong-key', 'what is in the file with the session key is none')
        session = SessionKey.objects.filter(userkey=user_key).first()
        if session is None:
            raise NetOpsError('secret:session-rotated', f'the user {user_key} has no session key any more')
        try:
            return session.get_master_key(key)
        except InvalidKey:
            raise NetOpsError('secret:session-rotated', f'the user {user_key} has another session key') from None


@contextmanager
def _own_connection() -> Iterator[None]:
    """Whichever thread this is: a connection that it opens is closed, and an old one is not used."""
    close_old_connections()
    is_open = connection.connection is not None
    try:
        yield
    finally:
        if not is_open:
            connection.close()
