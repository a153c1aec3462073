"""The accounts. A debit is positive, a credit negative, and every entry adds up to nothing."""

from django.db.models import TextChoices


class Account(TextChoices):
    """What we have and spend stands positive, what we owe and earn negative."""

    GATEWAY = "gateway", "Held for us by the gateway"
    BANK = "bank", "Settled to our bank"
    CUSTOMERS = "customers", "Taken for orders, neither earned nor returned"
    DESK = "desk", "Money that needs a decision"
    REFUNDS_DUE = "refunds_due", "Promised back, still at the gateway"
    SALES = "sales", "Goods sold, without tax"
    SHIPPING = "shipping", "Delivery charged, without tax"
    TAX = "tax", "Tax taken for the state"
    DISCOUNTS = "discounts", "Given off"
    REFUNDS = "refunds", "Given back of what was earned"
    FEES = "fees", "The gateway's fees, without tax"
    FEE_TAX = "fee_tax", "Tax on the gateway's fees"
    DISPUTES = "disputes", "Lost to chargebacks"
