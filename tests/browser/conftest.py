"""The same servers and tools as the stages have."""

from tests.stages.conftest import broker, equipment, servers, settings_of_tests

__all__ = ["broker", "equipment", "servers", "settings_of_tests"]
