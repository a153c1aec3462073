import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axios, { AxiosError, type InternalAxiosRequestConfig } from "axios";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { serve } from "../../testing/server";
import type { AdminProduct, Media, Picture } from "../../types";
import { moved } from "../../ui/order";
import { Pictures } from "./Pictures";
import { kindOf, mergedPictures, pictureChanges, picturesOf, type Shown } from "./pictures";

afterEach(cleanup);

const picture = (id: string, alt = `Picture ${id}`): Picture => ({
  id,
  alt,
  view: "",
  width: 8,
  height: 10,
  ground: "#c81e28",
  focal: null,
  renditions: [{ format: "webp", width: 8, height: 10, url: `/media/${id}.webp` }],
});
const asset = (id: string, over: Partial<Media> = {}): Media => ({
  ...picture(id, ""),
  preview: "",
  status: "ready",
  problem: "",
  created_at: "2026-11-23T00:00:00Z",
  ...over,
});
const product = { images: [picture("a"), picture("b")] } as unknown as AdminProduct;

test("only what differs is sent: the order, and other words", () => {
  const shown = picturesOf(product);
  expect(pictureChanges(product, shown)).toEqual({ about: [] });
  expect(pictureChanges(product, moved(shown, 0, 1))).toEqual({ images: ["b", "a"], about: [] });
  expect(pictureChanges(product, shown.slice(1))).toEqual({ images: ["b"], about: [] });
  const told = shown.map((one) => (one.id === "b" ? { ...one, alt: " A stopper " } : one));
  expect(pictureChanges(product, told)).toEqual({ about: [["b", { alt: "A stopper" }]] });
});

test("a point is sent when it is another, and the middle as none", () => {
  const aimed = { images: [{ ...picture("a"), focal: { x: 10, y: 20 } }] } as unknown as AdminProduct;
  const [one] = picturesOf(aimed) as [Shown];
  expect(pictureChanges(aimed, [{ ...one, focal: { x: 10, y: 20 } }])).toEqual({ about: [] });
  expect(pictureChanges(aimed, [{ ...one, focal: null }])).toEqual({ about: [["a", { focal: null }]] });
});

test("what was said and ordered here stays when somebody saved meanwhile", () => {
  const theirs = { images: [{ ...picture("b"), alt: "Theirs" }, picture("c")] } as unknown as AdminProduct;
  const mine = picturesOf(product).map((one) => (one.id === "b" ? { ...one, alt: "Mine" } : one));
  const said = (list: Shown[]) => list.map(({ id, alt }) => `${id} ${alt}`);
  expect(said(mergedPictures(product, mine, theirs))).toEqual(["b Mine", "c Picture c"]);
  const sent = [...moved(mine, 0, 1), { id: "d", alt: "New", focal: null, picture: asset("d") }];
  expect(said(mergedPictures(product, sent, theirs))).toEqual(["b Mine", "d New", "c Picture c"]);
  expect(said(mergedPictures(product, picturesOf(product), theirs))).toEqual(["b Theirs", "c Picture c"]);
});

test("a file's kind is its type, or its name where the browser knows none", () => {
  expect(kindOf({ type: "image/png", name: "a.jpg" })).toBe("image/png");
  expect(kindOf({ type: "", name: "A.AVIF" })).toBe("image/avif");
  expect(kindOf({ type: "image/svg+xml", name: "a.png" })).toBeNull();
  expect(kindOf({ type: "", name: "noname" })).toBeNull();
});

function Page({ start = picturesOf(product) }: { start?: Shown[] }) {
  const [pictures, change] = useState(start);
  return (
    <>
      <Pictures pictures={pictures} change={change} editable onBusy={() => {}} />
      <p data-testid="order">{pictures.map(({ id }) => id).join(" ")}</p>
    </>
  );
}
const order = () => screen.getByTestId("order").textContent;

/** The bucket: what was sent to it, and what it answers. */
function store(status = 204): { url: string; fields: string[]; token: unknown }[] {
  const heard: { url: string; fields: string[]; token: unknown }[] = [];
  axios.defaults.adapter = async (config: InternalAxiosRequestConfig) => {
    const form = config.data as FormData;
    heard.push({ url: config.url ?? "", fields: [...form.keys()], token: config.headers.get("Authorization") });
    const response = { data: "<Error/>", status, statusText: "", headers: {}, config };
    if (status >= 400) throw new AxiosError("refused", undefined, config, null, response);
    return response;
  };
  return heard;
}

const file = (name = "encre.jpg", type = "image/jpeg") => new File(["pixels"], name, { type });

test("a chosen file is asked for, sent to the store without our token, and confirmed", async () => {
  const sent = store();
  const heard = serve(({ url }) =>
    url.endsWith("/confirm")
      ? { body: asset("c") }
      : { body: { id: "u1", ticket: { method: "POST", url: "https://bucket.example/", fields: { key: "inbox/u1" } } } },
  );
  render(<Page />);
  await userEvent.upload(screen.getByLabelText("Choose pictures"), file());
  await waitFor(() => expect(order()).toBe("a b c"));
  expect(heard.map(({ url }) => url)).toEqual(["/admin/media/uploads", "/admin/media/uploads/u1/confirm"]);
  expect(heard[0]?.body).toEqual({ name: "encre.jpg", content_type: "image/jpeg", bytes: 6 });
  expect(sent).toEqual([{ url: "https://bucket.example/", fields: ["key", "file"], token: undefined }]);
  expect(screen.getByRole("status").textContent).toContain("encre.jpg is added");
});

test("a refusal says why and can be tried again", async () => {
  store();
  let refuse = true;
  serve(({ url }) => {
    if (!url.endsWith("/confirm")) return { body: { id: "u1", ticket: { method: "POST", url: "/x", fields: {} } } };
    return refuse
      ? { status: 422, body: { code: "picture_moves", detail: "Only still pictures are taken." } }
      : { body: asset("c") };
  });
  render(<Page />);
  fireEvent.drop(screen.getByRole("region", { name: "Pictures of the product" }), {
    dataTransfer: { types: ["Files"], files: [file("moves.gif", "image/gif"), file("page.svg", "image/svg+xml")] },
  });
  const list = await screen.findByRole("list", { name: "Uploads" });
  await within(list).findByText("Only still pictures are taken.");
  await within(list).findByText(/Use a JPEG, PNG/);
  refuse = false;
  await userEvent.click(screen.getByRole("button", { name: "Send moves.gif again" }));
  await waitFor(() => expect(order()).toBe("a b c"));
  await userEvent.click(screen.getByRole("button", { name: "Remove page.svg" }));
  expect(screen.queryByRole("list", { name: "Uploads" })).toBeNull();
});

test("pictures are ordered, described and taken away by keyboard", async () => {
  render(<Page />);
  const user = userEvent.setup();
  screen.getByRole("button", { name: "Move Picture a later" }).focus();
  await user.keyboard("{Enter}");
  expect(order()).toBe("b a");
  expect(screen.getByRole("status").textContent).toBe("Picture a is number 2 of 2.");
  await user.type(screen.getAllByLabelText("Alt text")[0] as HTMLElement, "!");
  screen.getByRole("button", { name: "Remove Picture b!" }).focus();
  await user.keyboard(" ");
  expect(order()).toBe("a");
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Remove Picture a"));
});
