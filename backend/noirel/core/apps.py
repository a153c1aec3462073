from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "noirel.core"

    def ready(self) -> None:
        from noirel.core import converters

        converters.register()  # before any app's URLconf is imported
