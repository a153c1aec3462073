import { defineConfig } from "vitest/config";

// Without the framework's plugin: pages are tested as plain components (createRoutesStub).
export default defineConfig({
  test: {
    environment: "jsdom",
    include: ["app/**/*.test.{ts,tsx}", "../shared/**/*.test.{ts,tsx}"],
    setupFiles: ["./vitest.setup.ts"],
    testTimeout: 30_000, // on a busy machine, too: a slow test is not a wrong one
  },
});
