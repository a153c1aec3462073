import { reactRouter } from "@react-router/dev/vite";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [tailwindcss(), reactRouter()],
  ssr: { noExternal: ["@noirel/shared"] },
  // Fonts and pictures stay files of their own: the page's policy allows no data: fonts.
  build: { assetsInlineLimit: 0 },
});
