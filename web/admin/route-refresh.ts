import type { Plugin } from "vite";

/** What a route module exports beside components: React Refresh must not refuse the module for it. */
const EXPORTS = ["loader", "action", "handle", "middleware", "shouldRevalidate"];

/**
 * Fast Refresh for route modules, in development. React Refresh reloads the page for a module that exports something that is not a
 * component, and every page here exports its loader. With this plugin the component is refreshed in place, and the new module's loader and
 * action replace those that the router holds.
 */
export function routeRefresh(): Plugin {
  return {
    name: "noirel:route-refresh",
    apply: "serve",
    transformIndexHtml: () => [
      {
        tag: "script",
        injectTo: "head-prepend",
        children: `window.__getReactRefreshIgnoredExports = () => ${JSON.stringify(EXPORTS)};`,
      },
    ],
    transform(code, id) {
      if (/\/admin\/app\/router\.tsx$/.test(id)) return { code: `${code}\nwindow.__adminRouter = router;`, map: null };
      const isRoute = /\/admin\/app\/routes\/[^?]+\.tsx$/.test(id) && /export (?:async )?function loader\b/.test(code);
      return isRoute ? { code: code + REPLACE_IN_ROUTER, map: null } : null;
    },
  };
}

/** The router keeps the functions of the module that it loaded first; they are found by identity. */
const REPLACE_IN_ROUTER = `
if (import.meta.hot) {
  const previous = (import.meta.hot.data.previous ??= { loader });
  import.meta.hot.accept((next) => {
    if (!next) return;
    const { loader, action } = next;
    const replace = (routes) => {
      for (const route of routes ?? []) {
        if (route.loader === previous.loader) Object.assign(route, { loader, ...(action && { action }) });
        replace(route.children);
      }
    };
    replace(window.__adminRouter.routes);
    previous.loader = loader;
    window.__adminRouter.revalidate();
  });
}
`;
