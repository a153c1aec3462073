from django.urls import path

from noirel.cart.api import CartsView, CartView, LinesView, LineView, MyCartView, RightsView, ShippingMethodsView

urlpatterns = [
    path("carts", CartsView.as_view()),
    path("cart", MyCartView.as_view()),
    path("carts/<uuid:cart_id>", CartView.as_view()),
    path("carts/<uuid:cart_id>/lines", LinesView.as_view()),
    path("carts/<uuid:cart_id>/lines/<uuid:line_id>", LineView.as_view()),
    path("carts/<uuid:cart_id>/rights", RightsView.as_view()),
    path("carts/<uuid:cart_id>/shipping-methods", ShippingMethodsView.as_view()),
]
