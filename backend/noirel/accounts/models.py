"""Who you are."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from noirel.core.db import prepared
from noirel.core.db.locks import take_transaction_lock
from noirel.core.domain.ids import uuid7


def normal_email(email: str) -> str:
    """E-mails are compared as people do, without case."""
    return email.strip().lower()


def lock_email(email: str) -> None:
    """Let nobody else take this normal_email until the transaction ends: registering and changing an e-mail wait here."""
    take_transaction_lock(f"e-mail {email}")


class Role(models.Model):
    """What a member of staff may do."""

    name = models.SlugField(primary_key=True, max_length=40)
    title = models.CharField(max_length=80)
    permissions = ArrayField(models.CharField(max_length=60), default=list)


class Users(BaseUserManager["User"]):
    def create_user(self, *, email: str, password: str | None, **fields: Any) -> "User":
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_if_new(self, *, email: str, password: str | None, **fields: Any) -> "User | None":
        """The new user, or None if somebody has this e-mail. Needs a transaction.

        PostgreSQL decides it without an error: a violated constraint would be in its log, with the row.
        """
        lock_email(normal_email(email))
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        if not prepared.execute(
            f"{prepared.insert_sql(User)} ON CONFLICT (email) DO NOTHING RETURNING id", prepared.rows_json(user)
        ):
            return None
        user._state.adding = False
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normal_email(username or ""))


class User(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)  # lower case, see below, so this is one person
    name = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=32, blank=True, default="")
    email_verified = models.BooleanField(default=False)
    pending_email = models.EmailField(
        max_length=254, blank=True, default="", db_default="", help_text="Becomes the e-mail once its mailbox has confirmed it."
    )
    pending_email_session = models.UUIDField(null=True, help_text="The session that asked for it: the change ends all others.")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    roles = models.ManyToManyField(Role, related_name="users", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[Users] = Users()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="user_email_is_lower"),
        ]

    def __str__(self) -> str:
        return self.email


class Session(models.Model):
    """A sign-in on one device. Access tokens name it, and stop working the moment it ends."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(auto_now_add=True)
    refreshed_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)


class RefreshToken(models.Model):
    """One step of a session. Each refresh makes the next one of its family; a used one that comes back ends the session."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="refresh_tokens")
    family = models.UUIDField(db_index=True)  # the session's id
    digest = models.CharField(max_length=64, unique=True)  # SHA-256: a stolen backup signs nobody in
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    rotated_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class SavedAddress(models.Model):
    """An entry of the address book."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=120)
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True, default="")
    city = models.CharField(max_length=120)
    region = models.CharField(max_length=120, blank=True, default="")
    postcode = models.CharField(max_length=16, blank=True, default="")
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=32, blank=True, default="")
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="address_one_default")]
