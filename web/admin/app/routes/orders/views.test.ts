import type { operations } from "@noirel/shared/api/schema";
import { expect, test } from "vitest";
import { activityOf, emptyOf, queryOf } from "./views";

test("a view asks for its filters, and the URL may add to them", () => {
  expect(queryOf(new URLSearchParams("view=unfulfilled&q=rao&cursor=abc"))).toEqual({
    limit: "50",
    view: "unfulfilled",
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

type Query = NonNullable<operations["get_admin_orders"]["parameters"]["query"]>;
/** Every view that the API has: the dashboard may lead to each of them. */
const NAMED: Record<NonNullable<Query["view"]>, true> = {
  unfulfilled: true,
  to_engrave: true,
  to_ship: true,
  in_transit: true,
  gift: true,
  to_capture: true,
  released: true,
  disputed: true,
  dispute_lost: true,
};

test.each(Object.keys(NAMED))("a link to the view %s lists that view, and not all orders", (view) => {
  expect(queryOf(new URLSearchParams({ view }))).toEqual({ limit: "50", view });
});

test("the days of a figure reach the server, and are said above the list", () => {
  const params = new URLSearchParams("activity=refunds&from=2020-11-01&to=2020-11-28");
  expect(queryOf(params)).toEqual({ limit: "50", activity: "refunds", from: "2020-11-01", to: "2020-11-28" });
  expect(activityOf(params)).toBe("Refunded from 1 Nov 2020 to 28 Nov 2020");
});

test.each([
  ["q=rao", "No order matches “rao”."],
  ["view=unfulfilled&q=rao", "No order matches “rao”."],
  ["view=unfulfilled", "No orders in this view."],
  ["activity=sales&from=2020-11-01&to=2020-11-28", "No orders on these days."],
  ["", "No orders yet."],
])("an empty list of %j says %j", (query, words) => {
  expect(emptyOf(new URLSearchParams(query))).toBe(words);
});
