import { useEffect, useState } from "react";
import { type LoaderFunctionArgs, useLoaderData, useRevalidator, useSearchParams } from "react-router";
import { inventory, type Page } from "../../api";
import { may } from "../../session/session";
import type { InventoryRow, Movement } from "../../types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Select, TextField } from "../../ui/Field";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { Status } from "../../ui/Status";
import { said } from "../../ui/said";
import { Thumb } from "../../ui/Thumb";
import { useToast } from "../../ui/Toast";
import { cell, head } from "../../ui/table";
import { when } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";

export async function loader({ request }: LoaderFunctionArgs): Promise<Page<InventoryRow>> {
  const params = new URL(request.url).searchParams;
  const asked = (name: string) => params.get(name) || undefined;
  return inventory.list({ limit: "50", q: asked("q"), low: asked("low"), cursor: asked("cursor") }, request.signal);
}

const reasons = [
  ["received", "Received"],
  ["counted", "Counted"],
  ["damaged", "Damaged"],
  ["gift", "Given away"],
  ["returned", "Returned"],
  ["correction", "Correction"],
] as const;

export function Component() {
  const page = useLoaderData<Page<InventoryRow>>();
  const [params] = useSearchParams();
  const [row, open] = useState<InventoryRow | null>(null);
  useTitle("Inventory");
  const href = (cursor: string | null) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    if (cursor) next.set("cursor", cursor);
    return `/inventory?${next}`;
  };
  const low = params.get("low") === "true";
  return (
    <>
      <PageTitle>Inventory</PageTitle>
      <Panel>
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
          <ViewTabs
            views={[
              { to: "/inventory", label: "All", current: !low },
              { to: "/inventory?low=true", label: "Running low", current: low },
            ]}
          />
          <div className="flex flex-1 justify-end">
            <SearchField label="Name or SKU" />
          </div>
        </div>
        <div className="overflow-x-auto">
          <table className="w-full border-collapse">
            <thead>
              <tr>
                <th scope="col" className={head}>
                  Variant
                </th>
                <th scope="col" className={`${head} text-end`}>
                  On hand
                </th>
                <th scope="col" className={`${head} text-end`}>
                  Held
                </th>
                <th scope="col" className={`${head} text-end`}>
                  Available
                </th>
                <th scope="col" className={head}>
                  <span className="sr-only">Acts</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {page.results.map((item) => (
                <tr key={item.sku} className="hover:bg-sunk">
                  <th scope="row" className={`${cell} w-1/2 text-start font-normal`}>
                    <span className="flex items-center gap-3">
                      <Thumb picture={item.image} className="w-8" />
                      <span>
                        <span className="font-medium">{item.product.name}</span> {item.variant_title}
                        <span className="block font-mono text-xs text-ink-3">{item.sku}</span>
                      </span>
                    </span>
                  </th>
                  <td className={`${cell} text-end`}>{item.tracked ? item.on_hand : ""}</td>
                  <td className={`${cell} text-end`}>{item.tracked ? item.reserved : ""}</td>
                  <td className={`${cell} text-end`}>
                    {item.tracked ? <Left units={item.available} /> : "Not tracked"}
                  </td>
                  <td className={`${cell} text-end`}>
                    {may("inventory.adjust") ? (
                      <Button
                        onClick={() => open(item)}
                        aria-label={`Adjust ${item.product.name} ${item.variant_title}`}
                      >
                        Adjust
                      </Button>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {page.results.length ? null : (
          <p className="border-t border-line px-4 py-6 text-ink-2">
            {low ? "Nothing runs low." : "No variants by that name."}
          </p>
        )}
        <MorePages
          next={page.next}
          total={page.total}
          shown={page.results.length}
          noun={page.total === 1 ? "variant" : "variants"}
          href={href}
        />
      </Panel>
      <Dialog
        title={row ? `${row.product.name} ${row.variant_title}` : ""}
        open={row !== null}
        onClose={() => open(null)}
      >
        {row ? <Adjust row={row} onDone={() => open(null)} /> : null}
      </Dialog>
    </>
  );
}

function Left({ units }: { units: number }) {
  if (units <= 0) return <Status tone="bad">None left</Status>;
  if (units <= 10) return <Status tone="wait">{`${units} left`}</Status>;
  return <>{units}</>;
}

function Adjust({ row, onDone }: { row: InventoryRow; onDone: () => void }) {
  const [delta, setDelta] = useState("");
  const [problem, blame] = useState("");
  const [busy, work] = useState(false);
  const [history, remember] = useState<Movement[] | null>(null);
  // One key for this dialog: a press that is repeated, or a retry after a lost answer, moves the stock once.
  const [key] = useState(() => crypto.randomUUID());
  const reload = useRevalidator();
  const say = useToast();

  useEffect(() => {
    let live = true;
    inventory.movements(row.sku, { limit: "8" }).then(
      (page) => live && remember(page.results),
      () => live && remember([]),
    );
    return () => {
      live = false;
    };
  }, [row.sku]);

  const units = Number(delta);
  const after = Number.isInteger(units) ? row.on_hand + units : row.on_hand;

  async function save(form: FormData) {
    if (!Number.isInteger(units) || units === 0) {
      blame("A whole number other than 0: 12 adds twelve, -1 takes one away.");
      return;
    }
    work(true);
    const reason = String(form.get("reason"));
    try {
      await inventory.adjust(row.sku, { delta: units, reason, note: String(form.get("note")).trim() }, key);
      say(`${row.product.name} ${row.variant_title}: ${units > 0 ? "+" : "−"}${Math.abs(units)}, ${after} on hand`, {
        label: "Undo",
        run: () =>
          void inventory
            .adjust(row.sku, { delta: -units, reason: "correction", note: "Undone" }, crypto.randomUUID())
            .then(() => reload.revalidate())
            .catch((error: unknown) => say(said(error))),
      });
      onDone();
      await reload.revalidate();
    } catch (error) {
      blame(said(error));
    } finally {
      work(false);
    }
  }

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save(new FormData(event.currentTarget));
      }}
    >
      <p className="text-ink-2">
        {row.on_hand} on hand, {row.reserved} held for orders, {row.available} available.
      </p>
      <div className="grid grid-cols-2 gap-3">
        <TextField
          label="Change by"
          inputMode="text"
          required
          value={delta}
          onChange={(event) => {
            setDelta(event.target.value.trim());
            blame("");
          }}
          error={problem || undefined}
          hint={`${after} on hand afterwards`}
          autoComplete="off"
        />
        <Select label="Reason" name="reason" defaultValue="received">
          {reasons.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      <TextField label="Note" name="note" autoComplete="off" />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Back</Button>
        <Button kind="primary" type="submit" busy={busy}>
          Adjust stock
        </Button>
      </div>
      <section aria-label="Movements" aria-busy={history === null} className="border-t border-line pt-3">
        <h3 className="pb-1 font-medium">Lately</h3>
        <ul>
          {history?.map((movement) => (
            <li key={movement.id} className="grid grid-cols-[3rem_1fr_auto] gap-2 py-1">
              <span className="text-end">
                {movement.delta > 0 ? `+${movement.delta}` : `−${Math.abs(movement.delta)}`}
              </span>
              <span className="truncate text-ink-2">
                {movement.reason}
                {movement.reference ? ` ${movement.reference}` : ""}
                {movement.note ? `, ${movement.note}` : ""}
              </span>
              <time dateTime={movement.at} className="text-ink-3">
                {when(movement.at)}
              </time>
            </li>
          ))}
        </ul>
        {history?.length === 0 ? <p className="text-ink-2">No movements yet.</p> : null}
      </section>
    </form>
  );
}
