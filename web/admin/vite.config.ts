import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { routeRefresh } from "./route-refresh.ts";

export default defineConfig({
  base: "/admin/",
  plugins: [react(), routeRefresh(), tailwindcss()],
  optimizeDeps: { entries: ["index.html", "app/**/*.tsx", "!app/**/*.test.tsx"] },
  build: { target: "es2022", assetsInlineLimit: 0 },
  test: { environment: "happy-dom", include: ["app/**/*.test.{ts,tsx}"], testTimeout: 30_000 },
});
