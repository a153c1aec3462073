import { expect, test, waitForHydration } from "./shop";

test("filters are in the address: back takes them off, forward puts them on", async ({ page }) => {
  await page.goto("/perfumes");
  await waitForHydration(page);
  const filters = page.getByRole("complementary", { name: "Filters" });
  const woody = filters.getByRole("checkbox", { name: /^Woody/ });
  const cards = page.getByRole("main").getByRole("article");
  const all = await cards.count();
  await woody.focus();
  await page.keyboard.press("Space");
  await expect(page).toHaveURL(/\?family=woody$/);
  await expect(page.getByRole("list", { name: "Filters that are on" })).toContainText("Woody");
  await expect(cards).not.toHaveCount(all);
  await expect(woody).toBeFocused();
  await page.goBack();
  await expect(page).toHaveURL(/\/perfumes$/);
  await expect(cards).toHaveCount(all);
  await expect(woody).not.toBeChecked();
  await page.goForward();
  await expect(woody).toBeChecked();
  await page.getByRole("link", { name: "Clear all" }).click();
  await expect(cards).toHaveCount(all);
});

test("what one types is completed, what one mistypes is understood, and nothing has something beside it", async ({
  page,
}) => {
  await page.goto("/search");
  await waitForHydration(page);
  const field = page.getByRole("combobox", { name: "Search the house" });
  await field.pressSequentially("encr");
  await expect(page.getByRole("option", { name: /^Encre/ })).toBeVisible();
  await field.press("ArrowDown");
  await expect(page.getByRole("option", { selected: true })).toHaveCount(1);
  await field.press("Escape");
  await expect(page.getByRole("listbox")).toBeHidden();
  await field.fill("irsi");
  await field.press("Enter");
  await expect(page.getByText("This is what answers to")).toContainText("iris");
  await expect(page.getByRole("link", { name: /Encre/ }).first()).toBeVisible();
  await field.fill("qwxzqwxz");
  await field.press("Enter");
  await expect(page.getByRole("heading", { name: "What comes nearest" })).toBeVisible();
});

test("help is found by its words, and words that nothing has are ignored and named", async ({ page }) => {
  await page.goto("/search?q=returns");
  await expect(page.getByRole("region", { name: "Help" }).getByRole("link").first()).toHaveText(
    /^Delivery and returns/,
  );
  await expect(page.getByText("What comes nearest")).toHaveCount(0);
  await page.goto("/search?q=iris+for+men");
  await expect(page.getByText("We have nothing for “men”.")).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: /Encre/ }).first()).toBeVisible();
  await page.goto("/search");
  await waitForHydration(page);
  await page.getByRole("combobox", { name: "Search the house" }).pressSequentially("engrav");
  await page.getByRole("option", { name: /^What can be engraved/ }).click();
  await expect(page).toHaveURL(/\/help#engraving$/);
  await expect(page.getByText("You see it on the flacon as you type.")).toBeVisible();
});

test("every address that crawlers are told of can be had, with its pictures", async ({ request, baseURL }) => {
  const read = async (path: string) => {
    const answer = await request.get(path);
    expect(answer.status(), path).toBe(200);
    return (await answer.text()).replaceAll("&amp;", "&");
  };
  const named = (text: string, tag: string) =>
    [...text.matchAll(new RegExp(`<${tag}>([^<]+)</${tag}>`, "g"))].map(([, address = ""]) => address);
  const robots = await read("/robots.txt");
  const index = robots.match(/^Sitemap: (.+)$/m)?.[1] ?? "";
  const files = await Promise.all(named(await read(index), "loc").map(read));
  const feed = await read("/feeds/google.xml");
  const told = [
    ...files.flatMap((file) => [...named(file, "loc"), ...named(file, "image:loc")]),
    ...["g:link", "g:image_link", "g:additional_image_link"].flatMap((tag) => named(feed, tag)),
  ];
  // Other stories put things of their own on show, and take them off.
  const addresses = [...new Set(told)].filter((address) => !/-[0-9a-f]{6}/.test(address));
  expect(addresses).toContain(`${baseURL}/p/encre`);
  expect(addresses.filter((address) => address.includes("/media/")).length).toBeGreaterThan(20);
  for (let at = 0; at < addresses.length; at += 8) {
    const answers = await Promise.all(addresses.slice(at, at + 8).map((address) => request.get(address)));
    expect(answers.filter((answer) => !answer.ok()).map((answer) => answer.url())).toEqual([]);
  }
});
