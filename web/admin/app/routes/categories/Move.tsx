import { type FormEvent, useState } from "react";
import type { CategoryNode, Place } from "../../catalogue";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Select } from "../../ui/Field";
import { childrenOf, isWithin, placeOf, rowsOf } from "./tree";

/** The list of places: for those who would rather choose than drag. */
export function Move({
  tree,
  slug,
  onClose,
  onMove,
}: {
  tree: CategoryNode[];
  slug: string | null;
  onClose: () => void;
  onMove: (place: Place) => void;
}) {
  const name = rowsOf(tree).find(({ node }) => node.slug === slug)?.node.name ?? "";
  return (
    <Dialog title={`Move ${name}`} open={slug !== null} onClose={onClose}>
      {slug ? <Places tree={tree} slug={slug} onClose={onClose} onMove={onMove} /> : null}
    </Dialog>
  );
}

function Places({
  tree,
  slug,
  onClose,
  onMove,
}: {
  tree: CategoryNode[];
  slug: string;
  onClose: () => void;
  onMove: (place: Place) => void;
}) {
  const [now] = useState(() => placeOf(tree, slug));
  const [parent, choose] = useState(now?.parent ?? "");
  const [before, stand] = useState(now?.before ?? "");
  const beside = childrenOf(tree, parent || null).filter((one) => one.slug !== slug);

  function go(event: FormEvent) {
    event.preventDefault();
    onMove({ parent: parent || null, before: before || null });
  }
  return (
    <form onSubmit={go} className="grid gap-4">
      <Select
        label="Below"
        value={parent}
        onChange={({ target }) => {
          choose(target.value);
          stand("");
        }}
      >
        <option value="">None (top level)</option>
        {rowsOf(tree)
          .filter(({ node }) => !isWithin(tree, node.slug, slug))
          .map(({ node, depth }) => (
            <option key={node.slug} value={node.slug}>
              {"  ".repeat(depth)}
              {node.name}
            </option>
          ))}
      </Select>
      <Select label="Before" value={before} onChange={({ target }) => stand(target.value)}>
        {beside.map((one) => (
          <option key={one.slug} value={one.slug}>
            {one.name}
          </option>
        ))}
        <option value="">Last</option>
      </Select>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary">
          Move
        </Button>
      </div>
    </form>
  );
}
