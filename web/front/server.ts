/** `node server.ts`: the shop's one port, in production. Node runs it as it is, without a build. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { builtPages, frontApp } from "./app.ts";
import { listen, stopOnSignal } from "./listen.ts";
import { storefrontPages } from "./pages.ts";
import { contentSecurityPolicy } from "./policy.ts";
import { settingsOrExit } from "./settings.ts";

const web = path.resolve(import.meta.dirname, "..");

const settings = settingsOrExit();
try {
  const build = await import(pathToFileURL(path.join(web, "storefront/build/server/index.js")).href);
  const render = storefrontPages(build, {
    publicUrl: settings.publicUrl,
    policy: (response, scripts) =>
      response.setHeader("Content-Security-Policy", contentSecurityPolicy(settings, "storefront", { scripts })),
  });
  const app = frontApp(settings, builtPages(web, render));
  stopOnSignal(await listen(settings, app));
  console.warn(`front: listening on ${settings.port}`);
} catch (error) {
  console.error(`front: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}
