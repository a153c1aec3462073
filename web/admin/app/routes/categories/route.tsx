import { ChevronRight } from "lucide-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import type { Page } from "../../api";
import { type CategoryNode, categories, type Place } from "../../catalogue";
import { hasPermission } from "../../session/session";
import { ButtonLink } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { Handle, holdAgain } from "../../ui/Handle";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import { cell, head, nameCell, wrappingCell } from "../../ui/table";
import { useTitle } from "../../ui/useTitle";
import { Move } from "./Move";
import { childrenOf, isWithin, placeByKey, placed, placeOf, type Row, rowsOf } from "./tree";

const MANY = 150; // more than this begin folded: the roots alone

export const loader = ({ request }: LoaderFunctionArgs): Promise<Page<CategoryNode>> => categories.tree(request.signal);

/** What is dragged, and over which third of which row. */
type Drag = { slug: string; over: string; where: "before" | "into" | "after" };

export function Component() {
  const { results } = useLoaderData<Page<CategoryNode>>();
  const [tree, show] = useState(results);
  const [closed, fold] = useState<ReadonlySet<string>>(() => foldedAtFirst(results));
  const [drag, setDrag] = useState<Drag | null>(null);
  const [moving, ask] = useState<string | null>(null);
  const [told, tell] = useState("");
  const turn = useRef(Promise.resolve());
  const waiting = useRef(0);
  const say = useToast();
  useTitle("Categories");
  useEffect(() => show(results), [results]);

  const editable = hasPermission("products.edit");
  const rows = rowsOf(tree, closed);
  const nameOf = (slug: string | null) => rowsOf(tree).find(({ node }) => node.slug === slug)?.node.name ?? "";

  function move(slug: string, place: Place | null, undone = false) {
    const before = placeOf(tree, slug);
    if (!place || !before) return;
    const next = placed(tree, slug, place);
    if (next === tree) return;
    show(next);
    if (place.parent) unfold(place.parent);
    holdAgain(slug);
    const name = nameOf(slug);
    const beside = childrenOf(next, place.parent);
    const where = `${name} is number ${beside.findIndex((one) => one.slug === slug) + 1} of ${beside.length} ${
      place.parent ? `in ${nameOf(place.parent)}` : "at the top"
    }.`;
    tell(where);
    waiting.current += 1;
    // One after the other: each names a place in the tree that the one before it left.
    turn.current = turn.current.then(async () => {
      try {
        const answer = await categories.place(slug, place);
        if (waiting.current === 1) show(answer.results);
        if (!undone) say(where, { label: "Undo", run: () => move(slug, before, true) });
      } catch (error) {
        say(`${name} stayed where it was. ${errorMessage(error)}`);
        const now = await categories.tree().catch(() => null);
        show(now?.results ?? results);
      } finally {
        waiting.current -= 1;
      }
    });
  }
  const unfold = (slug: string) => fold((before) => new Set([...before].filter((one) => one !== slug)));

  function drop() {
    if (drag && drag.slug !== drag.over) {
      const there = placeOf(tree, drag.over);
      const place =
        drag.where === "into"
          ? { parent: drag.over, before: null }
          : drag.where === "before"
            ? { parent: there?.parent ?? null, before: drag.over }
            : there;
      move(drag.slug, place && place.before === drag.slug ? placeOf(tree, drag.slug) : place);
    }
    setDrag(null);
  }

  const begin = editable ? <ButtonLink to="/categories/~new">New category</ButtonLink> : null;
  return (
    <>
      <PageTitle aside={begin}>Categories</PageTitle>
      {editable && rows.length ? (
        <p className="pb-3 text-ink-2">
          <span className="max-desk:hidden">
            Drag a row by its handle. With the keyboard: focus the handle, then up and down to reorder, right to nest,
            left to move out.
          </span>
          <span className="desk:hidden">Press a handle for the list of places.</span>
        </p>
      ) : null}
      <Panel>
        {rows.length ? (
          <div className="overflow-x-auto">
            <table className="w-full border-collapse">
              <thead>
                <tr>
                  <th scope="col" className={head}>
                    Category
                  </th>
                  <th scope="col" className={`${head} max-desk:hidden`}>
                    Address
                  </th>
                  <th scope="col" className={`${head} text-end!`}>
                    Products
                  </th>
                  <th scope="col" className={`${head} text-end! max-desk:hidden`}>
                    Visible in the shop
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <Line
                    key={row.node.slug}
                    row={row}
                    editable={editable}
                    closed={closed.has(row.node.slug)}
                    toggle={() =>
                      closed.has(row.node.slug)
                        ? unfold(row.node.slug)
                        : fold((before) => new Set([...before, row.node.slug]))
                    }
                    drag={drag}
                    onDrag={(slug) => setDrag(slug ? { slug, over: slug, where: "into" } : null)}
                    onOver={(where) => {
                      const over = row.node.slug;
                      if (!drag || isWithin(tree, over, drag.slug)) return false;
                      if (drag.over !== over || drag.where !== where) setDrag({ ...drag, over, where });
                      return true;
                    }}
                    onDrop={drop}
                    onKey={(key) => move(row.node.slug, placeByKey(tree, row.node.slug, key))}
                    onOpen={() => ask(row.node.slug)}
                  />
                ))}
              </tbody>
            </table>
          </div>
        ) : (
          <Empty action={begin}>No category yet.</Empty>
        )}
      </Panel>
      <Move
        tree={tree}
        slug={moving}
        onClose={() => ask(null)}
        onMove={(place) => {
          if (moving) move(moving, place);
          ask(null);
        }}
      />
      <p role="status" className="sr-only">
        {told}
      </p>
    </>
  );
}

