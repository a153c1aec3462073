import { Minus, Plus } from "./icons";

type StepperProps = {
  value: number;
  min?: number;
  max?: number;
  /** What is counted, for names: "Encre, 50 ml". */
  label: string;
  onChange: (value: number) => void;
};

const PART = "grid size-11 place-items-center disabled:text-ink-3 disabled:opacity-50";

/** Two buttons around a number that can also be typed. */
export function Stepper({ value, min = 1, max = 99, label, onChange }: StepperProps) {
  const set = (next: number) => onChange(Math.min(max, Math.max(min, next)));
  return (
    <div className="inline-flex items-center rounded-control border border-rule">
      <button
        type="button"
        className={PART}
        disabled={value <= min}
        onClick={() => set(value - 1)}
        aria-label={`One less: ${label}`}
      >
        <Minus size={16} />
      </button>
      <input
        type="number"
        inputMode="numeric"
        min={min}
        max={max}
        value={value}
        aria-label={`Quantity: ${label}`}
        onChange={(event) => event.target.valueAsNumber >= min && set(Math.trunc(event.target.valueAsNumber))}
        className="numerals h-11 w-9 appearance-none bg-transparent text-center text-[1rem] [-moz-appearance:textfield] [&::-webkit-inner-spin-button]:appearance-none"
      />
      <button
        type="button"
        className={PART}
        disabled={value >= max}
        onClick={() => set(value + 1)}
        aria-label={`One more: ${label}`}
      >
        <Plus size={16} />
      </button>
    </div>
  );
}
