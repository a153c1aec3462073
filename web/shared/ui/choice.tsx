import type { ComponentProps, ReactNode } from "react";

type ChoiceProps = Omit<ComponentProps<"input">, "type" | "className" | "children"> & {
  type?: "radio" | "checkbox";
  children: ReactNode;
  detail?: ReactNode;
  /** At the end of the row: a price. */
  end?: ReactNode;
};

/** One choice as a card: a native radio or checkbox, drawn as a moon. */
export function Choice({ type = "radio", children, detail, end, ...input }: ChoiceProps) {
  return (
    <label className="grid min-h-14 grid-cols-[auto_1fr_auto] items-center gap-3.5 rounded-control border border-rule px-4 py-2 transition-colors duration-(--t-tap) hover:border-ink-2 has-checked:border-ink has-checked:bg-raised has-checked:inset-ring has-checked:inset-ring-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-3 has-focus-visible:outline-ink has-disabled:opacity-60">
      <input
        type={type}
        {...input}
        className={`size-4 appearance-none border border-rule bg-transparent checked:border-5 checked:border-ink focus-visible:shadow-none focus-visible:outline-none ${type === "radio" ? "rounded-full" : "rounded-control"}`}
      />
      <span>
        {children}
        {detail && <span className="block text-sm text-ink-2">{detail}</span>}
      </span>
      {end && <span className="numerals whitespace-nowrap">{end}</span>}
    </label>
  );
}
