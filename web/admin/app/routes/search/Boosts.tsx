import { useState } from "react";
import { Link } from "react-router";
import { type Boost, search } from "../../catalogue";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Button } from "../../ui/Button";
import { Select, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { ProductPicker } from "../../ui/ProductPicker";
import { useToast } from "../../ui/Toast";
import type { Named } from "../../ui/useProducts";
import type { RunAction } from "./action";
import { MOST, signed } from "./words";

const WEIGHTS = Array.from({ length: 2 * MOST + 1 }, (_, at) => MOST - at).filter(Boolean);

/** Products that stand further up or down than they would by themselves: in one search, or in all. */
export function Boosts({ boosts, editable, does }: { boosts: Boost[]; editable: boolean; does: RunAction }) {
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
      {editable ? <Add /> : null}
    </Panel>
  );
}

function Add() {
  const [chosen, choose] = useState<Named | null>(null);
  const [query, type] = useState("");
  const [weight, weigh] = useState("1");
  const form = useActionForm();
  const say = useToast();

  function add() {
    if (!chosen) return form.reject({ product: "Choose a product from the list below the field." });
    const data = { product: chosen.slug, query: query.trim(), weight: Number(weight) };
    return form.send({
      content: data,
      request: () => search.addBoost(data),
      done: () => {
        say(
          `${chosen.name}: ${signed(data.weight)} ${data.query ? `in searches for “${data.query}”` : "in every search"}.`,
        );
        choose(null);
        type("");
      },
    });
  }

  return (
    <div className="border-t border-line p-4">
      <ActionForm form={form} onSubmit={add} submit="Add" kind="quiet">
        <ProductPicker label="Product" chosen={chosen} onChoose={choose} {...form.field("product")} />
        <div className="grid grid-cols-[minmax(0,1fr)_6rem] gap-3">
          <TextField
            label="In searches for"
            value={query}
            onChange={({ target }) => type(target.value)}
            hint="Leave empty for every search."
            autoComplete="off"
            {...form.field("query")}
          />
          <Select label="By" value={weight} onChange={({ target }) => weigh(target.value)} {...form.field("weight")}>
            {WEIGHTS.map((one) => (
              <option key={one} value={one}>
                {signed(one)}
              </option>
            ))}
          </Select>
        </div>
        <p className="text-xs text-ink-2">One step is worth as much as a match in the name instead of the subtitle.</p>
      </ActionForm>
    </div>
  );
}
