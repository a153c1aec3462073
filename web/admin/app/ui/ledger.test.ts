import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { accountNames } from "./ledger";

const api = readFileSync("../../backend/noirel/ledger/accounts.py", "utf8");

test("the filter calls each account of the ledger what its entries call it", () => {
  const named = [...api.matchAll(/^ {4}[A-Z_]+ = "(\w+)", "(.+)"$/gm)].map(([, account, name]) => [account, name]);
  expect(named.length).toBeGreaterThan(10);
  expect(Object.entries(accountNames)).toEqual(named);
});
