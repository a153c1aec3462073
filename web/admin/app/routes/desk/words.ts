import type { DeskItem } from "../../types";

/** What lies on the desk, in a word or two. */
export const kinds: Record<DeskItem["kind"], string> = {
  mismatch: "Another sum than asked",
  late: "Too late",
  duplicate: "Paid twice",
  unmatched: "Nobody’s money",
  refund_failed: "Refund failed",
  dispute: "Dispute",
  settlement_unmatched: "Settlement unmatched",
  webhook_parked: "Webhook parked",
  event_parked: "Event untold",
  audit_finding: "Audit finding",
};
