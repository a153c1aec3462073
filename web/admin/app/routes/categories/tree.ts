import type { CategoryNode, Place } from "../../catalogue";

export type Row = { node: CategoryNode; depth: number; parent: CategoryNode | null; at: number; of: number };

/** The tree as it is read from top to bottom; what stands below a closed one is left out. */
export function rowsOf(
  tree: CategoryNode[],
  closed: ReadonlySet<string> = new Set(),
  parent: CategoryNode | null = null,
  depth = 0,
): Row[] {
  return tree.flatMap((node, at) => [
    { node, depth, parent, at, of: tree.length },
    ...(closed.has(node.slug) ? [] : rowsOf(node.children, closed, node, depth + 1)),
  ]);
}

const row = (tree: CategoryNode[], slug: string) => rowsOf(tree).find(({ node }) => node.slug === slug);

/** Those that stand below a category, or at the top. */
export const childrenOf = (tree: CategoryNode[], parent: string | null): CategoryNode[] =>
  parent === null ? tree : (row(tree, parent)?.node.children ?? []);

/** Where it stands now, as a place it can be put back to. */
export function placeOf(tree: CategoryNode[], slug: string): Place | null {
  const found = row(tree, slug);
  if (!found) return null;
  const parent = found.parent?.slug ?? null;
  return { parent, before: childrenOf(tree, parent)[found.at + 1]?.slug ?? null };
}

/** Whether `slug` is `above`, or stands anywhere below it. */
export function isWithin(tree: CategoryNode[], slug: string, above: string): boolean {
  const found = row(tree, above);
  return found !== undefined && rowsOf([found.node]).some(({ node }) => node.slug === slug);
}

/** Where an arrow takes it: up and down among its like, right below the one before it, left out beside its parent. */
export function placeByKey(tree: CategoryNode[], slug: string, key: string): Place | null {
  const found = row(tree, slug);
  if (!found) return null;
  const parent = found.parent?.slug ?? null;
  const beside = childrenOf(tree, parent);
  const previous = beside[found.at - 1];
  switch (key) {
    case "ArrowUp":
      return previous ? { parent, before: previous.slug } : null;
    case "ArrowDown":
      return beside[found.at + 1] ? { parent, before: beside[found.at + 2]?.slug ?? null } : null;
    case "Home":
      return previous ? { parent, before: beside[0]?.slug ?? null } : null;
    case "End":
      return beside[found.at + 1] ? { parent, before: null } : null;
    case "ArrowRight":
      return previous ? { parent: previous.slug, before: null } : null;
    case "ArrowLeft":
      return parent === null ? null : placeOf(tree, parent);
    default:
      return null;
  }
}

/** The tree with one put somewhere else; the same tree when that place is itself or below it. */
export function placed(tree: CategoryNode[], slug: string, { parent, before }: Place): CategoryNode[] {
  const found = row(tree, slug);
  if (!found || before === slug || (parent !== null && isWithin(tree, parent, slug))) return tree;
  const without = (rows: CategoryNode[]): CategoryNode[] =>
    rows.filter((node) => node.slug !== slug).map((node) => ({ ...node, children: without(node.children) }));
  const put = (rows: CategoryNode[], here: string | null): CategoryNode[] => {
    const deep = rows.map((node) => ({ ...node, children: put(node.children, node.slug) }));
    if (here !== parent) return deep;
    const index = before === null ? -1 : deep.findIndex((node) => node.slug === before);
    const at = index < 0 ? deep.length : index;
    return [...deep.slice(0, at), found.node, ...deep.slice(at)];
  };
  return put(without(tree), null);
}
