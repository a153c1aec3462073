"""Who you are, under /api/v1/."""

from django.urls import path

from noirel.accounts.api import views

urlpatterns = [
    path("auth/register", views.RegisterView.as_view()),
    path("auth/login", views.LoginView.as_view()),
    path("auth/refresh", views.RefreshView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
    path("auth/verify-email", views.VerifyEmailView.as_view()),
    path("auth/password/forgot", views.ForgotPasswordView.as_view()),
    path("auth/password/reset", views.ResetPasswordView.as_view()),
    path("auth/password/change", views.ChangePasswordView.as_view()),
    path("auth/email/change", views.ChangeEmailView.as_view()),
    path("me", views.MeView.as_view()),
    path("me/addresses", views.AddressesView.as_view()),
    path("me/addresses/<uuid:address_id>", views.AddressView.as_view()),
]
