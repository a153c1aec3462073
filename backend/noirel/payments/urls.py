from django.urls import path

from noirel.payments.api.books import OrderBooksView
from noirel.payments.api.shop import CallbackView, RazorpayWebhookView, RetryView, VerifyView
from noirel.payments.api.staff import CaptureView, RefundView

urlpatterns = [
    path("orders/<str:number>/payment/verify", VerifyView.as_view()),
    path("orders/<str:number>/payment/retry", RetryView.as_view()),
    path("orders/<str:number>/payment/callback", CallbackView.as_view()),
    path("webhooks/razorpay", RazorpayWebhookView.as_view()),
    path("admin/orders/<str:number>/books", OrderBooksView.as_view()),
    path("admin/orders/<str:number>/capture", CaptureView.as_view()),
    path("admin/orders/<str:number>/refund", RefundView.as_view()),
]
