import { expect, test } from "@playwright/test";
import { NEEDS_PASSWORD, openAdmin, owner, password, unique } from "./staff";

test.skip(!password, NEEDS_PASSWORD);

/** The worker makes the files of a picture beside whatever else runs. In ms. */
const ON_A_BUSY_MACHINE = 45_000;

/** A picture of its own for each run, made by the browser; what is in it doesn't matter here. */
const drawn = (colour: string) => {
  const canvas = document.createElement("canvas");
  canvas.width = 400;
  canvas.height = 500;
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 400, 500);
  pen.fillStyle = `rgb(${[1, 2, 3].map(() => Math.floor(Math.random() * 256)).join()})`;
  pen.fillRect(100, 100, 200, 300);
  return canvas.toDataURL("image/png").split(",")[1] ?? "";
};

test("staff send pictures, describe and order them, and the shop shows them", async ({ page, request }) => {
  test.slow();
  const staff = await owner(request);
  const slug = unique("pictured");
  await staff.post("products", { name: "Pictured", slug, sku: slug, price: { amount: 100_00, currency: "INR" } });
  await staff.patch(`products/${slug}`, { status: "active" });
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));

  await openAdmin(page, `/products/${slug}`);
  const files = [];
  for (const [name, colour] of [
    ["first.png", "#402030"],
    ["second.png", "#d0c0a0"],
  ] as const) {
    files.push({ name, mimeType: "image/png", buffer: Buffer.from(await page.evaluate(drawn, colour), "base64") });
  }
  const picker = page.getByLabel("Choose pictures");
  await picker.setInputFiles([...files, { name: "page.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") }]);
  await expect(page.getByLabel("Alt text")).toHaveCount(2, { timeout: ON_A_BUSY_MACHINE });
  const onTheirWay = page.getByRole("list", { name: "Uploads" });
  await expect(
    onTheirWay.getByText("not a JPEG, PNG, WebP, AVIF or GIF picture, whatever its name says"),
  ).toBeVisible();
  await page.getByRole("button", { name: "Remove page.png" }).click();
  await page.getByLabel("Alt text").nth(0).fill("A dark bottle");
  await page.getByLabel("Alt text").nth(1).fill("A light bottle");
  await page.getByRole("button", { name: "Move A light bottle earlier" }).press("Enter");
  const aim = page.getByRole("button", { name: "Focal point of A dark bottle" });
  await aim.click({ timeout: ON_A_BUSY_MACHINE }); // it is there once there is something to see
  await page.getByRole("slider", { name: "Down", exact: true }).fill("20");
  await page.getByRole("button", { name: "Use this point" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("region", { name: "Unsaved changes" })).toBeHidden();
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(page.getByText("Being prepared for the shop")).toHaveCount(0, { timeout: ON_A_BUSY_MACHINE });

  await expect
    .poll(async () => {
      const shown = (await (await request.get(`/api/v1/products/${slug}`)).json()) as {
        images: { alt: string; focal: { x: number; y: number } | null }[];
      };
      return shown.images.map(({ alt, focal }) => [alt, focal]);
    })
    .toEqual([
      ["A light bottle", null],
      ["A dark bottle", { x: 50, y: 20 }],
    ]);
  await page.goto(`/p/${slug}`);
  const first = page.getByAltText("A light bottle").first();
  await expect.poll(() => first.evaluate((picture: HTMLImageElement) => picture.naturalWidth)).toBeGreaterThan(0);
  const served = await request.get(await first.evaluate((picture: HTMLImageElement) => picture.currentSrc));
  expect(served.headers()["cache-control"]).toContain("immutable");
  expect(said.filter((text) => !text.includes("415"))).toEqual([]);
});
