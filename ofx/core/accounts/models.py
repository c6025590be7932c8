"""People, organisations, who acts where in which role, how they sign in, and API tokens (ARCHITECTURE 8)."""

from datetime import datetime
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from ofx.core.scoping import ScopedQuerySet
from ofx.core.secrets import SecretField


class OrganisationQuerySet(ScopedQuerySet["Organisation"]):
    """Who sees which organisation."""

    def scope(self, acting: Any) -> Self:
        """One's own; a service provider also its customers, and every operator (the directory)."""
        mine = Q(pk=acting.organisation_id)
        if acting.organisation.kind == "service_provider":
            return self.filter(mine | Q(provider_id=acting.organisation_id) | Q(kind="operator"))
        return self.filter(mine)


class Organisation(models.Model):
    """The exchange, a service provider (the tenant), an operator, or a customer of one service provider."""

    class Kind(models.TextChoices):
        EXCHANGE = "exchange", "Exchange"
        SERVICE_PROVIDER = "service_provider", "Service provider"
        OPERATOR = "operator", "Operator"
        CUSTOMER = "customer", "Customer"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    country = models.CharField(max_length=2, default="GB", help_text="ISO 3166 code; default country of searches")
    provider = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="customers",
        help_text="the service provider that a customer belongs to",
    )
    account_number = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    second_factor_from = models.DateTimeField(
        null=True, blank=True, help_text="from when its people need a second factor; empty: never"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="customer", provider__isnull=False) | (~Q(kind="customer") & Q(provider__isnull=True)),
                name="organisation_customer_has_provider",
            ),
        ]
        indexes = [models.Index(fields=["provider", "name"], name="organisation_customers")]

    def __str__(self) -> str:
        return self.name


VISITORS = "@visitor.invalid"  # how the addresses of people end who have no account; nothing is ever mailed there


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with a normalised e-mail; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. Rights come from memberships only; there is no superuser flag."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    time_zone = models.CharField(max_length=50, default="Europe/London")
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False, help_text="a program: it has tokens and can never sign in")
    session_epoch = models.PositiveIntegerField(default=0, help_text="raised to end every session at once")
    digest = models.BooleanField(default=True, help_text="the day's digest by e-mail, on working days")
    digest_on = models.DateField(null=True, help_text="the person's own day of the last digest")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []  # type: ignore[misc]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def acting(self) -> "Membership | None":
        """The membership the user acts by: set by the request, else their first one."""
        if not hasattr(self, "_acting"):
            self._acting = self.memberships.select_related("organisation").order_by("pk").first()
        return self._acting

    @acting.setter
    def acting(self, membership: "Membership | None") -> None:
        """What the request (session, token) chose."""
        self._acting = membership

    def get_full_name(self) -> str:
        """The name, or the e-mail where there is none."""
        return str(self)

    def get_session_auth_hash(self) -> str:
        """What binds a session to the password, and to the epoch: raising it ends every session at once."""
        return f"{super().get_session_auth_hash()}{self.session_epoch or ''}"


def _of_people(acting: Any) -> Q:
    """Rows of one's own organisation; for a service provider also those of its customers."""
    mine = Q(organisation_id=acting.organisation_id)
    if acting.organisation.kind == "service_provider":
        mine |= Q(organisation__provider_id=acting.organisation_id)
    return mine


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    """Who sees which people."""

    def scope(self, acting: Any) -> Self:
        """Colleagues; a service provider also the people of its customers."""
        return self.filter(_of_people(acting))


class Membership(models.Model):
    """A user's role in one organisation."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Administrator"
        ORDER_DESK = "order_desk", "Order desk"
        FAULT_DESK = "fault_desk", "Fault desk"
        GOVERNANCE = "governance", "Governance"
        FINANCE = "finance", "Finance"
        READ_ONLY = "read_only", "Read only"
        FULFILMENT = "fulfilment", "Fulfilment"
        ASSURANCE = "assurance", "Assurance"
        USER = "user", "User"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} at {self.organisation}"

    def get_absolute_url(self) -> str:
        """The person's page, in this organisation."""
        return f"/people/{self.pk}/"


