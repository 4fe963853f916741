"""What BGP's numbers are called."""

__all__ = (
    'asdot',
    'notification',
)

# Error codes and subcodes of NOTIFICATION messages, as IANA registers them: RFC 4271, 4486 (Cease), 5492, 6608, 7313,
# 8538, 9234, 9384, 9687. Terms of the protocol, so they are not translated.
_CODES = {
    1: 'Message Header Error',
    2: 'OPEN Message Error',
    3: 'UPDATE Message Error',
    4: 'Hold Timer Expired',
    5: 'Finite State Machine Error',
    6: 'Cease',
    7: 'ROUTE-REFRESH Message Error',
    8: 'Send Hold Timer Expired',
}
_SUBCODES = {
    (1, 1): 'Connection Not Synchronized',
    (1, 2): 'Bad Message Length',
    (1, 3): 'Bad Message Type',
    (2, 1): 'Unsupported Version Number',
    (2, 2): 'Bad Peer AS',
    (2, 3): 'Bad BGP Identifier',
    (2, 4): 'Unsupported Optional Parameter',
    (2, 5): 'Authentication Failure',
    (2, 6): 'Unacceptable Hold Time',
    (2, 7): 'Unsupported Capability',
    (2, 11): 'Role Mismatch',
    (3, 1): 'Malformed Attribute List',
    (3, 2): 'Unrecognized Well-known Attribute',
    (3, 3): 'Missing Well-known Attribute',
    (3, 4): 'Attribute Flags Error',
    (3, 5): 'Attribute Length Error',
    (3, 6): 'Invalid ORIGIN Attribute',
    (3, 7): 'AS Routing Loop',
    (3, 8): 'Invalid NEXT_HOP Attribute',
    (3, 9): 'Optional Attribute Error',
    (3, 10): 'Invalid Network Field',
    (3, 11): 'Malformed AS_PATH',
    (5, 1): 'Receive Unexpected Message in OpenSent State',
    (5, 2): 'Receive Unexpected Message in OpenConfirm State',
    (5, 3): 'Receive Unexpected Message in Established State',
    (6, 1): 'Maximum Number of Prefixes Reached',
    (6, 2): 'Administrative Shutdown',
    (6, 3): 'Peer De-configured',
    (6, 4): 'Administrative Reset',
    (6, 5): 'Connection Rejected',
    (6, 6): 'Other Configuration Change',
    (6, 7): 'Connection Collision Resolution',
    (6, 8): 'Out of Resources',
    (6, 9): 'Hard Reset',
    (6, 10): 'BFD Down',
    (7, 1): 'Invalid Message Length',
}


def notification(code: str) -> str:
    """`6.2` in words: `Cease: Administrative Shutdown`. What has no name stays a number."""
    try:
        major, minor = (int(part) for part in code.split('.'))
    except ValueError:
        return code
    if major not in _CODES:
        return code
    if minor == 0:
        return _CODES[major]
    return f'{_CODES[major]}: {_SUBCODES.get((major, minor), minor)}'


def asdot(number: int) -> str:
    """The notation of RFC 5396 for an AS number of four octets, '' for one of two."""
    return f'{number >> 16}.{number & 0xFFFF}' if number > 0xFFFF else ''
