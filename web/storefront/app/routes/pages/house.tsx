import { Link } from "react-router";
import { Prose } from "../../parts/prose";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import type { Route } from "./+types/house";

export const headers = () => PUBLIC_PAGE;

export function meta({ matches }: Route.MetaArgs) {
  return pageMeta({
    title: "The house",
    description: "NOIR’EL makes eight perfumes, one for each hour between dusk and first light.",
    canonical: "/house",
    origin: originOf(matches),
  });
}

export default function House() {
  return (
    <Prose
      title="A perfume’s number is its hour."
      lead="We make eight. The first is for twenty to seven, when the stone is still warm; the last is for nine minutes to six."
    >
      <p>
        Perfume is mostly sold by daylight, under lamps that forgive nothing. It is worn at night. So each of ours was
        composed at the hour it is named for, and judged at that hour only, for as long as it took.
      </p>
      <h2>Ten weeks in the dark</h2>
      <p>
        A perfume that is ready in March is not sold before June. It stands, filtered and unlabelled, at sixteen
        degrees, until the edges have gone. Then it is filled by hand.
      </p>
      <h2>The flacon</h2>
      <p>
        One shape, three sizes, the same glass. The stopper is a black sphere with a crescent of light on it, and the
        crescent is different for every hour. It is made to be filled again.
      </p>
      <h2>Where to begin</h2>
      <p>
        With the hour you know best. Or with <Link to="/p/discovery-set">all eight, two millilitres at a time</Link>.
      </p>
    </Prose>
  );
}
