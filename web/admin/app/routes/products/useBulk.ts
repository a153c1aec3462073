import { Problem } from "@noirel/shared/api/problem";
import { useIdempotencyKeys } from "@noirel/shared/idempotency";
import { useEffect, useState } from "react";
import { useRevalidator } from "react-router";
import { bulk } from "../../api";
import type { BulkAct, BulkChange, BulkFinding, BulkRequest } from "../../types";
import { errorMessage } from "../../ui/error-message";
import { useToast } from "../../ui/Toast";
import { type Choice, isOpen, resultMessage, undoOf } from "./choice";

const POLL = 1500; // ms between looks at how far the worker is
export const FINDINGS = 50; // refusals shown

export type Outcome = { job: BulkChange; refused: BulkFinding[] };

/** Has acts done on many products, watches those the worker does, and keeps what was refused until somebody has read it. */
export function useBulk(open: BulkChange | null) {
  const [outcome, show] = useState<Outcome | null>(open && { job: open, refused: [] });
  const [busy, work] = useState(false);
  const { revalidate } = useRevalidator();
  const say = useToast();
  const keys = useIdempotencyKeys();
  const send = (asked: BulkRequest) => keys.send(asked, (key) => bulk.ask(asked, key));
  const watched = outcome && isOpen(outcome.job) ? outcome.job.id : "";

  useEffect(() => {
    if (!watched) return;
    let stopped = false;
    const timer = setInterval(async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const job = await bulk.get(watched);
        if (stopped) return;
        if (isOpen(job)) show({ job, refused: [] });
        else {
          stopped = true;
          show({ job, refused: await refusedBy(job) });
          await revalidate();
        }
      } catch {
        // The next look will do.
      }
    }, POLL);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, [watched, revalidate]);

  /** The job as it is after the request. Raises what the API refuses as a whole. */
  async function ask(asked: BulkRequest, before?: Choice): Promise<void> {
    const job = await send(asked);
    const refused = isOpen(job) ? [] : await refusedBy(job);
    const needsReading = isOpen(job) || refused.length > 0 || job.status !== "done";
    show(needsReading ? { job, refused } : null);
    const back =
      before && job.products_refused <= FINDINGS
        ? undoOf(before, job.act, new Set(refused.map(({ slug }) => slug)))
        : [];
    if (!isOpen(job)) say(resultMessage(job), back.length ? { label: "Undo", run: () => void undo(back) } : undefined);
    await revalidate();
  }

  async function undo(back: { act: BulkAct; slugs: string[] }[]) {
    try {
      let refused = 0;
      for (const asked of back) refused += (await send(asked)).products_refused;
      show(null);
      say(refused ? `Undone, except ${refused}.` : "Undone.");
    } catch (error) {
      say(errorMessage(error));
    }
    await revalidate();
  }

  /** Runs one act at a time; why it was refused as a whole, or "" when it was not. */
  async function once(act: () => Promise<void>): Promise<string> {
    if (busy) return "Wait for the last change to finish.";
    work(true);
    try {
      await act();
      return "";
    } catch (error) {
      await revalidate();
      return errorMessage(error);
    } finally {
      work(false);
    }
  }

  /** One act at a time, for a form that shows by itself what is refused. */
  async function whole(asked: BulkRequest): Promise<void> {
    if (busy) throw new Problem(409, { title: "Wait for the last change to finish." });
    work(true);
    try {
      await ask(asked);
    } finally {
      work(false);
    }
  }

  const stop = () =>
    void once(async () => {
      if (outcome) show({ ...outcome, job: await bulk.cancel(outcome.job.id) });
    }).then((problem) => problem && say(problem));
  return { outcome, busy, ask, once, whole, stop, close: () => show(null) };
}

const refusedBy = async (job: BulkChange): Promise<BulkFinding[]> =>
  job.products_refused ? (await bulk.findings(job.id, { limit: String(FINDINGS) })).results : [];
