"""Private servers of one machine, started and watched over one data folder.

`Embedded` is the whole of it: ``with Embedded(settings, parts=...) as endpoints``.
"""

from pipeline.embedded.errors import AlreadyRunning, ServiceError, ServiceMissing
from pipeline.embedded.supervisor import ALL_PARTS, Embedded, connected

__all__ = ["ALL_PARTS", "AlreadyRunning", "Embedded", "ServiceError", "ServiceMissing", "connected"]
