"""NetBox's WSGI application with its static files: the lab has no web server in front of it to serve them."""

from django.contrib.staticfiles.handlers import StaticFilesHandler
from netbox.wsgi import application as netbox

__all__ = ('application',)

application = StaticFilesHandler(netbox)
