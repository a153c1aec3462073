import { expect, test } from "@playwright/test";

const ELSEWHERE = [
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/%09/evil.example/x",
  "/%0a/evil.example",
  "/%0d%0aSet-Cookie:x=1",
  "/%5cevil.example",
  "/.//evil.example",
  "https://evil.example",
  "/\u0000/evil.example",
  "/%E0%A4%A",
];

for (const to of ELSEWHERE) {
  test(`the choice of light never leads to ${JSON.stringify(to)}`, async ({ request, baseURL }) => {
    const answer = await request.post("/theme", { form: { theme: "noir", to }, maxRedirects: 0 });
    expect(answer.status()).toBe(302);
    expect(answer.headers().location).toBe("/");
    expect(new URL(answer.headers().location ?? "", baseURL).origin).toBe(new URL(baseURL ?? "").origin);
  });
}

test("the choice of light leads back to the page it was made on", async ({ request }) => {
  const to = "/perfumes?family=woody";
  const answer = await request.post("/theme", { form: { theme: "noir", to }, maxRedirects: 0 });
  expect([answer.status(), answer.headers().location]).toEqual([302, to]);
});
