"""Databases, as the storage tests have them."""

from tests.storage.conftest import empty_postgresql, postgresql, sqlite

__all__ = ["empty_postgresql", "postgresql", "sqlite"]
