import { expect, test } from "vitest";
import { outcomeOf } from "./words";

const run = { findings: [], elsewhere: 0, with_gateway: true, checks: 60 };
const finding = { check: "c", subject: "s", detail: "d", says: "" } as never;
const uncompared = "The gateway did not answer, so nothing was compared with it.";

test("everything is said to agree only when the gateway was compared as well", () => {
  expect(outcomeOf(run)).toEqual({ headline: "Everything agrees.", toast: "All 60 checks passed." });
  const without = outcomeOf({ ...run, with_gateway: false });
  expect(without).toEqual({ headline: `Our books agree. ${uncompared}`, toast: `Our books agree. ${uncompared}` });
});

test("findings, and those that wait in the review queue, are never covered up", () => {
  expect(outcomeOf({ ...run, findings: [finding] }).headline).toBe("1 finding");
  expect(outcomeOf({ ...run, findings: [finding, finding], with_gateway: false }).toast).toBe(
    `2 findings. ${uncompared}`,
  );
  expect(outcomeOf({ ...run, elsewhere: 2 }).headline).toBe("No new findings.");
  expect(outcomeOf({ ...run, elsewhere: 2, with_gateway: false }).headline).toBe(`No new findings. ${uncompared}`);
});
