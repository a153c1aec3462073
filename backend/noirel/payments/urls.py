from django.urls import path

from noirel.payments.api import CallbackView, RazorpayWebhookView, RetryView, VerifyView

urlpatterns = [
    path("orders/<str:number>/payment/verify", VerifyView.as_view()),
    path("orders/<str:number>/payment/retry", RetryView.as_view()),
    path("orders/<str:number>/payment/callback", CallbackView.as_view()),
    path("webhooks/razorpay", RazorpayWebhookView.as_view()),
]
