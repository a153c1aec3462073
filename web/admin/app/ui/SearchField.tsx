import { useRef } from "react";
import { Form, useSearchParams } from "react-router";
import { useKeys } from "../layout/useKeys";
import { control } from "./Field";

/** A list's search, in the URL; "/" brings the caret here. What else is in the URL stays, but the place in the list. */
export function SearchField({ label }: { label: string }) {
  const [params] = useSearchParams();
  const input = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => input.current?.focus() });
  return (
    <Form role="search" className="min-w-0 flex-1 desk:max-w-80">
      {[...params].map(([name, value]) =>
        name === "q" || name === "cursor" ? null : <input key={name} type="hidden" name={name} value={value} />,
      )}
      <input
        key={params.get("q") ?? ""}
        ref={input}
        type="search"
        name="q"
        aria-label={label}
        defaultValue={params.get("q") ?? ""}
        placeholder={`${label}  /`}
        className={`${control} h-8.5 max-desk:h-11`}
      />
    </Form>
  );
}
