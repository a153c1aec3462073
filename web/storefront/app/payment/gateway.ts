import type { GatewayPayment } from "@noirel/shared/api/types";

export type Paid = { razorpay_payment_id: string; razorpay_order_id: string; razorpay_signature: string };
export type Failed = { code: string; description: string; reason: string };

type Options = {
  key: string;
  order_id: string;
  amount: number;
  currency: string;
  name: string;
  prefill: { name: string; email: string; contact: string };
  theme: { color: string };
  modal: { ondismiss: () => void; confirm_close: boolean };
  handler: (paid: Paid) => void;
};
type Checkout = {
  open: () => void;
  /** Takes the window away, as if the shopper had dismissed it. */
  close: () => void;
  on: (event: "payment.failed", listener: (event: { error: Failed }) => void) => void;
};
declare global {
  interface Window {
    Razorpay?: new (options: Options) => Checkout;
  }
}

let loading: Promise<void> | undefined;

/** The gateway's own script: once, and never before someone is about to pay. */
export function loadGateway(src: string): Promise<void> {
  loading ??= new Promise<void>((loaded, failed) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = () => loaded();
    script.onerror = () => {
      loading = undefined;
      script.remove();
      failed(new Error("The payment window did not load."));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * Opens the payment window, and returns what closes it. Once closed it reports nothing more but a payment: money may have left
 * the shopper's account while it was closing.
 */
export function openGateway(
  payment: GatewayPayment,
  who: Options["prefill"],
  on: { paid: (paid: Paid) => void; failed: (failed: Failed) => void; dismissed: () => void },
): () => void {
  if (!window.Razorpay) throw new Error("The payment window did not load.");
  let isOpen = true;
  const checkout = new window.Razorpay({
    key: payment.key_id,
    order_id: payment.gateway_order_id,
    amount: payment.amount,
    currency: payment.currency,
    name: "NOIR’EL",
    prefill: who,
    theme: { color: "#1A151E" },
    modal: {
      ondismiss: () => {
        if (!isOpen) return;
        isOpen = false;
        on.dismissed();
      },
      confirm_close: false,
    },
    handler: (paid) => {
      isOpen = false;
      on.paid(paid);
    },
  });
  checkout.on("payment.failed", ({ error }) => {
    if (isOpen) on.failed(error);
  });
  checkout.open();
  return () => {
    if (!isOpen) return;
    isOpen = false;
    checkout.close();
  };
}

const WORDS: Record<string, string> = {
  insufficient_fund: "There was not enough in the account.",
  insufficient_funds: "There was not enough in the account.",
  payment_cancelled: "It was cancelled at the bank.",
  payment_timed_out: "The bank took too long.",
  incorrect_otp: "The one-time password was not right.",
  incorrect_cvv: "The three digits on the back were not right.",
  card_expired: "The card has expired.",
  card_disabled_for_online_payments: "The card is not open for paying online.",
  authentication_failed: "The bank could not make sure it is you.",
  card_declined: "The bank declined the card.",
  gateway_technical_error: "The bank could not be reached.",
  bank_technical_error: "The bank could not be reached.",
  transaction_limit_exceeded: "It is over the limit of this card or account.",
};

/** The bank's reason in our words; its own where we have none. */
export function failureWords({ reason, description }: { reason: string; description: string }): string {
  return WORDS[reason] ?? description;
}
