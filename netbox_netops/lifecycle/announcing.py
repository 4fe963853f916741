from django.dispatch import Signal

__all__ = ('runs_finished',)

# `runs`: primary keys of runs that have just reached their final status; sent after the commit.
runs_finished = Signal()
