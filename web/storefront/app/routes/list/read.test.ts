import { afterEach, expect, test, vi } from "vitest";
import { loader as category } from "./category";
import { loader as collection } from "./collection";

afterEach(() => vi.unstubAllGlobals());

const problem = (status: number) =>
  Response.json({ type: "about:blank", title: "Refused", status, code: "refused", errors: [] }, { status });

test.each([
  [0, 20],
  [20, 0],
])(
  "a category or collection that does not exist is a 404, whether it or its list is refused first",
  async (one, other) => {
    vi.stubGlobal("fetch", async (url: string) => {
      const isList = url.includes("/products");
      await new Promise((later) => setTimeout(later, isList ? one : other));
      return problem(isList ? 400 : 404);
    });
    const request = new Request("http://localhost/c/%00");
    for (const load of [
      () => category({ request, params: { category: "\0" } } as never),
      () => collection({ request, params: { slug: "\0" } } as never),
    ])
      await expect(load()).rejects.toMatchObject({ init: { status: 404 } });
  },
);
