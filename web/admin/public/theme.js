// Runs before the first paint, so that a dark room never sees a white flash. A file, not inline: the policy allows no inline script.
(() => {
  const chosen = /(?:^|; )theme=(ivory|noir)/.exec(document.cookie)?.[1];
  const noir = chosen ? chosen === "noir" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = noir ? "noir" : "ivory";
})();
