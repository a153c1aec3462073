"""The accounts of the ledger. Debits are positive, credits negative, and the postings of an entry add up to zero."""

from django.db.models import TextChoices


class Account(TextChoices):
    """An account: assets and expenses have positive balances, liabilities and income negative ones. Sales and delivery are
    booked without tax.
    """

    GATEWAY = "gateway", "Gateway balance"
    BANK = "bank", "Bank"
    CUSTOMERS = "customers", "Customer deposits"
    UNMATCHED = "desk", "Unmatched payments"
    REFUNDS_DUE = "refunds_due", "Refunds due"
    SALES = "sales", "Sales"
    SHIPPING = "shipping", "Delivery"
    TAX = "tax", "Tax collected"
    DISCOUNTS = "discounts", "Discounts"
    REFUNDS = "refunds", "Refunds of sales"
    FEES = "fees", "Gateway fees"
    FEE_TAX = "fee_tax", "Tax on gateway fees"
    DISPUTES = "disputes", "Lost disputes"
