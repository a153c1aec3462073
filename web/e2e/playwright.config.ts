import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** The machine's Chromium where it has one, else the one Playwright brought. */
const chromium = [process.env.CHROMIUM, process.env.CHROMIUM_PATH, "/usr/bin/chromium"].find(
  (path) => path && existsSync(path),
);

export default defineConfig({
  testDir: "./stories",
  // The stories buy from one shop, each with an address of its own. Some of them mostly wait for the clock.
  workers: 3,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    baseURL: process.env.BASE_URL ?? "http://localhost:8000",
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(chromium && { executablePath: chromium }),
      args: ["--no-sandbox"],
    },
  },
});
