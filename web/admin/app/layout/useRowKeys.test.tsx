import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { useRowKeys } from "./useRowKeys";

afterEach(cleanup);

function Table({ open }: { open: (row: string) => void }) {
  const rows = ["one", "two", "three"];
  const { at, body } = useRowKeys(rows, open);
  return (
    <table>
      <tbody ref={body}>
        {rows.map((row, index) => (
          <tr key={row} data-chosen={index === at || undefined}>
            <td>{row}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

test("j and k move over the rows and keep the one they stand on in view, Enter opens it", async () => {
  const seen: string[] = [];
  Element.prototype.scrollIntoView = function scrollIntoView(this: Element) {
    seen.push(this.textContent ?? "");
  };
  const open = vi.fn();
  render(<Table open={open} />);
  await userEvent.keyboard("jjjjk{Enter}");
  expect(seen).toEqual(["one", "two", "three", "two"]);
  expect(screen.getByText("two").parentElement?.dataset.chosen).toBe("true");
  expect(open).toHaveBeenCalledExactlyOnceWith("two");
});
