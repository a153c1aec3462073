import { useId, useState } from "react";
import { Link } from "react-router";
import { type Boost, search } from "../../catalogue";
import { Button } from "../../ui/Button";
import { Select, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { type Named, useProducts } from "../../ui/useProducts";
import type { Does } from "./route";
import { MOST, signed } from "./words";

const WEIGHTS = Array.from({ length: 2 * MOST + 1 }, (_, at) => MOST - at).filter(Boolean);

/** Products that stand further up or down than they would by themselves: in one search, or in all. */
export function Boosts({ boosts, editable, does }: { boosts: Boost[]; editable: boolean; does: Does }) {
  return (
    <Panel title="Promoted and demoted" aside={boosts.length || null}>
      {boosts.length ? (
        <ul className="max-h-96 overflow-y-auto">
          {boosts.map((boost) => (
            <li key={boost.id} className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2">
              <span className="min-w-0 flex-1">
                <Link to={`/products/${boost.product}`} className="font-medium underline-offset-4 hover:underline">
                  {boost.name}
                </Link>{" "}
                <span className="text-ink-2">{boost.query ? `for “${boost.query}”` : "in every search"}</span>
              </span>
              <span className="w-9 text-end">{signed(boost.weight)}</span>
              {editable ? (
                <Button
                  aria-label={`Remove the ranking of ${boost.name} ${boost.query ? `for ${boost.query}` : "in every search"}`}
                  onClick={() =>
                    void does(
                      () => search.removeBoost(boost.id),
                      `${boost.name} is back to its normal ranking.`,
                      () => search.addBoost(boost),
                    )
                  }
                >
                  Remove
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : (
        <p className="border-t border-line px-4 py-3 text-ink-2">
          None. Try a search and promote or demote what it finds, or promote a product in every search here.
        </p>
      )}
      {editable ? <Add does={does} /> : null}
    </Panel>
  );
}

function Add({ does }: { does: Does }) {
  const [asked, ask] = useState("");
  const [chosen, choose] = useState<Named | null>(null);
  const [query, type] = useState("");
  const [weight, weigh] = useState("1");
  const [wrong, blame] = useState("");
  const [busy, work] = useState(false);
  const found = useProducts(chosen ? "" : asked);
  const list = useId();
  return (
    <form
      noValidate
      className="grid gap-3 border-t border-line p-4"
      onSubmit={async (event) => {
        event.preventDefault();
        if (!chosen) {
          blame("Choose a product from the list below the field.");
          return;
        }
        work(true);
        const refused = await does(
          () => search.addBoost({ product: chosen.slug, query: query.trim(), weight: Number(weight) }),
          `${chosen.name}: ${signed(Number(weight))} ${query.trim() ? `in searches for “${query.trim()}”` : "in every search"}.`,
        );
        work(false);
        blame(refused);
        if (!refused) {
          choose(null);
          ask("");
          type("");
        }
      }}
    >
      <TextField
        label="Product"
        type="search"
        autoComplete="off"
        aria-controls={list}
        value={chosen?.name ?? asked}
        onChange={({ target }) => {
          choose(null);
          ask(target.value);
          blame("");
        }}
        error={wrong || undefined}
      />
      <ul id={list} aria-live="polite" className="grid gap-1 empty:hidden">
        {found.map((one) => (
          <li key={one.slug}>
            <Button className="w-full justify-start!" onClick={() => choose(one)}>
              {one.name} <span className="font-mono text-xs font-normal text-ink-3">{one.slug}</span>
            </Button>
          </li>
        ))}
      </ul>
      <div className="grid grid-cols-[minmax(0,1fr)_6rem] gap-3">
        <TextField
          label="In searches for"
          value={query}
          onChange={({ target }) => type(target.value)}
          hint="Leave empty for every search."
          autoComplete="off"
        />
        <Select label="By" value={weight} onChange={({ target }) => weigh(target.value)}>
          {WEIGHTS.map((one) => (
            <option key={one} value={one}>
              {signed(one)}
            </option>
          ))}
        </Select>
      </div>
      <p className="text-xs text-ink-2">One step is worth as much as a match in the name instead of the subtitle.</p>
      <div className="flex justify-end">
        <Button type="submit" busy={busy}>
          Add
        </Button>
      </div>
    </form>
  );
}
