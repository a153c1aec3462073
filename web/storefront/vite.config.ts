import { reactRouter } from "@react-router/dev/vite";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const api = process.env.API_ORIGIN ?? "http://127.0.0.1:8010";

export default defineConfig({
  plugins: [tailwindcss(), reactRouter()],
  ssr: { noExternal: ["@noirel/shared"] },
  // Fonts and pictures stay files of their own: the page's policy allows no data: fonts.
  build: { assetsInlineLimit: 0 },
  // Without entries Vite finds a package only when a browser asks for it, answers 504 to what it served before, and reloads the page.
  optimizeDeps: { entries: ["app/entry.client.tsx", "app/**/*.tsx", "!app/**/*.test.tsx"] },
  server: { proxy: { "/api": api, "/media": api } },
});
