import { Link } from "react-router";
import { Prose } from "../../parts/prose";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import type { Route } from "./+types/journal";

const TITLE = "Ten weeks in the dark";
const LEAD = "Why a perfume that is ready in March is not sold before June.";

export const headers = () => PUBLIC_PAGE;

export function meta({ matches }: Route.MetaArgs) {
  return pageMeta({
    title: TITLE,
    description: LEAD,
    canonical: "/journal",
    origin: originOf(matches),
    type: "article",
    about: [
      { "@type": "Article", headline: TITLE, description: LEAD, author: { "@type": "Organization", name: "NOIR'EL" } },
    ],
  });
}

export default function Journal() {
  return (
    <Prose title={TITLE} lead={LEAD} aside="From the journal">
      <p>
        On the day it is mixed, a perfume smells of everything in it at once. Each material still speaks in its own
        voice: the bergamot is a fruit, the iris is a root, the alcohol is alcohol. It is a list.
      </p>
      <p>
        Left alone, it begins to agree with itself. Aldehydes and alcohols meet and become something rounder. The heavy
        things, which came in last, reach the top. In the third week it is worse than on the first day, and this is when
        most are sold.
      </p>
      <h2>What the dark is for</h2>
      <p>
        Light undoes this. An hour of sun on a window sill ages a flacon by a month, and not kindly: the citrus goes
        first, then the colour. So the steel stands in a room without windows, and we go in with a red lamp.
      </p>
      <h2>How we know</h2>
      <p>
        We don’t, by the calendar. Ten weeks is what it usually takes. Someone smells it every Friday at its own hour,
        and writes down one word. When the word has been the same three Fridays running, it is done.
      </p>
      <p>
        For <Link to="/p/encre">Encre</Link> the word was “paper”.
      </p>
    </Prose>
  );
}
