import type { ReviewItem } from "../../types";

/** What lies on the desk, in a word or two. */
export const kinds: Record<ReviewItem["kind"], string> = {
  mismatch: "Wrong amount",
  late: "Paid too late",
  duplicate: "Paid twice",
  unmatched: "Unmatched payment",
  refund_failed: "Refund failed",
  dispute: "Dispute",
  settlement_unmatched: "Unmatched settlement",
  webhook_parked: "Webhook on hold",
  event_parked: "Event not delivered",
  audit_finding: "Failed check",
};
