import { render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { Address, Shop } from "../../types";
import { setCountries } from "../../ui/countries";
import { AddressBlock } from "./AddressBlock";

afterEach(() => setCountries([]));

const address = {
  name: "Ananya Rao",
  line1: "14 Lavelle Road",
  line2: "",
  city: "Bengaluru",
  region: "KA",
  postcode: "560001",
  country: "IN",
  phone: "+919886012345",
} as Address;

test("an address names its state and its country, and keeps codes that are not known", () => {
  const india = { code: "IN", name: "India", regions: [{ code: "KA", name: "Karnataka" }] };
  setCountries([india] as unknown as Shop["countries"]);
  const { unmount } = render(<AddressBlock address={address} />);
  expect(screen.getByText("Bengaluru, Karnataka, 560001")).toBeTruthy();
  expect(screen.getByText("India")).toBeTruthy();
  unmount();
  render(<AddressBlock address={{ ...address, country: "ZZ", region: "Somewhere" }} />);
  expect(screen.getByText("Bengaluru, Somewhere, 560001")).toBeTruthy();
  expect(screen.getByText("ZZ")).toBeTruthy();
});
