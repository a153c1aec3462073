import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import type { CategoryNode } from "../../catalogue";
import { type SentRequest, serve } from "../../testing/server";
import { ToastProvider } from "../../ui/Toast";
import { Component as CategoryPage, loader as readCategory } from "../category/route";
import { Component, loader } from "./route";

vi.mock("../../session/session", () => ({ hasPermission: () => true }));
afterEach(cleanup);

const node = (slug: string, ...children: CategoryNode[]): CategoryNode => ({
  slug,
  name: slug.toUpperCase(),
  story: "",
  product_count: 0,
  held: 2,
  children,
});
const tree = [node("a"), node("b")];
const page = (results: CategoryNode[]) => ({ results, next: null, total: results.length });
const whole = (over: object = {}) => ({
  slug: "a",
  name: "A",
  story: "",
  parent: null,
  position: 0,
  seo: { title: "", description: "" },
  updated_at: "2026-11-23T00:00:00Z",
  ...over,
});

function open(path: string, answer: Parameters<typeof serve>[0]): SentRequest[] {
  const heard = serve(answer);
  const Stub = createRoutesStub([
    { path: "/categories", Component, loader, HydrateFallback: () => null },
    { path: "/categories/:slug", Component: CategoryPage, loader: readCategory, HydrateFallback: () => null },
  ]);
  render(
    <ToastProvider>
      <Stub initialEntries={[path]} />
    </ToastProvider>,
  );
  return heard;
}
const names = () => screen.getAllByRole("rowheader").map((one) => one.textContent);

test("an arrow on the handle moves a category at once, and Undo puts it back", async () => {
  const heard = open("/categories", ({ method, body }) =>
    method === "put" && (body as { before: string }).before === "a"
      ? { body: page([node("b"), node("a")]) }
      : { body: page(tree) },
  );
  (await screen.findByRole("button", { name: "Move B" })).focus();
  await userEvent.keyboard("{ArrowUp}");
  expect(names()).toEqual(["B", "A"]);
  await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(heard.filter(({ method }) => method === "put")).toHaveLength(2));
  expect(heard.filter(({ method }) => method === "put").map(({ url, body }) => [url, body])).toEqual([
    ["/admin/categories/b/place", { parent: null, before: "a" }],
    ["/admin/categories/b/place", { parent: null, before: null }],
  ]);
  await waitFor(() => expect(names()).toEqual(["A", "B"]));
});

test("a refused move says why, and the tree is as the shop has it", async () => {
  open("/categories", ({ method }) =>
    method === "put" ? { status: 404, body: { detail: "There is no such category." } } : { body: page(tree) },
  );
  (await screen.findByRole("button", { name: "Move B" })).focus();
  await userEvent.keyboard("{ArrowUp}");
  await screen.findByText("B stayed where it was. There is no such category.");
  expect(names()).toEqual(["A", "B"]);
});

test("who was slower keeps the edits, sees what changed, and saves only those", async () => {
  let reads = 0;
  let writes = 0;
  const heard = open("/categories/a", ({ method, url }) => {
    if (url === "/admin/categories") return { body: page(tree) };
    if (method === "patch") {
      writes += 1;
      return writes === 1 ? { status: 412, body: { code: "precondition_failed" } } : { body: whole({ name: "Mine" }) };
    }
    reads += 1;
    return { body: reads === 1 ? whole() : whole({ name: "Theirs", story: "New" }) };
  });
  const name = await screen.findByLabelText("Name");
  await userEvent.clear(name);
  await userEvent.type(name, "Mine");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const clash = await screen.findByRole("alert", { name: "Changed meanwhile" });
  expect(clash.textContent).toContain("Theirs");
  expect((name as HTMLInputElement).value).toBe("Mine");
  await userEvent.click(screen.getByRole("button", { name: "Save mine" }));
  await waitFor(() => expect(writes).toBe(2));
  expect(heard.filter(({ method }) => method === "patch").map(({ body }) => body)).toEqual([
    { name: "Mine" },
    { name: "Mine" },
  ]);
});

test("what something stands in is not deleted, and says so first", async () => {
  const heard = open("/categories/a", ({ url }) => ({
    body: url === "/admin/categories" ? page(tree) : whole(),
  }));
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  await screen.findByText(/2 products are in it/);
  expect(heard.some(({ method }) => method === "delete")).toBe(false);
});
