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

test("work lists with rules of their own are asked for by name", () => {
  expect(queryOf(new URLSearchParams("view=to_capture"))).toEqual({ limit: "50", view: "to_capture" });
  expect(queryOf(new URLSearchParams("view=disputed"))).toEqual({ limit: "50", view: "disputed" });
});

test("what the contract does not know never reaches the server", () => {
  expect(queryOf(new URLSearchParams("view=nonsense&colour=red&q="))).toEqual({ limit: "50" });
});
