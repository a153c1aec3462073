import { send } from "@noirel/shared/api/browser";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub, useLoaderData } from "react-router";
import { afterEach, expect, test } from "vitest";
import { serve } from "../testing/server";
import { useRefresh } from "./useRefresh";

afterEach(cleanup);

function Page() {
  useRefresh(true, 20);
  return (
    <label>
      {String((useLoaderData() as { read: number }).read)} <input />
    </label>
  );
}

const Stub = createRoutesStub([
  {
    path: "/",
    loader: () => send<{ read: number }>({ url: "/admin/orders/NE-1" }),
    HydrateFallback: () => null,
    Component: Page,
    ErrorBoundary: () => <p>No answer</p>,
  },
]);

test.each([401, 503])("a page that refreshes itself keeps what is typed while the shop answers %i", async (status) => {
  let isDown = false;
  let read = 0;
  const requests = serve(({ url }) => {
    if (isDown) return { status, body: { status } };
    return { body: url === "/me" ? {} : { read: ++read } };
  });
  render(<Stub />);
  await userEvent.type(await screen.findByRole("textbox"), "Call before noon.");
  await waitFor(() => expect(read).toBeGreaterThan(2));
  isDown = true;
  const before = requests.length;
  await waitFor(() => expect(requests.length).toBeGreaterThan(before + 2));
  expect(screen.getByRole<HTMLInputElement>("textbox").value).toBe("Call before noon.");
  isDown = false;
  const seen = read;
  await waitFor(() => expect(read).toBeGreaterThan(seen));
  expect(screen.getByRole<HTMLInputElement>("textbox").value).toBe("Call before noon.");
});
