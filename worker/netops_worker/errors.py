"""The stable error codes: one table for engine, database, UI, REST, metrics and documentation.

A code is `family:detail`. It is shown to people and matched by their automation, so it is never renamed or reused.
Each has a section in `docs/reference/errors.md` (a test compares the two).
"""

from dataclasses import dataclass

__all__ = (
    'ERRORS',
    'ErrorInfo',
    'NetOpsError',
)


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """`title`: what happened. `hint`: what to do. `retryable`: whether a later attempt may succeed unchanged."""

    title: str
    hint: str
    retryable: bool = False
    # Nothing at that address answered: the device counts as unreachable, not merely as failed.
    unreachable: bool = False


ERRORS: dict[str, ErrorInfo] = {
    # Selection and request
    'selection:empty': ErrorInfo('No device selected', 'Select at least one device; nothing was started.'),
    'selection:invalid': ErrorInfo('The selection is not valid', 'Correct the fields named in the answer.'),
    'target:unknown': ErrorInfo(
        'Unknown device', 'The device does not exist, or you may not run this operation on it.'
    ),
    'kind:unknown': ErrorInfo('Unknown kind of run', 'Use one of the kinds listed in the documentation.'),
    'schedule:invalid': ErrorInfo('The schedule is not valid', 'Correct the cron expression as the detail says.'),
    'scope:invalid': ErrorInfo(
        'The filter is not valid', 'Use filters of the list of devices or virtual machines, as the detail says.'
    ),
    'options:invalid': ErrorInfo('An option is not valid', 'Correct the option named in the detail.'),
    'permission:denied': ErrorInfo('Permission denied', 'Ask an administrator for the permission of this operation.'),
    # Target
    'target:gone': ErrorInfo('The device was deleted', 'It left NetBox before its turn came; nothing to do.'),
    'target:retired': ErrorInfo(
        'The device is out of scope', 'Its status is not operated; change the status in NetBox to operate it again.'
    ),
    'target:disabled': ErrorInfo(
        'NetOps is switched off for this device', 'Remove "enabled": false from its config context key "netops".'
    ),
    'target:no-address': ErrorInfo(
        'The device has no address', 'Set a primary or out-of-band IP address on the device in NetBox.'
    ),
    'target:invalid-options': ErrorInfo(
        'The config context of the device is not valid',
        'Correct the value of the config context key "netops" that the detail names.',
    ),
    # Credentials and secrets
    'credential:none': ErrorInfo(
        'No credential applies', 'Create a credential of the protocol whose scopes include this device.'
    ),
    'credential:no-access': ErrorInfo(
        'The agent refused access', 'The credential is known to the device but may not read this data there.'
    ),
    'credential:rejected': ErrorInfo(
        'The device rejected the credential',
        'Check user name, password or key, and protocols of the credential against the device. '
        'A disabled, locked or expired account looks the same.',
    ),
    'credential:host-key-changed': ErrorInfo(
        'The host key of the device has changed',
        'Compare the fingerprints, and approve the new key if the change is known: until then no secret is sent.',
    ),
    'credential:host-key-unknown': ErrorInfo(
        'The host key of the device is not approved', 'Approve it at the device: until then no secret is sent.'
    ),
    'credential:method-unavailable': ErrorInfo(
        'The device does not offer this way to log in',
        'Allow passwords or keys on the device, or use a credential of the kind it offers; see the detail.',
    ),
    'credential:second-factor': ErrorInfo(
        'The device asks for a further factor', 'Exempt the account from it on the device: nobody is there to answer.'
    ),
    'credential:passphrase': ErrorInfo(
        'The pass phrase of the private key is missing or wrong', 'Correct the reference of the pass phrase.'
    ),
    'credential:invalid-key': ErrorInfo(
        'The secret is not a private key', 'Store the private key in OpenSSH, PEM or PKCS#8 format as it is.'
    ),
    'credential:password-expired': ErrorInfo(
        'The password has expired', 'The device wants it changed: log in once by hand and change it.'
    ),
    'credential:enable-rejected': ErrorInfo(
        'The enable secret does not work', 'Check the secret, and that the login may use it at all.'
    ),
    'credential:not-asked': ErrorInfo(
        'The device did not ask for the secret', 'Whether it is right cannot be told: the device let us in without it.'
    ),
    'credential:no-login': ErrorInfo(
        'No login to try it in', 'An enable secret is tried after a login that works: correct that credential first.'
    ),
    'credential:unclear': ErrorInfo(
        'Not every credential could be checked', 'The device answered, but not to all of them; see each one.'
    ),
    'credential:stopped': ErrorInfo(
        'The credentials that apply are stopped',
        'Several devices rejected them, or their scope was lost: correct them, then let them go on.',
    ),
    'credential:paused': ErrorInfo(
        'The credentials that apply are paused on this device',
        'It rejected them several times in a row; they are tried again after the time shown at the device.',
    ),
    'credential:scope-lost': ErrorInfo(
        'The scope lost its last object',
        'The last site, tag or other object of a scope was deleted, and without it the credential would be used '
        'everywhere: correct the scope, then let the credential go on.',
    ),
    'secret:not-found': ErrorInfo(
        'The secret does not exist', 'Create it where the credential refers to, or correct the reference.'
    ),
    'secret:refused': ErrorInfo(
        'The secret reference is not allowed',
        'Use a reference inside what the administrator set aside for secrets, with safe file permissions.',
    ),
    'secret:unavailable': ErrorInfo(
        'The secret provider is not available', 'Check the provider the detail names.', retryable=True
    ),
    'secret:not-installed': ErrorInfo(
        'The secret provider is not installed',
        'Install and configure it where the work is done, or choose another provider for the credential.',
    ),
    'secret:locked': ErrorInfo('The secret provider is sealed', 'Unseal it, then run again.'),
    'secret:wrong-key': ErrorInfo(
        'The secret provider does not accept our key',
        'Check the token, secret ID, private key or session key that the worker is given, as the detail says.',
    ),
    'secret:forbidden': ErrorInfo(
        'The secret may not be read',
        'Let the policy or permissions of the provider allow it for those the detail names.',
    ),
    'secret:no-key': ErrorInfo(
        'The service user has no key for the secrets',
        'Create a user key of netbox-secrets for it, or correct the name of the user in the settings.',
    ),
    'secret:inactive': ErrorInfo(
        'The user key of the service user is not active',
        'Have somebody whose key is active activate it in netbox-secrets.',
    ),
    'secret:session-rotated': ErrorInfo(
        'The session key is not valid any more',
        'A newer one was made for the same user, or it was deleted: give the worker the current one.',
    ),
    'secret:unreadable': ErrorInfo(
        'The secret cannot be read', 'What is stored is damaged or not text: enter it again in the provider.'
    ),
    # Device
    'unreachable:no-response': ErrorInfo(
        'No answer from the device',
        'Check power, path and filters, the SNMP community and the allowed managers: '
        'SNMP v2c stays silent to a wrong community.',
        retryable=True,
        unreachable=True,
    ),
    'unreachable:port-closed': ErrorInfo(
        'Nothing listens on the port',
        'Enable the service (SNMP agent, SSH server), or correct its port.',
        retryable=True,
        unreachable=True,
    ),
    'unreachable:network': ErrorInfo(
        'No route to the device',
        'Check routing from the worker to the device.',
        retryable=True,
        unreachable=True,
    ),
    'unreachable:spared': ErrorInfo(
        'Not asked, because it did not answer the last times',
        'It is asked again when the time shown at the device is over, or at once when you start it by hand.',
    ),
    'snmp:malformed': ErrorInfo('The answer is not SNMP', 'Something else answers on this port, or it is damaged.'),
    'snmp:not-authentic': ErrorInfo(
        'The answers are not authentic',
        'Somebody else answers in the place of the device, or its keys differ from ours: check the pass phrases and '
        'protocols of the credential, and the path to the device.',
    ),
    'snmp:no-answer': ErrorInfo(
        'The agent does not answer one request',
        'It answers others: update the device software, or allow this part of the MIB; the rest is kept.',
    ),
    'snmp:endless-walk': ErrorInfo(
        'The agent does not end a walk', 'Update the device software; what was read so far is kept.'
    ),
    'snmp:error-status': ErrorInfo('The agent answered with an error', 'See the SNMP error status in the detail.'),
    'ssh:closed': ErrorInfo(
        'The device closed the connection',
        'It has too many sessions, or does not admit this worker; see what it said, if it said something.',
        retryable=True,
    ),
    'ssh:timeout': ErrorInfo(
        'The SSH server did not answer in time', 'It is overloaded, or something else listens there.', retryable=True
    ),
    'ssh:no-algorithm': ErrorInfo(
        'No algorithm in common',
        'Set "algorithms" of the credential to "legacy" for old devices; see the detail for what it offers.',
    ),
    'ssh:protocol': ErrorInfo('The answer is not SSH', 'Something else answers on this port, or it is damaged.'),
    'ssh:no-prompt': ErrorInfo(
        'No prompt after the login',
        'The device opens no shell for this user, or is of another platform than NetBox says.',
    ),
    'deadline:probe': ErrorInfo(
        'The device took too long', 'The agent is slow or overloaded; what was read so far is kept.', retryable=True
    ),
    # Why something waits
    'waiting:busy': ErrorInfo('Another operation is at work on the device', 'It starts when that one ends.'),
    'waiting:site': ErrorInfo('The site is at its limit', 'It starts when others end; see `site_concurrency`.'),
    'waiting:tenant': ErrorInfo('The tenant is at its limit', 'It starts when others end; see `tenant_concurrency`.'),
    'waiting:gateway': ErrorInfo(
        'The gateway is at its limit', 'It starts when others end; see `gateway_concurrency`.'
    ),
    'waiting:kind': ErrorInfo('This kind of run is at its limit', 'It starts when others end; see `kind_concurrency`.'),
    'waiting:policy': ErrorInfo('The policy is at its limit', 'It starts when others end; see the policy.'),
    'waiting:rate': ErrorInfo('Too many starts in a short time', 'It starts in a moment; see `kind_rate`.'),
    'waiting:host': ErrorInfo(
        'The device was asked too often in a short time', 'It starts in a moment; see `host_rate`.'
    ),
    'waiting:maintenance': ErrorInfo(
        'The device is in a maintenance window', 'It starts when the window of its config context ends.'
    ),
    'waiting:address': ErrorInfo(
        'The device has no address yet', 'It starts when a primary or out-of-band IP address is set in NetBox.'
    ),
    'waiting:paused': ErrorInfo(
        'This kind of run is paused', 'What waits starts when somebody ends the pause; nothing expires until then.'
    ),
    # Life cycle
    'policy:active': ErrorInfo(
        'The previous run of the policy is still active', 'It was skipped; give the runs more workers or more time.'
    ),
    'policy:disabled': ErrorInfo('The policy is disabled', 'Enable it, if it is meant to run.'),
    'policy:user': ErrorInfo(
        'The user whose permissions apply is not active', 'Have somebody else save the policy, or enable the user.'
    ),
    'run:finished': ErrorInfo('The run is finished', 'Nothing is left to cancel or to retry; start a new run.'),
    'run:active': ErrorInfo(
        'The run is not finished', 'What failed can be run again when it is, or when the rest is cancelled.'
    ),
    'expired:no-worker': ErrorInfo(
        'No worker took the work in time', 'Start a worker for the queue of this kind (netbox rqworker).'
    ),
    'expired:deadline': ErrorInfo(
        'The run ended before this device had its turn', 'Run again; give the run more time or more workers.'
    ),
    'queue:no-worker': ErrorInfo(
        'No worker serves the queue',
        'The run starts when a worker does, and expires if none comes. Start one (netbox rqworker).',
    ),
    'lease:lost': ErrorInfo(
        'The lease ran out', 'The worker was stopped or too slow; the result was not taken.', retryable=True
    ),
    'cancelled:user': ErrorInfo('Cancelled', 'A user cancelled the run.'),
    'internal:error': ErrorInfo('Internal error', 'This is a defect of NetOps; report it with the worker log.'),
    'result:invalid': ErrorInfo(
        'The result could not be stored', 'This is a defect of NetOps; report it with the worker log.'
    ),
    # Differences between devices and NetBox
    'drift:changed': ErrorInfo(
        'The difference is not there any more',
        'NetBox or the device changed since it was shown, or you may not view it; look at the differences again.',
    ),
    'drift:not-applicable': ErrorInfo(
        'This difference cannot be applied', 'Decide and edit NetBox or the device yourself.'
    ),
    'drift:invalid': ErrorInfo('NetBox refused the change', 'See what NetBox says in the detail.'),
    'drift:withheld': ErrorInfo(
        'Not applied because of another one', 'Of one request all are applied or none: leave out those that failed.'
    ),
    'drift:too-many': ErrorInfo('Too many differences at once', 'Apply at most 500 at a time.'),
    # Wire
    'wire:invalid': ErrorInfo('The message is not valid', 'Both sides must run compatible versions.'),
    'wire:version': ErrorInfo('The message has another version', 'Upgrade the older side.'),
    'wire:too-large': ErrorInfo('The message is too large', 'Both sides must run compatible versions.'),
    'gateway:unreachable': ErrorInfo(
        'NetBox does not answer the worker',
        'The worker tries again by itself; check the URL, the path and the certificate that the detail names.',
        retryable=True,
    ),
    'gateway:unauthorised': ErrorInfo(
        'NetBox does not accept the token of the worker',
        'Use a token that may write, is not expired, and whose user has "netops_serve" on the gateway.',
    ),
    'gateway:unknown': ErrorInfo(
        'NetBox does not know the gateway', 'Correct its slug, and grant the user "netops_serve" on it.'
    ),
    'gateway:refused': ErrorInfo(
        'NetBox refused the request of the worker', 'See the detail; both sides must run compatible versions.'
    ),
}


class NetOpsError(Exception):
    """An error with a stable code. `detail` is for people and must never contain a secret."""

    def __init__(self, code: str, detail: str = '') -> None:
        if code not in ERRORS:
            raise ValueError(f'unknown error code {code!r}')
        super().__init__(f'{code}: {detail}' if detail else code)
        self.code = code
        self.detail = detail

    @property
    def info(self) -> ErrorInfo:
        return ERRORS[self.code]
