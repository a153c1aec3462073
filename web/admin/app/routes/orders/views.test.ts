import { expect, test } from "vitest";
import { queryOf } from "./views";

test("a view asks for its filters, and the URL may add to them", () => {
  expect(queryOf(new URLSearchParams("view=unfulfilled&q=rao&cursor=abc"))).toEqual({
    limit: "50",
    status: "paid",
    fulfilment_status: "unfulfilled",
    q: "rao",
    cursor: "abc",
  });
});

test("what the contract does not know never reaches the server", () => {
  expect(queryOf(new URLSearchParams("view=nonsense&colour=red&q="))).toEqual({ limit: "50" });
});
