import zlib
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser, JSONParser

__all__ = (
    'MOST_BYTES',
    'BoundedJSONParser',
    'TooLarge',
)

# Below what nginx passes on in the configuration that NetBox brings (25 MB), compressed or not.
MOST_BYTES = 24_000_000
_GZIP = zlib.MAX_WBITS | 16


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _('The body of the request is too large.')


class BoundedJSONParser(BaseParser):
    """JSON, also compressed with gzip: what workers report is large, and repeats itself.

    Not a JSONParser, for which the framework would apply NetBox's bound of 2.5 MB: one large device has more to tell.
    """

    media_type = 'application/json'

    def parse(self, stream, media_type=None, parser_context=None):
        encoding = parser_context['request'].META.get('HTTP_CONTENT_ENCODING', 'identity').lower()
        if encoding not in ('identity', 'gzip'):
            raise UnsupportedMediaType(f'{media_type}; {encoding}')
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLarge
        try:
            if encoding == 'gzip':
                body = _decompressed(body)
            return JSONParser().parse(BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError(_('The JSON is nested too deeply.')) from None


def _decompressed(body: bytes) -> bytes:
    decompressor = zlib.decompressobj(_GZIP)
    try:
        content = decompressor.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise ParseError(_('The body is not compressed with gzip.')) from None
    if len(content) > MOST_BYTES:
        raise TooLarge
    if not decompressor.eof:
        raise ParseError(_('The body ends too early.'))
    return content
