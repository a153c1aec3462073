import { useEffect, useRef } from "react";
import { Form, Link, useSearchParams } from "react-router";
import { useErrorTitle } from "../../ui/ActionForm";
import { Button } from "../../ui/Button";
import { Select, TextField } from "../../ui/Field";
import { accountNames } from "../../ui/ledger";

export const FILTERS = ["account", "order", "from", "to", "currency"] as const;

/** Which entries the page shows; they are the URL's, so that a list can be linked and gone back to. */
export function Filters({ errors }: { errors: Record<string, string> }) {
  const [params] = useSearchParams();
  const of = (name: (typeof FILTERS)[number]) => params.get(name) ?? "";
  const form = useRef<HTMLFormElement>(null);
  const address = params.toString();
  const isWrong = FILTERS.some((name) => errors[name]);
  useErrorTitle(isWrong);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address is another try
  useEffect(() => {
    if (isWrong) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [isWrong, address]);
  const isFiltered = FILTERS.some((name) => params.has(name));
  return (
    <Form
      ref={form}
      role="search"
      aria-label="Entries"
      key={address}
      className="grid grid-cols-2 items-start gap-3 border-b border-line px-4 py-3 desk:grid-cols-[repeat(4,minmax(0,1fr))]"
    >
      <div className="desk:col-span-2">
        <Select label="Account" name="account" error={errors.account} defaultValue={of("account")}>
          <option value="">All accounts</option>
          {Object.entries(accountNames).map(([account, name]) => (
            <option key={account} value={account}>
              {name}
            </option>
          ))}
        </Select>
      </div>
      <div className="desk:col-span-2">
        <TextField
          label="Order or gateway ID"
          name="order"
          error={errors.order}
          defaultValue={of("order")}
          autoComplete="off"
        />
      </div>
      <div className="max-[22rem]:col-span-2">
        <TextField label="From" name="from" error={errors.from} type="date" defaultValue={of("from")} />
      </div>
      <div className="max-[22rem]:col-span-2">
        <TextField label="To" name="to" error={errors.to} type="date" defaultValue={of("to")} />
      </div>
      <TextField
        label="Currency"
        name="currency"
        error={errors.currency}
        defaultValue={of("currency")}
        placeholder="Any"
        maxLength={3}
        autoComplete="off"
      />
      <div className="flex items-center gap-4 pt-6">
        <Button type="submit">Apply</Button>
        {isFiltered ? (
          <Link to="/ledger" className="underline underline-offset-4">
            Clear
          </Link>
        ) : null}
      </div>
    </Form>
  );
}
