import type { AdminProduct } from "../../types";
import type { Draft } from "./draft";

/** What every section of the product editor receives. */
export type SectionProps = {
  product: AdminProduct;
  draft: Draft;
  set: (news: Partial<Draft>) => void;
  errors: Record<string, string>;
  editable: boolean;
};
