from django.urls import path

from noirel.checkout.api import CheckoutView, ShopView

urlpatterns = [
    path("checkout", CheckoutView.as_view()),
    path("shop", ShopView.as_view()),
]
