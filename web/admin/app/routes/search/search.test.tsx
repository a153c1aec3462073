import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { type SentRequest, serve } from "../../testing/server";
import { ToastProvider } from "../../ui/Toast";
import { Component, loader } from "./route";

vi.mock("../../session/session", () => ({ hasPermission: () => true }));
afterEach(cleanup);

const boost = { id: 7, product: "encre", name: "Encre", query: "ink", weight: 2, created_at: "2026-11-23T00:00:00Z" };

function show(answer: (asked: SentRequest) => { status?: number; body: unknown } | null = () => null) {
  const heard = serve((asked) => {
    const own = answer(asked);
    if (own) return own;
    if (asked.url === "/admin/search/boosts" && asked.method === "get")
      return { body: { results: [boost], next: null } };
    return { body: { results: [], next: null, total: 0 } };
  });
  const Stub = createRoutesStub([{ path: "/search", Component, loader, HydrateFallback: () => null }]);
  render(
    <ToastProvider>
      <Stub initialEntries={["/search"]} />
    </ToastProvider>,
  );
  return heard;
}

test("Undo brings a removed boost back, with the fields that the API takes and no others", async () => {
  const heard = show();
  await userEvent.click(await screen.findByRole("button", { name: /Remove .*Encre/ }));
  await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() =>
    expect(heard.find(({ method }) => method === "post")?.body).toEqual({ product: "encre", query: "ink", weight: 2 }),
  );
});

test("what is wrong with a group of words stands beside its field alone, and has the focus", async () => {
  show(({ method }) =>
    method === "post"
      ? {
          status: 400,
          body: { code: "invalid", errors: [{ field: "terms.0", code: "taken", message: "Oud is in another group." }] },
        }
      : null,
  );
  const form = within((await screen.findByLabelText("New group")).closest("form") as HTMLElement);
  await userEvent.click(form.getByRole("button", { name: "Add" }));
  const field = await form.findByRole("textbox", { name: "New group", description: /^Enter at least two words/ });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await userEvent.type(field, "oud, agarwood");
  await userEvent.click(form.getByRole("button", { name: "Add" }));
  await form.findByRole("textbox", { name: "New group", description: "Oud is in another group." });
  expect(document.activeElement).toBe(field);
  expect(screen.getAllByText("Oud is in another group.")).toHaveLength(1);
});
