import config from "./playwright.config.ts";

/** The stories of `make dev`. One at a time: they edit the files that the shop runs from, and share the first visit's caches. */
export default { ...config, testDir: "./dev", workers: 1, fullyParallel: false, timeout: 90_000 };
