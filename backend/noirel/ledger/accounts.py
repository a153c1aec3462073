"""The accounts of the ledger. Debits are positive, credits negative, and the postings of an entry add up to zero."""

from django.db.models import TextChoices


class Account(TextChoices):
    """An account: assets and expenses have positive balances, liabilities and income negative ones."""

    GATEWAY = "gateway", "Held for us by the gateway"
    BANK = "bank", "Settled to our bank"
    CUSTOMERS = "customers", "Taken for orders, neither earned nor returned"
    UNMATCHED = "desk", "Money that needs a decision"
    REFUNDS_DUE = "refunds_due", "Promised back, still at the gateway"
    SALES = "sales", "Goods sold, without tax"
    SHIPPING = "shipping", "Delivery charged, without tax"
    TAX = "tax", "Tax taken for the state"
    DISCOUNTS = "discounts", "Discounts granted"
    REFUNDS = "refunds", "Sales refunded, without tax"
    FEES = "fees", "The gateway's fees, without tax"
    FEE_TAX = "fee_tax", "Tax on the gateway's fees"
    DISPUTES = "disputes", "Lost to chargebacks"
