"""What log lines inside NetBox belong to, beside what `netops_worker.log` knows: the request they were written in."""

from netbox.context import current_request

from netops_worker.log import add_log_source

__all__ = (
    'connect',
    'request_id',
)


def request_id() -> str | None:
    """The id that NetBox gave the current request: its changelog and the header `X-Request-ID` show the same."""
    request = current_request.get()
    return None if request is None else str(request.id)


def _fields() -> dict[str, str]:
    found = request_id()
    return {'request': found} if found else {}


def connect() -> None:
    add_log_source(_fields)
