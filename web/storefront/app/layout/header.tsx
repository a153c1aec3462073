import { Wordmark } from "@noirel/shared/ui/wordmark";
import { Link } from "react-router";
import { useBag } from "../cart/bag";

export function Header() {
  const { count } = useBag();
  return (
    <header className="wrap flex items-center justify-between py-6 text-sm">
      <Link to="/" aria-label="NOIR'EL, home">
        <Wordmark />
      </Link>
      <Link to="/bag">Bag {count ?? ""}</Link>
    </header>
  );
}
