from django.urls import path

from noirel.checkout.api import CheckoutView, PostcodeView, ShopView

urlpatterns = [
    path("checkout", CheckoutView.as_view()),
    path("postcodes/<str:country>/<str:postcode>", PostcodeView.as_view()),
    path("shop", ShopView.as_view()),
]
