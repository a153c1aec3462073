import { Link } from "react-router";
import { Bar } from "../../ui/Bar";
import { Button } from "../../ui/Button";
import { Panel } from "../../ui/Panel";
import { isOpen, resultMessage } from "./choice";
import type { Outcome } from "./useBulk";

/** How far the worker is, or how it ended: with the products that stayed as they were, and why. */
export function Result({
  outcome: { job, refused },
  busy,
  onStop,
  onClose,
}: {
  outcome: Outcome;
  busy: boolean;
  onStop: () => void;
  onClose: () => void;
}) {
  const open = isOpen(job);
  return (
    <Panel className="mb-4">
      <section aria-label="Last bulk change" className="grid gap-3 p-4">
        <div className="flex items-center gap-4">
          <p role="status" className="min-w-0 flex-1 font-medium">
            {job.is_cancel_asked && open ? "Stopping. Finished changes stay." : resultMessage(job)}
          </p>
          {open ? (
            <Button busy={busy} disabled={job.is_cancel_asked} onClick={onStop}>
              Stop
            </Button>
          ) : (
            <Button onClick={onClose}>Close</Button>
          )}
        </div>
        {open ? <Bar label="Products done" share={job.products_done / Math.max(1, job.products_total)} /> : null}
        {refused.length ? (
          <ul className="grid max-h-64 gap-1.5 overflow-y-auto">
            {refused.map(({ slug, name, problem }) => (
              <li key={slug}>
                <Link to={`/products/${slug}`} className="underline underline-offset-4">
                  {name}
                </Link>{" "}
                <span className="text-ink-2">{problem}</span>
              </li>
            ))}
          </ul>
        ) : null}
        {refused.length < job.products_refused && !open ? (
          <p className="text-ink-2">And {(job.products_refused - refused.length).toLocaleString("en-IN")} more.</p>
        ) : null}
      </section>
    </Panel>
  );
}
