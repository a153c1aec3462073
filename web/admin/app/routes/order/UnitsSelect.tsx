import { useId } from "react";
import { control } from "../../ui/Field";

/** How many units of a line: none to `most`. */
export function UnitsSelect({
  label,
  name,
  most,
  value,
  error,
  onChange,
}: {
  label: string;
  name: string;
  most: number;
  value: number;
  error?: string | undefined;
  onChange: (units: number) => void;
}) {
  const id = useId();
  return (
    <span className="contents">
      <select
        name={name}
        aria-label={label}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        value={value}
        disabled={most === 0}
        onChange={(event) => onChange(Number(event.target.value))}
        className={`${control} h-9 w-auto max-desk:h-11`}
      >
        {Array.from({ length: most + 1 }, (_, count) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the count is what it is
          <option key={count} value={count}>
            {count} of {most}
          </option>
        ))}
      </select>
      {error ? (
        <span id={`${id}-error`} className="order-last col-span-full -mt-2 text-danger">
          {error}
        </span>
      ) : null}
    </span>
  );
}
