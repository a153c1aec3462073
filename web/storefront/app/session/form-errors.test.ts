import { Problem } from "@noirel/shared/api/problem";
import { describe, expect, it } from "vitest";
import { orderNumberOf } from "../routes/find-order/route";
import { formErrors, waitWords } from "./form-errors";

describe("a refusal of the API as errors of a form", () => {
  it("puts an error beside its field, and one of another field on the whole form", () => {
    const problem = new Problem(400, {
      errors: [
        { field: "email", code: "invalid", message: "Not an e-mail address." },
        { field: "cart", code: "invalid", message: "Not a cart." },
      ],
    });
    expect(formErrors(problem, ["email"])).toEqual([
      { id: "email", message: "Not an e-mail address." },
      { message: "Not a cart." },
    ]);
  });

  it("says how long to wait", () => {
    expect(formErrors(new Problem(429, {}, 40), [])).toEqual([
      { message: "Too many attempts. Try again in 40 seconds." },
    ]);
    expect(waitWords(1)).toBe("1 second");
    expect(waitWords(600)).toBe("10 minutes");
  });

  it("rethrows what is no refusal", () => {
    expect(() => formErrors(new TypeError("a fault of ours"), [])).toThrow(TypeError);
  });
});

describe("an order number", () => {
  it.each(["NE-2345678", " ne-2345678 ", "#NE-2345678", "NE-234 5678"])("is read from %j", (text) => {
    expect(orderNumberOf(text)).toBe("NE-2345678");
  });
});
