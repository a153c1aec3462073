import {
  BookOpen,
  FileDown,
  FolderTree,
  Home,
  Hourglass,
  Inbox,
  LayoutList,
  Library,
  Package,
  Radio,
  Scale,
  Search,
  ShoppingBag,
  Signpost,
  Tags,
} from "lucide-react";
import type { ComponentType } from "react";
import { matchPath } from "react-router";
import type { User } from "../types";

/** key: goes there after a "g". permission: what the role needs to open it, and every page below it. */
export type NavItem = {
  to: string;
  key: string;
  label: string;
  icon: ComponentType<{ size: number; strokeWidth: number }>;
  permission: string;
  /** Where something new is made, which opening the section does not include, and what that needs. */
  create?: { path: string; permission: string };
  end?: boolean;
};

/** The sections of the admin, in the order of its navigation. The first one that a role may open is where it lands. */
export const navItems: NavItem[] = [
  { to: "/", key: "a", label: "Overview", icon: Home, permission: "analytics.view", end: true },
  { to: "/orders", key: "o", label: "Orders", icon: ShoppingBag, permission: "orders.view" },
  { to: "/desk", key: "d", label: "Review queue", icon: Inbox, permission: "orders.refund" },
  { to: "/reconciliation", key: "r", label: "Reconciliation", icon: Scale, permission: "orders.refund" },
  { to: "/ledger", key: "b", label: "Ledger", icon: BookOpen, permission: "orders.refund" },
  { to: "/events", key: "e", label: "Events", icon: Radio, permission: "orders.refund" },
  { to: "/products", key: "p", label: "Products", icon: Package, permission: "products.view" },
  {
    to: "/categories",
    key: "c",
    label: "Categories",
    icon: FolderTree,
    permission: "products.view",
    create: { path: "/categories/~new", permission: "products.edit" },
  },
  {
    to: "/attributes",
    key: "t",
    label: "Attributes",
    icon: Tags,
    permission: "products.view",
    create: { path: "/attributes/~new", permission: "products.edit" },
  },
  {
    to: "/collections",
    key: "k",
    label: "Collections",
    icon: Library,
    permission: "products.view",
    create: { path: "/collections/~new", permission: "products.edit" },
  },
  { to: "/redirects", key: "w", label: "URL redirects", icon: Signpost, permission: "products.view" },
  { to: "/search", key: "s", label: "Search", icon: Search, permission: "products.view" },
  { to: "/imports", key: "m", label: "Import and export", icon: FileDown, permission: "products.edit" },
  { to: "/inventory", key: "i", label: "Inventory", icon: LayoutList, permission: "inventory.view" },
  {
    to: "/drops",
    key: "l",
    label: "Drops",
    icon: Hourglass,
    permission: "drops.view",
    create: { path: "/drops/new", permission: "drops.edit" },
  },
];

type Who = Pick<User, "permissions">;

export const visibleNavItems = (user: Who): NavItem[] =>
  navItems.filter(({ permission }) => user.permissions.includes(permission));

/** The permission that a path of the admin asks for; null for one that is none of its sections. */
export function permissionOf(path: string): string | null {
  const place = navItems.find(({ to, end = false }) => matchPath({ path: to, end }, path));
  if (place?.create && matchPath(place.create.path, path)) return place.create.permission;
  return place?.permission ?? null;
}

/** Whether this person's role opens the page at a path (with or without a query). */
export function canOpen(user: Who, path: string): boolean {
  const permission = permissionOf(path.split(/[?#]/)[0] ?? "");
  return permission === null || user.permissions.includes(permission);
}

/** Where a person lands: the page that was asked for where the role opens it, else the first one that it does. */
export function landingFor(user: Who, wanted = "/"): string {
  return canOpen(user, wanted) ? wanted : (visibleNavItems(user)[0]?.to ?? "/");
}
