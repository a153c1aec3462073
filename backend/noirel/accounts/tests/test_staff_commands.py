"""The commands that make members of staff."""

import io

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from noirel.accounts.models import User
from noirel.accounts.services.sign_in import register, sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "wander lantern orchard 9"
WEAK = ["x", "password123", "asha-menon-1979", "aaaaaaaaaaaa"]


def create_staff(password: str, monkeypatch: pytest.MonkeyPatch, email: str = "asha@shop.example", role: str = "owner") -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    output = io.StringIO()
    call_command("create_staff", email=email, name="Asha Menon", role=role, stdout=output)
    return output.getvalue()


def test_the_first_owner_is_made_from_the_command_line_and_can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert create_staff(PASSWORD, monkeypatch) == "asha@shop.example can sign in at /admin, as owner.\n"
    viewer = sign_in(email="Asha@shop.example", password=PASSWORD).viewer
    assert viewer.is_staff
    assert "staff.edit" in viewer.permissions


@pytest.mark.parametrize("password", ["", *WEAK])
def test_a_weak_password_makes_no_member_of_staff(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="The password was refused"):
        create_staff(password, monkeypatch)
    assert not User.objects.filter(email="asha@shop.example").exists()


def test_an_account_that_somebody_registered_is_not_promoted(monkeypatch: pytest.MonkeyPatch) -> None:
    register(email="asha@shop.example", password="somebody else was here 4")
    with pytest.raises(CommandError, match="already an account"):
        create_staff(PASSWORD, monkeypatch)
    user = User.objects.get(email="asha@shop.example")
    assert not user.is_staff
    assert not user.roles.exists()


def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="is no e-mail address"):
        create_staff(PASSWORD, monkeypatch, email="asha")


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_demo_password_is_refused_by_its_name(password: str, settings: object) -> None:
    settings.DEMO_STAFF_PASSWORD = password  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured, match=r"^DEMO_STAFF_PASSWORD can't be used: "):
        call_command("ensure_staff", email="asha@shop.example", name="Asha Menon", stdout=io.StringIO())
    assert not User.objects.filter(email="asha@shop.example").exists()


def test_an_account_made_before_the_rules_keeps_its_password(settings: object) -> None:
    settings.DEMO_STAFF_PASSWORD = "x"  # type: ignore[attr-defined]
    User.objects.create_user(email="asha@shop.example", password="x", is_staff=True)
    call_command("ensure_staff", email="asha@shop.example", stdout=io.StringIO())
    assert User.objects.get(email="asha@shop.example").check_password("x")
