import { onDay } from "../../ui/time";

/** The desk's standing questions. A view is nothing but filters, so that every one of them is a URL. */
export const views = [
  { key: "all", label: "All", filters: {} },
  { key: "unfulfilled", label: "To fulfil", filters: { view: "unfulfilled" } },
  { key: "to_ship", label: "To ship", filters: { view: "to_ship" } },
  { key: "in_transit", label: "In transit", filters: { view: "in_transit" } },
  { key: "to_capture", label: "To capture", filters: { view: "to_capture" } },
  { key: "unpaid", label: "Awaiting payment", filters: { status: "pending_payment" } },
  { key: "delivered", label: "Delivered", filters: { status: "delivered" } },
  { key: "closed", label: "Cancelled", filters: { status: "cancelled" } },
  { key: "disputed", label: "Disputed", filters: { view: "disputed" } },
  { key: "to_engrave", label: "To engrave", filters: { view: "to_engrave" }, hidden: true },
  { key: "gift", label: "Gifts", filters: { view: "gift" }, hidden: true },
  { key: "dispute_lost", label: "Dispute lost", filters: { view: "dispute_lost" }, hidden: true },
  // Reached from the dashboard; a tab only while it is open.
  { key: "released", label: "Not captured in time", filters: { view: "released" }, hidden: true },
] as const;

const passed = [
  "q",
  "cursor",
  "status",
  "payment_status",
  "fulfilment_status",
  "placed_after",
  "placed_before",
  "activity",
  "from",
  "to",
];

/** What to ask the server for, from the page's URL: its view's filters, then what the URL says outright. */
export function queryOf(params: URLSearchParams): Record<string, string> {
  const filters = views.find(({ key }) => key === params.get("view"))?.filters ?? {};
  const said = Object.fromEntries([...params].filter(([name, value]) => passed.includes(name) && value !== ""));
  return { limit: "50", ...filters, ...said };
}

const ACTIVITIES: Record<string, string> = { sales: "Sold", refunds: "Refunded", revenue: "Sold or refunded" };

/** "Sold from 1 Nov to 28 Nov": the days of a figure of the dashboard that led here; null for any other list. */
export function activityOf(params: URLSearchParams): string | null {
  const [words, from, to] = [ACTIVITIES[params.get("activity") ?? ""], params.get("from"), params.get("to")];
  return words && from && to ? `${words} from ${onDay(from)} to ${onDay(to)}` : null;
}

/** What an empty list says: of a search, of a view, or of a shop that has sold nothing yet. */
export function emptyOf(params: URLSearchParams): string {
  const q = params.get("q");
  if (q) return `No order matches “${q}”.`;
  if (activityOf(params)) return "No orders on these days.";
  const view = views.find(({ key }) => key === params.get("view"));
  return view && view.key !== "all" ? "No orders in this view." : "No orders yet.";
}
