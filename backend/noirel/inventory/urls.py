from django.urls import path

from noirel.inventory.api import staff

urlpatterns = [
    path("admin/inventory", staff.InventoryView.as_view()),
    path("admin/inventory/<path:sku>/adjust", staff.AdjustView.as_view()),
    path("admin/inventory/<path:sku>/count", staff.CountView.as_view()),
    path("admin/inventory/<path:sku>/terms", staff.TermsView.as_view()),
    path("admin/inventory/<path:sku>/movements", staff.MovementsView.as_view()),
    path("admin/inventory/<path:sku>", staff.InventoryItemView.as_view()),
]
