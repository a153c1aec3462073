import type { Page } from "@playwright/test";

/** A token as gateways and hashes have them: there is nowhere to break it. */
export const LONG = "pay_LongestOfAllGatewayIdentifiers".padEnd(160, "0123456789abcdef");

/** Makes the texts of the money's pages as long as they can get, and puts something into the review queue. */
export async function withLongEvidence(page: Page): Promise<void> {
  const long = (value: string) => `${value} ${LONG}`;
  const texts = [
    "detail",
    "subject",
    "memo",
    "reference",
    "problem",
    "about",
    "message",
    "payload",
    "body",
    "last_error",
  ];
  const lengthened = (value: unknown, name = ""): unknown => {
    if (typeof value === "string") return texts.includes(name) ? long(value) : value;
    if (Array.isArray(value)) return value.map((one) => lengthened(one, name));
    if (value === null || typeof value !== "object") return value;
    if (name === "payload") return { ...value, evidence: LONG };
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, lengthened(one, key)]));
  };
  const finding = {
    check: "settlements.matched",
    subject: LONG,
    detail: long("payment of"),
    says: "Whatever is settled.",
  };
  const item = (index: number) => ({
    id: `long-${index}`,
    kind: "settlement_unmatched",
    subject: LONG,
    happened: long("The gateway settled what we don’t know:"),
    order: null,
    amount: { amount: 1_234_567_890_12, currency: "INR" },
    evidence: ["Payment", "Settled with the gateway’s own reference"].map((name) => ({
      name,
      asked: LONG,
      told: long("₹12,34,56,789.12 in"),
      differs: true,
    })),
    proposed: "explain",
    why: long("Nothing of ours is called"),
    acts: [{ act: "explain", label: `It was explained: ${LONG.slice(0, 90)}`, says: long("Kept."), needs_note: true }],
    deadline: null,
    created_at: "2026-11-23T07:00:00Z",
  });
  await page.route(/\/api\/v1\/admin\//, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch();
    if (!response.headers()["content-type"]?.includes("json")) return route.fulfill({ response });
    const json = lengthened(await response.json()) as Record<string, unknown>;
    const path = new URL(route.request().url()).pathname;
    if (path.endsWith("/admin/desk")) {
      Object.assign(json, {
        results: [item(0), item(1)],
        counts: [{ kind: "settlement_unmatched", count: 2 }],
        total: 2,
      });
    }
    if (path.endsWith("/admin/reconciliation")) {
      const run = (json.last_run as object | null) ?? {
        at: "2026-11-23T07:00:00Z",
        actor: "",
        checks: 60,
        milliseconds: 40,
        with_gateway: true,
        elsewhere: 0,
      };
      json.last_run = { ...run, findings: [finding] };
    }
    await route.fulfill({ response, json });
  });
}

/** What is wider than the screen without a box of its own that scrolls. */
export const wideContents = (page: Page) =>
  page.getByRole("main").evaluate((main) =>
    [...main.querySelectorAll<HTMLElement>("*")]
      .filter((one) => one.getClientRects().length && one.getBoundingClientRect().right > innerWidth + 1)
      .filter((one) => !one.closest('pre, .truncate, [class*="sr-only"], nav'))
      .map((one) => `${one.tagName} ${one.textContent?.slice(0, 60)}`)
      .slice(0, 3),
  );
