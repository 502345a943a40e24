"""PostgreSQL, as the storage tests have it."""

from tests.storage.conftest import empty_postgresql, migrated_postgresql, postgresql

__all__ = ["empty_postgresql", "migrated_postgresql", "postgresql"]
