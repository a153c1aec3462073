import { Problem } from "@noirel/shared/api/problem";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openOrder } from "./read";
import { keepOrderToken, orderToken } from "./token";

const { send } = vi.hoisted(() => ({ send: vi.fn() }));
vi.mock("../session/session", () => ({ onSignedIn: async () => null, personal: async () => ({ send }) }));

const NUMBER = "NE-2345678";

/** An API that opens the order with one token only. */
function opensWith(right: string) {
  send.mockImplementation(async ({ params }: { params?: { token: string } }) => {
    if (params?.token !== right) throw new Problem(404, { code: "not_found" });
    return { number: NUMBER };
  });
}

describe("an order is opened by the token of a link", () => {
  beforeEach(() => {
    localStorage.clear();
    send.mockReset();
  });

  it("keeps a token that opens it", async () => {
    opensWith("right");
    await openOrder(NUMBER, "right");
    expect(orderToken(NUMBER)).toBe("right");
  });

  it("doesn't keep a token that opens nothing", async () => {
    opensWith("right");
    await expect(openOrder(NUMBER, "wrong")).rejects.toMatchObject({ status: 404 });
    expect(orderToken(NUMBER)).toBe("");
  });

  it("goes on with the token it had when the link's doesn't open it", async () => {
    opensWith("right");
    keepOrderToken(NUMBER, "right");
    await expect(openOrder(NUMBER, "wrong")).resolves.toEqual({ number: NUMBER });
    expect(orderToken(NUMBER)).toBe("right");
  });

  it("keeps the link's token when the shop can't be reached", async () => {
    send.mockRejectedValue(new Problem(0, {}));
    await expect(openOrder(NUMBER, "right")).rejects.toMatchObject({ status: 0 });
    expect(orderToken(NUMBER)).toBe("right");
  });
});
