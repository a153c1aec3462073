import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { loggedPath } from "./log.ts";
import { withHashes } from "./pages.ts";

const hash = (code: string) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`;

test("a page's policy names the scripts that were rendered with its nonce, and the page has no nonce left", () => {
  const { html, scripts } = withHashes(
    '<link rel="modulepreload" href="/a.js" nonce="n1"><script nonce="n1">one()</script>' +
      '<script type="module" nonce="n1" async="">import "/a.js"</script><script nonce="n1" src="/b.js"></script>',
    "n1",
  );
  expect(scripts).toEqual([hash("one()"), hash('import "/a.js"')]);
  expect(html).toBe(
    '<link rel="modulepreload" href="/a.js"><script>one()</script>' +
      '<script type="module" async="">import "/a.js"</script><script src="/b.js"></script>',
  );
});

test("a script that got into a page in another way is not named", () => {
  const injected =
    '<p><script>steal()</script><script nonce="">steal()</script><script nonce="guess">steal()</script></p>';
  expect(withHashes(injected, "n1")).toEqual({ html: injected, scripts: [] });
});

test.each([
  ["/orders/NE-1?token=secret", "/orders/NE-1"],
  ["/reset?token=secret#x", "/reset"],
  ["/api/v1/carts/0190a6b0-0000-7000-8000-000000000000/lines", "/api/v1/carts/:id/lines"],
  ["/api/v1/media/uploads/0190a6b0-0000-7000-8000-000000000000", "/api/v1/media/uploads/:id"],
  ["/p/encre", "/p/encre"],
])("%s is logged as %s", (url, path) => {
  expect(loggedPath(url)).toBe(path);
});
