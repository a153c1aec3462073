/** The desk's standing questions. A view is nothing but filters, so that every one of them is a URL. */
export const views = [
  { key: "all", label: "All", filters: {} },
  { key: "unfulfilled", label: "Unfulfilled", filters: { status: "paid", fulfilment_status: "unfulfilled" } },
  { key: "to_capture", label: "To capture", filters: { view: "to_capture" } },
  { key: "unpaid", label: "Awaiting payment", filters: { status: "pending_payment" } },
  { key: "fulfilled", label: "Fulfilled", filters: { status: "fulfilled" } },
  { key: "closed", label: "Cancelled", filters: { status: "cancelled" } },
  { key: "disputed", label: "Disputed", filters: { view: "disputed" } },
  // Reached from the dashboard; a tab only while it is open.
  { key: "released", label: "Not captured in time", filters: { view: "released" }, hidden: true },
] as const;

const passed = ["q", "cursor", "status", "payment_status", "fulfilment_status", "placed_after", "placed_before"];

/** What to ask the server for, from the page's URL: its view's filters, then what the URL says outright. */
export function queryOf(params: URLSearchParams): Record<string, string> {
  const filters = views.find(({ key }) => key === params.get("view"))?.filters ?? {};
  const said = Object.fromEntries([...params].filter(([name, value]) => passed.includes(name) && value !== ""));
  return { limit: "50", ...filters, ...said };
}
