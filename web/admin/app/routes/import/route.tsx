import { useState } from "react";
import {
  Link,
  type LoaderFunctionArgs,
  useLoaderData,
  useNavigate,
  useRevalidator,
  useSearchParams,
} from "react-router";
import { imports, type Page } from "../../api";
import type { Import, ImportFinding } from "../../types";
import { Bar } from "../../ui/Bar";
import { Button } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { ListNotice, readPage } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { useToast } from "../../ui/Toast";
import { when } from "../../ui/time";
import { useRefresh } from "../../ui/useRefresh";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { count, doing, isOpen, outcome, share, size, toneOf } from "../imports/words";
import { Columns } from "./Columns";

type Data = { job: Import; findings: Page<ImportFinding> };

export async function loader({ params, request }: LoaderFunctionArgs): Promise<Data> {
  const id = params.id ?? "";
  const asked = new URL(request.url).searchParams;
  const one = (name: string) => asked.get(name) || undefined;
  const [job, findings] = await Promise.all([
    imports.get(id, request.signal),
    readPage({ limit: "50", level: one("level"), cursor: one("cursor") }, (query) =>
      imports.findings(id, query, request.signal),
    ),
  ]);
  return { job, findings };
}

/** One import: how far it is, what became of each product, and what it made of the columns. */
export function Component() {
  const { job, findings } = useLoaderData<Data>();
  const navigate = useNavigate();
  const { revalidate } = useRevalidator();
  const say = useToast();
  const [busy, work] = useState(false);
  const open = isOpen(job);
  useTitle(job.file.name);
  useRefresh(open, 1500);

  async function act(verb: "run" | "cancel") {
    work(true);
    try {
      const told = await imports.act(job.id, verb);
      if (verb === "run") await navigate(`/imports/${told.id}`);
      else await revalidate();
    } catch (error) {
      say(errorMessage(error));
    } finally {
      work(false);
    }
  }

  const wanted = job.counts.products_created + job.counts.products_changed;
  return (
    <>
      <p className="pt-3">
        <Link
          to="/imports"
          className="inline-flex items-center text-ink-2 underline underline-offset-4 max-desk:min-h-11"
        >
          Import and export
        </Link>
      </p>
      <PageTitle
        aside={
          open ? (
            <Button busy={busy} disabled={job.is_cancel_asked} onClick={() => void act("cancel")}>
              Stop
            </Button>
          ) : job.dry_run && job.status === "done" && wanted ? (
            <Button kind="primary" busy={busy} onClick={() => void act("run")}>
              {`Import ${count(wanted, "product")}`}
            </Button>
          ) : null
        }
      >
        <span className="break-all">{job.file.name}</span>
      </PageTitle>
      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]">
        <div className="grid min-w-0 gap-4">
          <Panel>
            <div aria-live="polite" className="grid gap-3 px-4 py-4">
              <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <Status tone={toneOf(job)}>{doing(job)}</Status>
                <span className="text-ink-2">
                  {job.dry_run ? "Dry run: nothing is written." : `Prices in ${job.currency}.`}
                </span>
              </p>
              {job.problem ? <p className="text-danger">{job.problem}</p> : null}
              <p className="font-display text-2xl leading-tight font-light">{outcome(job)}</p>
              {open ? <Bar label="Import" share={job.phase === "writing" ? share(job) : null} /> : null}
              <p className="text-ink-2">
                {count(job.rows_read, "row")} read
                {job.products_total ? `, ${count(job.products_done, "product")} of ${job.products_total} done` : ""}
              </p>
            </div>
          </Panel>
          <Findings job={job} findings={findings} />
          <Columns job={job} />
        </div>
        <Panel title="The file">
          <dl className="grid gap-1.5 border-t border-line px-4 py-3">
            <Fact name="Size">{size(job.file.bytes)}</Fact>
            <Fact name="Format">{`${job.encoding.replace("-sig", "").toUpperCase()}, ${separators[job.delimiter] ?? job.delimiter}`}</Fact>
            <Fact name="Currency">{job.currency}</Fact>
            <Fact name="Variants">
              {`${job.counts.variants_created} new, ${job.counts.variants_changed} changed, ${job.counts.variants_unchanged} unchanged`}
            </Fact>
            <Fact name="Pictures named">{String(job.counts.images_found)}</Fact>
            <Fact name="By">{job.actor}</Fact>
            <Fact name="Started">{when(job.created_at)}</Fact>
            <Fact name="Ended">{job.finished_at ? when(job.finished_at) : "not yet"}</Fact>
          </dl>
          <p className="border-t border-line px-4 py-3 text-xs text-ink-2">
            Pictures are fetched afterwards. Running the same file again changes nothing.
          </p>
        </Panel>
      </div>
    </>
  );
}

const separators: Record<string, string> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

function Findings({ job, findings }: Data) {
  const [params] = useSearchParams();
  const level = params.get("level");
  const say = useToast();
  const href = (value: string | null) => {
    const query = new URLSearchParams();
    if (value) query.set("level", value);
    return `/imports/${job.id}?${query}`;
  };
  const views = [
    { to: href(null), label: "All", current: !level },
    { to: href("error"), label: count(job.error_count, "error"), current: level === "error" },
    { to: href("note"), label: count(job.note_count, "note"), current: level === "note" },
  ];
  return (
    <Panel>
      <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
        <ViewTabs views={views} />
        {job.error_count + job.note_count ? (
          <span className="ms-auto">
            <Button onClick={() => void imports.downloadFindings(job.id).catch((error) => say(errorMessage(error)))}>
              Download as CSV
            </Button>
          </span>
        ) : null}
      </div>
      <ListNotice list={findings} />
      {findings.results.length ? (
        <>
          <ul>
            {findings.results.map((finding, at) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: two of one row can say the same
                key={at}
                className="grid gap-x-4 gap-y-0.5 border-t border-line px-4 py-2.5 desk:grid-cols-[5rem_11rem_minmax(0,1fr)]"
              >
                <span className="text-ink-2">{finding.row ? `Row ${finding.row}` : "Header"}</span>
                <span className={finding.level === "error" ? "text-danger" : "text-ink-2"}>
                  {finding.level === "error" ? "Error" : "Note"}
                  {finding.column ? `, ${finding.column}` : ""}
                </span>
                <span className="break-words">
                  {finding.handle ? <span className="font-medium">{finding.handle}: </span> : null}
                  {finding.message}
                </span>
              </li>
            ))}
          </ul>
          <MorePages next={findings.next} total={findings.total} shown={findings.results.length} noun="findings" />
        </>
      ) : (
        <p className="border-t border-line px-4 py-6 text-ink-2">
          {isOpen(job) ? "No findings so far." : "No findings: every row was read."}
        </p>
      )}
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="whitespace-nowrap text-ink-2">{name}</dt>
      <dd className="min-w-0 text-end break-words">{children}</dd>
    </div>
  );
}
