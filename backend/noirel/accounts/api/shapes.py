"""What comes in and goes out."""

from django.conf import settings
from rest_framework import serializers

from noirel.core.domain.addresses import AddressIn, AddressOut, must_be_phone
from noirel.core.domain.errors import Invalid
from noirel.core.http import EmailField, In, Out, TextField, without_link


def _password() -> serializers.CharField:
    # The rules for a new one are in password_rules.py; here only what no password has.
    return serializers.CharField(max_length=256, trim_whitespace=False, style={"input_type": "password"})


class RegisterIn(In):
    email = EmailField(max_length=254)
    password = _password()
    name = TextField(max_length=120, allow_blank=True, default="", validators=[without_link])
    cart = serializers.UUIDField(required=False, allow_null=True, default=None)


class LoginIn(In):
    email = EmailField(max_length=254)
    password = _password()
    cart = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="A guest cart, which joins one's own."
    )


class ForgotIn(In):
    email = EmailField(max_length=254)


class ResetIn(In):
    token = serializers.CharField(max_length=500)
    password = _password()


class ChangePasswordIn(In):
    current_password = _password()
    new_password = _password()


class ChangeEmailIn(In):
    email = EmailField(max_length=254)
    password = _password()


class EraseIn(In):
    password = _password()


class VerifyEmailIn(In):
    token = serializers.CharField(max_length=500)


class MeIn(In):
    name = TextField(max_length=120, allow_blank=True, required=False, validators=[without_link])
    phone = TextField(max_length=48, allow_blank=True, required=False)

    def validate_phone(self, value: str) -> str:
        try:
            return must_be_phone(value, country=settings.SHOP_COUNTRY)
        except Invalid as refusal:
            raise serializers.ValidationError(refusal.errors[0].message, code="invalid") from None


class SavedAddressIn(AddressIn):
    is_default = serializers.BooleanField(required=False)


class UserOut(Out):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    phone = serializers.CharField()
    email_verified = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    permissions = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()


class SessionOut(Out):
    access = serializers.CharField(help_text="Good for ten minutes; send it as Authorization: Bearer.")
    user = UserOut()


class SavedAddressOut(AddressOut):
    id = serializers.UUIDField()
    is_default = serializers.BooleanField()
