from django.urls import path

from noirel.catalog.api import shop, staff

urlpatterns = [
    path("categories", shop.CategoriesView.as_view()),
    path("collections", shop.CollectionsView.as_view()),
    path("collections/<str:slug>", shop.CollectionView.as_view()),
    path("products", shop.ProductsView.as_view()),
    path("products/<str:slug>", shop.ProductView.as_view()),
    path("search/suggest", shop.SuggestView.as_view()),
    path("admin/products", staff.ProductsView.as_view()),
    path("admin/products/<str:slug>", staff.ProductView.as_view()),
    path("admin/variants/<path:sku>", staff.VariantView.as_view()),
    path("admin/categories", staff.CategoriesView.as_view()),
]
