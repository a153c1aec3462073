import type { CartLine } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Minus, Plus } from "@noirel/shared/ui/icons";
import { Plate } from "@noirel/shared/ui/plate";
import { Stepper } from "@noirel/shared/ui/stepper";
import { Form, Link } from "react-router";
import { useShop } from "../layout/shop-context";
import { aheadWords } from "../parts/ahead";
import { useCart } from "./cart-context";
import { pieceName } from "./reducer";

/** "50 ml, engraved A. R." */
export function lineDetail({ variant, engraving }: Pick<CartLine, "variant" | "engraving">): string {
  return [variant.title, engraving && `engraved ${engraving}`].filter(Boolean).join(", ");
}

/** The pieces of the bag. `still` shows them without controls that need the browser's own bag. */
export function Lines({ lines, still = false }: { lines: CartLine[]; still?: boolean }) {
  const { pendingQuantities, removing, refused, cart, setQuantity, remove } = useCart();
  const { time_zone } = useShop();
  return (
    // With large text on a narrow screen the parts of a line stand below each other.
    <ul className="@container">
      {lines
        .filter(({ id }) => !removing.includes(id))
        .map((line) => {
          const quantity = pendingQuantities[line.id] ?? line.quantity;
          const warning =
            refused[line.id] ?? cart?.warnings.find(({ line_id }) => line_id === line.id)?.message ?? null;
          return (
            <li
              key={line.id}
              className="grid grid-cols-[4.5rem_1fr_auto] gap-x-4 border-b border-line py-4 @max-[17rem]:grid-cols-1 @max-[17rem]:gap-y-4"
            >
              <div className="row-span-2 max-w-18">
                <Plate picture={line.image} attributes={line.product.attributes} sizes="72px" alt="" />
              </div>
              <div className="min-w-0 text-[0.9375rem] leading-snug">
                <h3 className="display text-[1.5rem] leading-none break-words">
                  <Link to={`/p/${line.product.slug}`}>{line.product.name}</Link>
                </h3>
                <p className="mt-1 text-sm text-ink-2">{lineDetail(line)}</p>
                {line.ahead && (
                  <p className="numerals mt-1 text-sm text-ink-2">
                    {aheadWords(line.ahead, line.quantity, time_zone)}.
                  </p>
                )}
              </div>
              <div className="col-span-2 col-start-2 @max-[17rem]:col-auto">
                {/* Under the price as well: a long one leaves no room beside the number for what takes the piece out. */}
                <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
                  {still ? (
                    <PlainStepper line={line} />
                  ) : (
                    <Stepper value={quantity} label={pieceName(line)} onChange={(next) => setQuantity(line, next)} />
                  )}
                  <Form
                    method="post"
                    action="/bag"
                    onSubmit={(event) => {
                      if (still) return;
                      event.preventDefault();
                      remove(line);
                    }}
                  >
                    <input type="hidden" name="remove" value={line.id} />
                    <button
                      type="submit"
                      aria-label={`Remove ${pieceName(line)}`}
                      className="link-quiet min-h-6 text-sm text-ink-2"
                    >
                      Remove
                    </button>
                  </Form>
                </div>
                {warning && (
                  <p role="status" className="mt-2 text-sm text-warning">
                    {warning}
                  </p>
                )}
              </div>
              <span
                className={`numerals col-start-3 row-start-1 text-[0.9375rem] leading-snug transition-opacity @max-[17rem]:col-auto @max-[17rem]:row-auto duration-(--t-state) ${line.id in pendingQuantities ? "opacity-50" : ""}`}
              >
                {formatMoney(line.total)}
              </span>
            </li>
          );
        })}
    </ul>
  );
}

const PART = "grid size-11 place-items-center disabled:text-ink-3 disabled:opacity-50";

/** The stepper as a plain form: where scripts are off, or have not arrived yet. */
function PlainStepper({ line }: { line: CartLine }) {
  const name = pieceName(line);
  return (
    <Form method="post" action="/bag" className="inline-flex items-center rounded-control border border-rule">
      <input type="hidden" name="line" value={line.id} />
      <button
        type="submit"
        name="quantity"
        value={line.quantity - 1}
        disabled={line.quantity <= 1}
        aria-label={`One less: ${name}`}
        className={PART}
      >
        <Minus size={16} />
      </button>
      <span className="numerals w-9 text-center text-[1rem]">
        <span className="sr-only">Quantity: </span>
        {line.quantity}
      </span>
      <button type="submit" name="quantity" value={line.quantity + 1} aria-label={`One more: ${name}`} className={PART}>
        <Plus size={16} />
      </button>
    </Form>
  );
}

/** The piece just removed, for as long as it can come back. */
export function Undo() {
  const { removed, undo } = useCart();
  return (
    <div aria-live="polite">
      {removed && (
        <p className="flex items-center justify-between gap-4 border-b border-line py-3 text-sm">
          <span>{removed.name} removed.</span>
          <button type="button" className="link min-h-6" onClick={() => undo(removed)}>
            Undo
          </button>
        </p>
      )}
    </div>
  );
}
