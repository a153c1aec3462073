import { useState } from "react";
import { useRevalidator } from "react-router";
import { said } from "./said";

/** One act of a form: busy while it runs, its refusal in words, and the page read again once it is done. */
export function useAct() {
  const [busy, work] = useState(false);
  const [problem, blame] = useState("");
  const reload = useRevalidator();

  async function take(act: () => Promise<unknown>): Promise<void> {
    if (busy) return;
    work(true);
    blame("");
    try {
      await act();
      await reload.revalidate();
    } catch (error) {
      blame(said(error));
    } finally {
      work(false);
    }
  }
  return { busy, problem, blame, take };
}
