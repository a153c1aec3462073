from django.urls import path

from noirel.catalog.api import frame, redirects, shop, staff

urlpatterns = [
    path("categories", shop.CategoriesView.as_view()),
    path("categories/<str:slug>", shop.CategoryView.as_view()),
    path("collections", shop.CollectionsView.as_view()),
    path("collections/<str:slug>", shop.CollectionView.as_view()),
    path("products", shop.ProductsView.as_view()),
    path("products/<str:slug>", shop.ProductView.as_view()),
    path("search/suggest", shop.SuggestView.as_view()),
    path("admin/products", staff.ProductsView.as_view()),
    path("admin/products/<str:slug>", staff.ProductView.as_view()),
    path("admin/variants/<path:sku>", staff.VariantView.as_view()),
    path("admin/products/<str:slug>/options", staff.OptionsView.as_view()),
    path("admin/products/<str:slug>/variants", staff.VariantsView.as_view()),
    path("admin/products/<str:slug>/variants/missing", staff.MissingVariantsView.as_view()),
    path("admin/story", staff.StoryView.as_view()),
    path("admin/categories", frame.CategoriesView.as_view()),
    path("admin/categories/<str:slug>", frame.CategoryView.as_view()),
    path("admin/categories/<str:slug>/place", frame.CategoryPlaceView.as_view()),
    path("admin/collections", frame.CollectionsView.as_view()),
    path("admin/collections/count", frame.RulesCountView.as_view()),
    path("admin/collections/<str:slug>", frame.CollectionView.as_view()),
    path("admin/attributes", frame.AttributesView.as_view()),
    path("admin/attributes/<str:name>", frame.AttributeView.as_view()),
    path("admin/attribute-order", frame.AttributeOrderView.as_view()),
    path("admin/redirects", redirects.RedirectsView.as_view()),
    path("admin/redirects/<str:kind>/<str:slug>", redirects.RedirectView.as_view()),
]
