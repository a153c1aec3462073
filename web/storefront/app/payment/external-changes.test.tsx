import { act, cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { announceChange, useExternalChanges } from "./external-changes";

const refresh = vi.fn();
function Page() {
  useExternalChanges(refresh);
  return null;
}
const settle = () => act(async () => new Promise((wake) => setTimeout(wake, 120)));
const pageshow = (persisted: boolean) =>
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }) as PageTransitionEvent);

beforeEach(() => refresh.mockReset());
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("a change in another tab is asked about", async () => {
  render(<Page />);
  announceChange();
  await settle();
  expect(refresh).toHaveBeenCalledOnce();
});

test("a page from the back/forward cache asks once, although it is shown and becomes visible", async () => {
  render(<Page />);
  window.dispatchEvent(new Event("pagehide"));
  pageshow(true);
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(refresh).toHaveBeenCalledOnce();
  announceChange();
  await settle();
  expect(refresh).toHaveBeenCalledTimes(2);
});

test("a first showing asks nothing, and a page that is gone neither", async () => {
  const { unmount } = render(<Page />);
  pageshow(false);
  await settle();
  unmount();
  announceChange();
  pageshow(true);
  await settle();
  expect(refresh).not.toHaveBeenCalled();
});

test("a browser without broadcast channels still asks when the page is looked at", async () => {
  vi.stubGlobal("BroadcastChannel", undefined);
  render(<Page />);
  announceChange();
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(refresh).toHaveBeenCalledOnce();
});
