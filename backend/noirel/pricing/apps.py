from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "noirel.pricing"
    label = "pricing"
    default_auto_field = "django.db.models.BigAutoField"
