from django.apps import AppConfig


class DropsConfig(AppConfig):
    name = "noirel.drops"
    label = "drops"
    default_auto_field = "django.db.models.BigAutoField"
