import type { Draft } from "./draft";

type Tree = { [name: string]: Leaf | Tree };
type Leaf = string | boolean | string[];
export type Clash = { path: string[]; mine: Leaf; theirs: Leaf };

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Somebody saved while this form was open: what I didn't touch becomes theirs, what I did stays mine. Where both of us changed
 * the same thing differently, it is a clash, and a person chooses.
 */
export function merged(base: Draft, mine: Draft, theirs: Draft): { draft: Draft; clashes: Clash[] } {
  const clashes: Clash[] = [];
  const draft = meet(base as Tree, mine as Tree, theirs as Tree, [], clashes);
  return { draft: draft as Draft, clashes };
}

function meet(base: Tree, mine: Tree, theirs: Tree, path: string[], clashes: Clash[]): Tree {
  // What is gone on the server (a variant, an attribute) is gone; what is new there comes in.
  return Object.fromEntries(
    Object.entries(theirs).map(([name, their]) => {
      const was = base[name];
      const my = mine[name];
      if (my === undefined) return [name, their];
      if (isTree(their) && isTree(my)) return [name, meet(isTree(was) ? was : {}, my, their, [...path, name], clashes)];
      if (isTree(their) || isTree(my) || same(my, was)) return [name, their];
      if (!same(their, was) && !same(their, my)) clashes.push({ path: [...path, name], mine: my, theirs: their });
      return [name, my];
    }),
  );
}

/** The draft with one leaf changed: theirs is taken after all. */
export function put(draft: Draft, path: string[], value: Leaf): Draft {
  const change = (tree: Tree, [name = "", ...rest]: string[]): Tree => {
    const inner = tree[name];
    return { ...tree, [name]: rest.length && isTree(inner) ? change(inner, rest) : value };
  };
  return change(draft as unknown as Tree, path) as unknown as Draft;
}