# Which roles an organisation of a kind gives (ARCHITECTURE 8).
ROLES: dict[str, tuple[str, ...]] = {
    "exchange": ("admin", "read_only"),
    "service_provider": ("admin", "order_desk", "fault_desk", "governance", "finance", "read_only"),
    "operator": ("admin", "fulfilment", "assurance"),
    "customer": ("admin", "user"),
}


class InvitationQuerySet(ScopedQuerySet["Invitation"]):
    """Invitations are seen by those who see the organisation's people."""

    def scope(self, acting: Any) -> Self:
        """As memberships."""
        return self.filter(_of_people(acting))

    def open(self) -> Self:
        """Neither accepted nor revoked; perhaps expired."""
        return self.filter(accepted_at=None, revoked_at=None)


class Invitation(models.Model):
    """Somebody was asked by e-mail to act for an organisation. The link is signed, expires, and works once."""

    STATE_LOOK = {
        "waiting": ("Waiting", "blue"),
        "expired": ("Expired", "amber"),
        "accepted": ("Accepted", "grey"),
        "revoked": ("Revoked", "grey"),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Membership.Role.choices)
    message = models.TextField(blank=True, max_length=500)
    serial = models.PositiveIntegerField(default=1, help_text="raised with each sending: only the newest link works")
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organisation}"

    def get_absolute_url(self) -> str:
        """Its page for the administrator."""
        return f"/people/invitations/{self.pk}/"

    def state_at(self, at: datetime) -> str:
        """`waiting`, `expired`, `accepted` or `revoked`."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "waiting" if at < self.expires_at else "expired"


class SingleSignOn(models.Model):
    """An organisation's own OpenID Connect provider. Its people sign in there, and nobody else's do."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="sign_on")
    key = models.SlugField(max_length=20, unique=True, help_text="its part of the callback address")
    name = models.CharField(max_length=60, help_text="as the sign-in page calls it")
    issuer = models.CharField(max_length=200)
    client_id = models.CharField(max_length=190)
    client_secret = SecretField(blank=True)
    domains = models.JSONField(default=list, help_text="e-mail domains that it may speak for, lower case")
    default_role = models.CharField(
        max_length=20, choices=Membership.Role.choices, blank=True, help_text="role of new people; empty: none join"
    )
    only = models.BooleanField(default=False, help_text="the organisation's people cannot use a password")
    active = models.BooleanField(default=True)
    proven_at = models.DateTimeField(null=True, help_text="last sign-in with the present settings")
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ApiTokenQuerySet(ScopedQuerySet["ApiToken"]):
    """Tokens: a person sees their own, an administrator those of the organisation."""

    def scope(self, acting: Any) -> Self:
        """Tokens of the acting membership's organisation (administrators) or of the person."""
        rows = self.filter(membership__organisation_id=acting.organisation_id)
        return rows if acting.role == "admin" else rows.filter(membership__user_id=acting.user_id)


class ApiToken(models.Model):
    """`Authorization: Bearer`: one user acting in one organisation. Only the SHA-256 is kept."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80, blank=True)
    hint = models.CharField(max_length=8, help_text="the last characters, to tell tokens apart")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, help_text="the day only: one write a day")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.label or 'token'} …{self.hint}"


class SavedViewQuerySet(ScopedQuerySet["SavedView"]):
    """One's own, and those that colleagues share."""

    def scope(self, acting: Any) -> Self:
        """Within the acting organisation."""
        rows = self.filter(organisation_id=acting.organisation_id)
        return rows.filter(Q(user_id=acting.user_id) | Q(shared=True))


class SavedView(models.Model):
    """A list page's filter, kept under a name as the query string that shows it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=120)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    shared = models.BooleanField(default=False, help_text="colleagues of the organisation see it too")

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "organisation", "path", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name
