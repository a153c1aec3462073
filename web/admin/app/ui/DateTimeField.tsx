import type { ComponentProps } from "react";
import { TextField } from "./Field";
import { byThisComputer, fromLocal, shopZone } from "./time";

/** A date and time in the shop's zone, which is named; what it is by the reader's own computer stands beside it where that differs. */
export function DateTimeField({ hint, value, ...rest }: ComponentProps<typeof TextField> & { value: string }) {
  const own = byThisComputer(value);
  return (
    <TextField
      {...rest}
      type="datetime-local"
      value={value}
      hint={
        <>
          {shopZone(fromLocal(value) ?? undefined)}.{own ? ` By this computer: ${own}.` : ""} {hint}
        </>
      }
    />
  );
}
