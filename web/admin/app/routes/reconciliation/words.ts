import type { AuditRun } from "../../types";

type Run = Pick<AuditRun, "findings" | "elsewhere" | "with_gateway" | "checks">;

const UNCOMPARED = "The gateway did not answer, so nothing was compared with it.";

/** What a check of the books came to. That everything agrees is said only when the gateway was compared as well. */
export function outcomeOf({ findings, elsewhere, with_gateway, checks }: Run): { headline: string; toast: string } {
  const gateway = with_gateway ? "" : ` ${UNCOMPARED}`;
  if (findings.length) {
    const count = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
    return { headline: count, toast: `${count}.${gateway}` };
  }
  if (elsewhere) return { headline: `No new findings.${gateway}`, toast: `No new findings.${gateway}` };
  return with_gateway
    ? { headline: "Everything agrees.", toast: `All ${checks} checks passed.` }
    : { headline: `Our books agree.${gateway}`, toast: `Our books agree.${gateway}` };
}
