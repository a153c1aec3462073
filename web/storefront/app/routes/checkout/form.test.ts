import { Problem } from "@noirel/shared/api/problem";
import type { Country } from "@noirel/shared/api/types";
import { beforeEach, expect, test } from "vitest";
import { attempt, attemptKey, endAttempt } from "../../payment/attempt";
import { allWrong, BLANK, STEPS, stateOfPin, wrong } from "./form";

const india: Country = {
  code: "IN",
  name: "India",
  postcode_label: "PIN code",
  postcode_pattern: "[1-9][0-9]{5}",
  regions: [{ code: "KA", name: "Karnataka" }],
};

beforeEach(() => sessionStorage.clear());

test("a short PIN is told how many digits it has", () => {
  expect(wrong("postcode", { ...BLANK, postcode: "56000" }, india)).toBe("A PIN code has 6 digits.");
  expect(wrong("postcode", { ...BLANK, postcode: "560001" }, india)).toBeNull();
});

test("the state follows from the PIN, the longest known beginning first", () => {
  expect(stateOfPin("560001")).toBe("KA");
  expect(stateOfPin("403001")).toBe("GA");
  expect(stateOfPin("400001")).toBe("MH");
  expect(stateOfPin("9")).toBeNull();
});

test("an empty form names every field that is asked for", () => {
  expect(allWrong(BLANK, india, [...STEPS.contact, ...STEPS.delivery]).map(({ name }) => name)).toEqual([
    "email",
    "name",
    "phone",
    "postcode",
    "city",
    "region",
    "line1",
  ]);
});

test("a retry keeps its key, a change makes a new one, and so does an order that is over", () => {
  const first = attemptKey({ total: 1 });
  expect(attemptKey({ total: 1 })).toBe(first);
  const second = attemptKey({ total: 2 });
  expect(second).not.toBe(first);
  endAttempt();
  expect(attemptKey({ total: 2 })).not.toBe(second);
});

test("a refused checkout can be tried again as it is, an unanswered one is the same request", async () => {
  const failing = (status: number) =>
    attempt({ total: 1 }, (key) => Promise.reject(Object.assign(new Problem(status, {}), { key }))).catch(
      (error: Problem & { key: string }) => error.key,
    );
  const lost = await failing(0);
  expect(await failing(409)).toBe(lost);
  expect(await failing(409)).not.toBe(lost);
});