function foldedAtFirst(tree: CategoryNode[]): ReadonlySet<string> {
  const rows = rowsOf(tree);
  return new Set(
    rows.length > MANY ? rows.filter(({ node }) => node.children.length).map(({ node }) => node.slug) : [],
  );
}

const shades = {
  before: "[&>*]:shadow-[inset_0_2px_0_var(--color-ink)]",
  into: "bg-sunk outline outline-ink -outline-offset-1",
  after: "[&>*]:shadow-[inset_0_-2px_0_var(--color-ink)]",
} as const;

function Line({
  row: { node, depth, parent },
  editable,
  closed,
  toggle,
  drag,
  onDrag,
  onOver,
  onDrop,
  onKey,
  onOpen,
}: {
  row: Row;
  editable: boolean;
  closed: boolean;
  toggle: () => void;
  drag: Drag | null;
  onDrag: (slug: string | null) => void;
  onOver: (where: Drag["where"]) => boolean;
  onDrop: () => void;
  onKey: (key: string) => void;
  onOpen: () => void;
}) {
  const over = drag?.over === node.slug && drag.slug !== node.slug ? drag.where : null;
  const thirdOf = (event: DragEvent<HTMLElement>): Drag["where"] => {
    const { top, height } = event.currentTarget.getBoundingClientRect();
    const part = (event.clientY - top) / height;
    return part < 0.3 ? "before" : part > 0.7 ? "after" : "into";
  };
  return (
    <tr
      draggable={editable}
      onDragStart={(event) => {
        event.dataTransfer.setData("text/plain", node.slug);
        event.dataTransfer.effectAllowed = "move";
        onDrag(node.slug);
      }}
      onDragEnd={() => onDrag(null)}
      onDragOver={(event) => {
        if (onOver(thirdOf(event))) event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        onDrop();
      }}
      className={`hover:bg-sunk ${over ? shades[over] : ""} ${drag?.slug === node.slug ? "opacity-50" : ""}`}
    >
      <th scope="row" className={`${nameCell} w-1/2`}>
        <span className="flex items-center gap-1" style={{ paddingInlineStart: `${Math.min(depth, 8) * 1.25}rem` }}>
          {editable ? <Handle id={node.slug} label={`Move ${node.name}`} onMove={onKey} onOpen={onOpen} /> : null}
          {node.children.length ? (
            <button
              type="button"
              aria-expanded={!closed}
              aria-label={`Categories in ${node.name}`}
              onClick={toggle}
              className="inline-grid size-6 flex-none place-items-center rounded-admin hover:bg-plate"
            >
              <ChevronRight
                size={15}
                strokeWidth={1.5}
                aria-hidden="true"
                className={`transition-transform duration-120 ${closed ? "" : "rotate-90"}`}
              />
            </button>
          ) : (
            <span className="w-6 flex-none" />
          )}
          <Link
            to={`/categories/${node.slug}`}
            draggable={false}
            className="inline-flex min-h-7 items-center font-medium underline-offset-4 hover:underline"
          >
            {node.name}
          </Link>
          {parent ? <span className="sr-only">in {parent.name}</span> : null}
        </span>
      </th>
      <td className={`${wrappingCell} font-mono text-xs text-ink-3 max-desk:hidden`}>/c/{node.slug}</td>
      <td className={`${cell} text-end`}>{node.held}</td>
      <td className={`${cell} text-end text-ink-2 max-desk:hidden`}>{node.product_count}</td>
    </tr>
  );
}
