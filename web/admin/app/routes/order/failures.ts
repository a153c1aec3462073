import type { AdminOrder } from "../../types";

type Payment = Pick<AdminOrder["payments"][number], "error_code" | "error_reason" | "error_description">;

/** Reasons of the gateway, as staff read them; what it writes for the buyer ("Try another card") is not for staff. */
const REASONS: Record<string, string> = {
  let_go: "Not captured in time; the bank released it.",
  insufficient_fund: "Insufficient funds.",
  insufficient_funds: "Insufficient funds.",
  payment_cancelled: "Cancelled by the buyer.",
  payment_timed_out: "The bank timed out.",
  incorrect_otp: "Wrong one-time password.",
  incorrect_cvv: "Wrong CVV.",
  card_expired: "Card expired.",
  card_disabled_for_online_payments: "Card not enabled for online payments.",
  authentication_failed: "Authentication failed.",
  card_declined: "Card declined by the bank.",
  gateway_technical_error: "Technical error at the gateway.",
  bank_technical_error: "Technical error at the bank.",
  transaction_limit_exceeded: "Transaction limit exceeded.",
};

/** Why an attempt failed: in our words, else the gateway's reason or code made readable; empty when it did not fail. */
export function failureOf({ error_code, error_reason, error_description }: Payment): string {
  const code = error_reason || error_code;
  if (!code) return error_description ? "Failed without a reason." : "";
  const words = code.replaceAll("_", " ").toLowerCase();
  return REASONS[error_reason] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
