"""The one door back: results become final states, state rows and history, in one transaction per batch."""

from .sink import ResultSink

__all__ = ('ResultSink',)
