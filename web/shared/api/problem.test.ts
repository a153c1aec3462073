import { expect, test } from "vitest";
import { Problem, unwrap } from "./problem";

const answer = (body: unknown, init: ResponseInit) =>
  Promise.resolve(new Response(body === null ? null : JSON.stringify(body), init));

test("a refusal is thrown with its code, its fields and what else it says", async () => {
  const refused = unwrap(
    answer(
      {
        title: "Sold out",
        status: 409,
        code: "out_of_stock",
        detail: "Two are left.",
        lines: [{ sku: "E-50", available: 2 }],
        errors: [{ field: "email", code: "invalid", message: "No." }],
      },
      { status: 409, headers: { "Retry-After": "3" } },
    ),
  );
  await expect(refused).rejects.toBeInstanceOf(Problem);
  const problem = await refused.catch((error: Problem) => error);
  expect(problem).toMatchObject({
    status: 409,
    code: "out_of_stock",
    detail: "Two are left.",
    retryAfter: 3,
    extra: { lines: [{ sku: "E-50", available: 2 }] },
  });
  expect((problem as Problem).field("email")).toBe("No.");
});

test("a proxy's error page without JSON is still a Problem", async () => {
  await expect(unwrap(Promise.resolve(new Response("<html>", { status: 502 })))).rejects.toMatchObject({
    status: 502,
    code: "http_502",
  });
});

test("no connection at all is a Problem too", async () => {
  await expect(unwrap(Promise.reject(new TypeError("fetch failed")))).rejects.toMatchObject({
    status: 0,
    code: "offline",
  });
});
