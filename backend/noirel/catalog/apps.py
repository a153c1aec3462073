from django.apps import AppConfig
from django.core.checks import Tags, register

from noirel.catalog.checks import search_language_is_known


class CatalogConfig(AppConfig):
    name = "noirel.catalog"

    def ready(self) -> None:
        register(search_language_is_known, Tags.database)
