import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { type SentRequest, serve } from "../../testing/server";
import { ToastProvider } from "../../ui/Toast";
import { ruleOf } from "./draft";
import { Component, loader } from "./route";

vi.mock("../../session/session", () => ({ hasPermission: () => true }));
// jsdom lays nothing out: a list of some height, with rows in it.
vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(44);
vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(440);
afterEach(cleanup);

const item = (slug: string) => ({ slug, name: slug.toUpperCase(), status: "active" });
const whole = (over: object = {}) => ({
  slug: "night",
  name: "Night",
  story: "",
  position: 0,
  rules: null,
  match: "all",
  seo: { title: "", description: "" },
  product_count: 3,
  products: [item("a"), item("b"), item("c")],
  updated_at: "2026-11-23T00:00:00Z",
  ...over,
});

function open(
  collection: object,
  answer: (asked: SentRequest) => { status?: number; body: unknown } | null,
): SentRequest[] {
  const heard = serve((asked) => {
    const said = answer(asked);
    if (said) return said;
    if (asked.url === "/shop") return { body: { currency: "INR" } };
    if (asked.url.startsWith("/admin/collections/")) return { body: collection };
    return { body: { results: [], next: null, total: 0 } };
  });
  const Stub = createRoutesStub([{ path: "/collections/:slug", Component, loader, HydrateFallback: () => null }]);
  render(
    <ToastProvider>
      <Stub initialEntries={["/collections/night"]} />
    </ToastProvider>,
  );
  return heard;
}

test("the arrows put a product elsewhere, and what is saved is the order", async () => {
  const heard = open(whole(), ({ method }) => (method === "patch" ? { body: whole() } : null));
  (await screen.findByRole("button", { name: "Move C" })).focus();
  await userEvent.keyboard("{Home}");
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Move C"));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(heard.find(({ method }) => method === "patch")?.body).toEqual({ products: ["c", "a", "b"] }),
  );
});

test("of three thousand products only those in sight are painted, and any can be put anywhere by its number", async () => {
  const many = Array.from({ length: 3000 }, (_, at) => item(`p${at + 1}`));
  const heard = open(whole({ products: many }), ({ method }) => (method === "patch" ? { body: whole() } : null));
  await screen.findByRole("button", { name: "Move P1" });
  expect(screen.getAllByRole("button", { name: /^Move P\d+$/ }).length).toBeLessThan(40);
  await userEvent.type(screen.getByLabelText("Place of P3"), "2500{Enter}");
  const row = await screen.findByLabelText("Place of P3");
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Move P3"));
  expect((row as HTMLInputElement).value).toBe("2500");
  await userEvent.click(screen.getByRole("button", { name: "Move P3 to the top" }));
  await userEvent.type(screen.getByLabelText("Place of P2"), "9999");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(heard.some(({ method }) => method === "patch")).toBe(true));
  const sent = heard.find(({ method }) => method === "patch")?.body as { products: string[] } | undefined;
  const products = sent?.products ?? [];
  expect([products[0], products[1], products[2999], products.length]).toEqual(["p3", "p1", "p2", 3000]);
});

test("rules are counted as they are typed, and a half-written one is not asked about", async () => {
  const heard = open(whole(), ({ url, method }) => {
    if (url === "/admin/collections/count") return { body: { count: 41, sample: [item("a")] } };
    return method === "patch" ? { body: whole({ rules: [] }) } : null;
  });
  await userEvent.selectOptions(await screen.findByLabelText("Products"), "rule");
  await screen.findByText("Finish the rules to see how many products meet them.");
  await userEvent.selectOptions(screen.getByLabelText("Rule 1: what"), "price");
  await userEvent.type(screen.getByLabelText("Rule 1: value, INR"), "99.50");
  await screen.findByText("41 products meet them");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const rules = [{ field: "price", is: "at_least", value: 9950 }];
  await waitFor(() => expect(heard.find(({ method }) => method === "patch")?.body).toEqual({ rules, match: "all" }));
});

test("what is wrong with a rule stands beside that rule, and the caret goes there", async () => {
  open(
    whole({
      rules: [
        { field: "vendor", is: "is", value: "Ours" },
        { field: "vendor", is: "is", value: "Theirs" },
      ],
    }),
    ({ method }) =>
      method === "patch"
        ? {
            status: 400,
            body: {
              code: "invalid",
              detail: "Please look at the rules.",
              errors: [{ field: "rules.1.value", code: "unknown", message: "No product is of theirs." }],
            },
          }
        : null,
  );
  const second = await screen.findByLabelText("Rule 2: value");
  await userEvent.type(second, "!");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(document.activeElement).toBe(second));
  const told = document.getElementById(second.getAttribute("aria-describedby") ?? "");
  expect(told?.textContent).toBe("No product is of theirs.");
  expect(screen.getByLabelText("Rule 1: value").getAttribute("aria-invalid")).toBeNull();
  await userEvent.clear(second);
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(told?.textContent).toBe("Enter a value."));
});

test("who was slower sees the other's order in words, and keeps the own", async () => {
  let reads = 0;
  open(whole(), ({ url, method }) => {
    if (method === "patch") return { status: 412, body: { code: "precondition_failed" } };
    if (url !== "/admin/collections/night") return null;
    reads += 1;
    return { body: reads === 1 ? whole() : whole({ products: [item("b"), item("a")] }) };
  });
  await userEvent.click(await screen.findByRole("button", { name: "Remove A" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const clash = await screen.findByRole("alert", { name: "Changed meanwhile" });
  expect(clash.textContent).toContain("B, A");
  expect(clash.textContent).toContain("B, C");
});

test("a rule goes out in the type of its field, or not at all", () => {
  const terms = { currency: "INR", attributes: [] };
  expect(ruleOf({ field: "published", name: "", is: "within", value: "30" }, terms)?.value).toBe(30);
  expect(ruleOf({ field: "in_stock", name: "", is: "is", value: "false" }, terms)?.value).toBe(false);
  expect(ruleOf({ field: "published", name: "", is: "within", value: "0" }, terms)).toBeNull();
  expect(ruleOf({ field: "price", name: "", is: "at_most", value: "1.234" }, terms)).toBeNull();
});
