/** The shop's pages of help, as the search finds them. */
export type HelpTopic = { to: string; title: string; text: string };

type Indexed = HelpTopic & { terms: string };

/** `terms`: what people type for it, besides the words of its title. */
const TOPICS: readonly Indexed[] = [
  {
    to: "/returns-policy",
    title: "Delivery and returns",
    text: "How it reaches you, and how it goes back.",
    terms:
      "return refund exchange ship shipping dispatch courier cancel cancellation broken damaged wrong policy free money back",
  },
  {
    to: "/help#delivery",
    title: "When does it arrive?",
    text: "The date, and what delivery costs.",
    terms: "delivery deliver shipping ship arrive arrival postage courier pincode",
  },
  {
    to: "/help#returns",
    title: "Can I send it back?",
    text: "For how long, and in what condition.",
    terms: "return refund exchange back sealed",
  },
  {
    to: "/orders/find",
    title: "Find your order",
    text: "We send you the link by e-mail.",
    terms: "order track tracking parcel status number lost where",
  },
  {
    to: "/help#engraving",
    title: "What can be engraved?",
    text: "How many characters, and on which flacon.",
    terms: "engrave engraving initials personalise personalize monogram",
  },
  {
    to: "/help#payment",
    title: "How do I pay?",
    text: "UPI, cards, net banking and wallets.",
    terms: "payment pay upi card netbanking wallet gst tax razorpay cod",
  },
  {
    to: "/help#failed",
    title: "My payment failed. Was I charged?",
    text: "What happens to the money, and to the order.",
    terms: "payment failed charged declined refund money",
  },
  {
    to: "/help#password",
    title: "I can’t sign in. What now?",
    text: "A link to choose a new password.",
    terms: "password login signin forgot account reset",
  },
  {
    to: "/help#account",
    title: "Do I need an account?",
    text: "What an account is for.",
    terms: "account guest register registration profile",
  },
  {
    to: "/privacy",
    title: "Privacy",
    text: "What we keep, why, and for how long.",
    terms: "privacy data cookie gdpr erase delete personal information tracking policy terms",
  },
  {
    to: "/help",
    title: "Help",
    text: "Delivery, returns, engraving and payment.",
    terms: "help contact support faq question questions customer service care phone email complaint",
  },
];

const MOST = 3;

/** Words that say nothing about what is looked for. */
const STOP = new Set(
  "a an and any are at be by can could do does for from get give has have how i if in is it its me my need not now of on or our some that the this to up was we what when which who why will with would you your".split(
    " ",
  ),
);

function wordsOf(text: string): string[] {
  const folded = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return (folded.replace(/[’']/g, "").match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !STOP.has(word));
}

/** The word without a plural or the ending of a verb: enough to tell "returned" and "returns" from "turns". */
function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|ing|ed|es|s|e|y)$/, "") : word;
}

/** Whether one letter was left out, added, changed or swapped with its neighbour. */
function isOneMistake(one: string, other: string): boolean {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  const rest = (text: string, skip: number) => text.slice(start + skip);
  return (
    rest(one, 1) === rest(other, 1) ||
    rest(one, 1) === rest(other, 0) ||
    rest(one, 0) === rest(other, 1) ||
    (one[start] === other[start + 1] && one[start + 1] === other[start] && rest(one, 2) === rest(other, 2))
  );
}

/** How well a typed word fits one of a topic's: 3 the same, 2 its beginning, 1 a typo of it, 0 not at all. */
function fit(typed: string, word: string): number {
  if (typed === word || stem(typed) === stem(word)) return 3;
  if (typed.length > 3 && word.startsWith(typed)) return 2;
  return typed.length > 4 && typed[0] === word[0] && isOneMistake(typed, word) ? 1 : 0;
}

const INDEX = TOPICS.map(({ terms, ...topic }) => ({ topic, words: [...new Set(wordsOf(`${topic.title} ${terms}`))] }));

/** The pages of help that a search may mean: those with most of its words, at most three. */
export function helpFor(q: string): HelpTopic[] {
  const typed = [...new Set(wordsOf(q))];
  const scored = INDEX.map(({ topic, words }) => {
    const fits = typed.map((one) => Math.max(...words.map((word) => fit(one, word)), 0));
    return { topic, words: fits.filter(Boolean).length, score: fits.reduce((sum, each) => sum + each, 0) };
  });
  const most = Math.max(...scored.map(({ words }) => words), 0);
  // A question of many words that has one of them in common is about something else: at least half of them must fit.
  if (most === 0 || most * 2 < typed.length) return [];
  return scored
    .filter(({ words }) => words === most)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ topic }) => topic);
}
