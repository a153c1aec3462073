import { expect, test } from "./shop";
import { NEEDS_PASSWORD, openAdmin, password, unique } from "./staff";

test.skip(!password, NEEDS_PASSWORD);
test.use({ provoked: [/400 \(Bad Request\)/] });

type Card = { slug: string; name: string };

test("a collection put in order by keys, number and mouse stands in that order in the shop's API", async ({
  page,
  request,
}) => {
  test.slow();
  const chosen = await Promise.all(
    ["encre", "velours", "cendre", "sel-dambre"].map(
      async (one) => (await (await request.get(`/api/v1/products/${one}`)).json()) as Card,
    ),
  );
  const [first, second, third, fourth] = chosen.map(({ name }) => name);
  const slug = unique("chosen");

  await openAdmin(page, "/collections");
  await page.getByRole("link", { name: "New collection" }).click();
  await page.getByLabel("Name").fill(`Chosen ${slug}`);
  await page.getByLabel("Address").fill(slug);
  for (const one of chosen) {
    await page.getByLabel("Add a product").fill(one.name);
    await page.getByRole("option", { name: `${one.name} ${one.slug}`, exact: true }).click();
    await expect(page.getByRole("button", { name: `Move ${one.name}`, exact: true })).toBeVisible();
  }
  await page.getByRole("button", { name: "Create collection" }).click();
  await expect(page.getByRole("heading", { name: `Chosen ${slug}`, level: 1 })).toBeVisible();

  const handle = (name = "") => page.getByRole("button", { name: `Move ${name}`, exact: true });
  const place = (name = "") => page.getByLabel(`Place of ${name}`, { exact: true });
  await handle(fourth).focus();
  await page.keyboard.press("ArrowUp");
  await expect(place(fourth)).toHaveValue("3");
  await expect(handle(fourth)).toBeFocused();
  await page.keyboard.press("Home");
  await expect(place(fourth)).toHaveValue("1");
  await expect(handle(fourth)).toBeFocused();
  await place(first).fill("4");
  await place(first).press("Enter");
  await expect(place(first)).toHaveValue("4");
  await expect(handle(first)).toBeFocused();
  await page.getByRole("button", { name: `Move ${third} to the top`, exact: true }).click();
  await expect(place(third)).toHaveValue("1"); // third, fourth, second, first

  await handle(second).scrollIntoViewIfNeeded();
  const from = await handle(second).boundingBox();
  const to = await handle(fourth).boundingBox();
  await page.mouse.move((from?.x ?? 0) + 10, (from?.y ?? 0) + 10);
  await page.mouse.down();
  await page.mouse.move((to?.x ?? 0) + 10, (to?.y ?? 0) + 10, { steps: 4 });
  await expect(page.getByRole("listitem").filter({ has: handle(fourth) })).toHaveAttribute("data-over", "true");
  await page.mouse.up();
  await expect(place(second)).toHaveValue("2");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();

  const order = [third, second, fourth, first];
  await expect
    .poll(async () => {
      const shown = (await (await request.get(`/api/v1/products?collection=${slug}`)).json()) as { results: Card[] };
      return shown.results.map(({ name }) => name);
    })
    .toEqual(order);
});

test("a collection by rule holds as many as were counted, and a rule in error says so beside itself", async ({
  page,
}) => {
  const slug = unique("ruled");
  await openAdmin(page, "/collections/~new");
  await page.getByLabel("Name").fill(`Ruled ${slug}`);
  await page.getByLabel("Address").fill(slug);
  await page.getByLabel("Products").selectOption("rule");
  await page.getByLabel("Rule 1: what").selectOption("price");
  await page.getByLabel("Rule 1: value, INR").fill("10");
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByLabel("Rule 2: what").selectOption("published");
  await page.getByLabel("Rule 2: value, days").fill("9999");
  await page.getByRole("button", { name: "Create collection" }).click();
  const wrong = page.getByLabel("Rule 2: value, days");
  await expect(wrong).toHaveAccessibleDescription("This value does not fit its field.");
  await expect(wrong).toBeFocused();
  await expect(page.getByLabel("Rule 1: value, INR")).not.toHaveAttribute("aria-invalid");

  await page.getByRole("button", { name: "Remove rule 2" }).click();
  const counted = page.getByText(/^\d+ products? meets? them$/);
  await expect(counted).toBeVisible();
  const count = Number.parseInt((await counted.textContent()) ?? "", 10);
  expect(count).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Create collection" }).click();
  await expect(page.getByRole("heading", { name: `Ruled ${slug}`, level: 1 })).toBeVisible();
  await page.goto("/admin/collections");
  await expect(
    page
      .getByRole("row", { name: `Ruled ${slug}` })
      .getByRole("cell")
      .last(),
  ).toHaveText(String(count));
});
