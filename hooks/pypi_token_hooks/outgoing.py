"""The scan of a push: what it publishes in, the findings with the commits that brought them in out."""
from __future__ import annotations

from functools import partial
from itertools import chain

from pypi_token_hooks import pipeline
from pypi_token_hooks.examination import Settings
from pypi_token_hooks.model import Report
from pypi_token_hooks.sources import commits
from pypi_token_hooks.sources import push


def scan(pushed: push.Push, known: Settings) -> Report:
    """Returns what is found in the objects that the remote lacks, and in the names of the refs that are new to it."""
    walk = commits.Walk(list(pushed.tips), pushed.known, pushed.promised)
    every = known._replace(baseline=None)  # an object is read once, and may have several paths, of which a baseline lists one
    report = pipeline.scan(chain(push.names(pushed), walk.blobs(known.ask.worth_reading)), every)
    commits.trace(report, walk.begun, pushed.tips, pushed.known, pushed.here, partial(pipeline.scan, known=known))
    report.scanned["commits"] = walk.commits
    report.scanned["bytes"] += walk.size
    report.scanned["refs"] = pushed.asked
    report.messages.extend(pushed.messages)
    return report
