import {
  ChevronDown,
  Check as LCheck,
  Heart as LHeart,
  Minus as LMinus,
  Plus as LPlus,
  Search as LSearch,
  type LucideProps,
  X,
} from "lucide-react";

const line = { size: 20, strokeWidth: 1.25, "aria-hidden": true } as const;

/** The seven icons of the storefront, all of one stroke. */
export const Close = (props: LucideProps) => <X {...line} {...props} />;
export const Chevron = (props: LucideProps) => <ChevronDown {...line} {...props} />;
export const Check = (props: LucideProps) => <LCheck {...line} {...props} />;
export const Heart = (props: LucideProps) => <LHeart {...line} {...props} />;
export const Plus = (props: LucideProps) => <LPlus {...line} {...props} />;
export const Minus = (props: LucideProps) => <LMinus {...line} {...props} />;
export const Search = (props: LucideProps) => <LSearch {...line} {...props} />;
