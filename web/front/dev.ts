/** `node dev.ts`: the same port with Vite's hot reload for storefront and admin. */
import type { RequestListener } from "node:http";
import path from "node:path";
import type { ServerBuild } from "react-router";
import { createServer as createVite } from "vite";
import { frontApp } from "./app.ts";
import { serverFor, stopOnSignal } from "./listen.ts";
import { storefrontPages } from "./pages.ts";
import { settingsOrExit } from "./settings.ts";

const web = path.resolve(import.meta.dirname, "..");
const settings = settingsOrExit();
const http = serverFor(settings, (request, response) => app(request, response));

// Vite and React Router look for a workspace's files from where they are started.
process.chdir(path.join(web, "storefront"));
const storefront = await createVite({
  root: path.join(web, "storefront"),
  server: { middlewareMode: true, ws: { server: http, path: "/__storefront_hmr" } },
  appType: "custom",
});
process.chdir(path.join(web, "admin"));
const admin = await createVite({
  root: path.join(web, "admin"),
  configFile: path.join(web, "admin/vite.config.ts"),
  server: { middlewareMode: true, ws: { server: http, path: "/__admin_hmr" } },
  appType: "spa",
});
process.chdir(path.join(web, "storefront"));

const app: RequestListener = frontApp(
  settings,
  {
    admin: [
      (request, _response, next) => {
        request.url = request.originalUrl; // its base is /admin/: it wants the whole address
        next();
      },
      admin.middlewares,
    ],
    storefront: [
      storefront.middlewares,
      storefrontPages(() => storefront.ssrLoadModule("virtual:react-router/server-build") as Promise<ServerBuild>, {
        dev: true,
        publicUrl: settings.publicUrl,
      }),
    ],
  },
  { dev: true },
);
http.listen(settings.port, settings.hosts[0] === "127.0.0.1" ? "localhost" : settings.hosts[0]);
stopOnSignal([http], async () => {
  await Promise.all([storefront.close(), admin.close()]);
});
