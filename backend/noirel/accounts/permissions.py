"""Every permission there is, and the roles the house begins with."""

PERMISSIONS = frozenset(
    {
        "orders.view", "orders.edit", "orders.refund", "products.view", "products.edit", "inventory.view",
        "inventory.adjust", "drops.view", "drops.edit", "analytics.view", "audit.view", "staff.edit",
    }
)  # fmt: skip

MANAGE_STAFF = "staff.edit"  # who has it is an owner: the shop is never without one

ROLES: dict[str, tuple[str, frozenset[str]]] = {
    "owner": ("Owner", PERMISSIONS),
    "manager": ("Manager", PERMISSIONS - {MANAGE_STAFF}),
    "packer": ("Packer", frozenset({"orders.view", "orders.edit", "products.view", "inventory.view"})),
}
