import type { Address, Country } from "@noirel/shared/api/types";

export type Values = { email: string } & Address;
export type Name = keyof Values;
export const BLANK: Values = {
  email: "",
  name: "",
  phone: "",
  postcode: "",
  city: "",
  region: "",
  line1: "",
  line2: "",
  country: "IN",
};

/** The first digits of a PIN and the state they lie in (India Post); the longest match wins. */
const STATES: Record<string, string> = {
  "11": "DL",
  "12": "HR",
  "13": "HR",
  "14": "PB",
  "15": "PB",
  "16": "CH",
  "17": "HP",
  "18": "JK",
  "19": "JK",
  "194": "LA",
  "20": "UP",
  "21": "UP",
  "22": "UP",
  "23": "UP",
  "24": "UP",
  "25": "UP",
  "26": "UP",
  "27": "UP",
  "28": "UP",
  "246": "UK",
  "248": "UK",
  "249": "UK",
  "263": "UK",
  "30": "RJ",
  "31": "RJ",
  "32": "RJ",
  "33": "RJ",
  "34": "RJ",
  "36": "GJ",
  "37": "GJ",
  "38": "GJ",
  "39": "GJ",
  "40": "MH",
  "41": "MH",
  "42": "MH",
  "43": "MH",
  "44": "MH",
  "403": "GA",
  "45": "MP",
  "46": "MP",
  "47": "MP",
  "48": "MP",
  "49": "CG",
  "50": "TS",
  "51": "AP",
  "52": "AP",
  "53": "AP",
  "56": "KA",
  "57": "KA",
  "58": "KA",
  "59": "KA",
  "60": "TN",
  "61": "TN",
  "62": "TN",
  "63": "TN",
  "64": "TN",
  "605": "PY",
  "67": "KL",
  "68": "KL",
  "69": "KL",
  "682555": "LD",
  "70": "WB",
  "71": "WB",
  "72": "WB",
  "73": "WB",
  "74": "WB",
  "737": "SK",
  "744": "AN",
  "75": "OD",
  "76": "OD",
  "77": "OD",
  "78": "AS",
  "790": "AR",
  "791": "AR",
  "792": "AR",
  "793": "ML",
  "794": "ML",
  "795": "MN",
  "796": "MZ",
  "797": "NL",
  "798": "NL",
  "799": "TR",
  "80": "BR",
  "81": "BR",
  "82": "JH",
  "83": "JH",
  "84": "BR",
  "85": "BR",
  "814": "JH",
  "815": "JH",
  "816": "JH",
};

export function stateOfPin(pin: string): string | null {
  for (let length = 6; length >= 2; length--) {
    const state = pin.length >= length ? STATES[pin.slice(0, length)] : undefined;
    if (state) return state;
  }
  return null;
}

export const STEPS = {
  contact: ["email"],
  delivery: ["name", "phone", "postcode", "city", "region", "line1"],
} as const satisfies Record<string, readonly Name[]>;

/** What is wrong with one field, in words that say what to do; null when nothing is. */
export function wrong(name: Name, values: Values, country: Country | undefined): string | null {
  const value = values[name].trim();
  switch (name) {
    case "email":
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? null : "An e-mail address looks like ananya@example.in.";
    case "name":
      return value ? null : "Write the name on the door.";
    case "phone":
      return /^\+?[0-9 ()./-]{6,30}$/.test(value) ? null : "Write a mobile number the courier can call.";
    case "postcode":
      if (!country?.postcode_pattern || new RegExp(`^(?:${country.postcode_pattern})$`).test(value)) return null;
      return country.code === "IN" ? "A PIN code has 6 digits." : `Write the ${country.postcode_label} as on a letter.`;
    case "city":
      return value ? null : "Write the city.";
    case "region":
      return value || !country?.regions.length ? null : "Choose a state from the list.";
    case "line1":
      return value ? null : "Write the flat, building and street.";
    default:
      return null;
  }
}

export function allWrong(values: Values, country: Country | undefined, names: readonly Name[]) {
  return names.flatMap((name) => {
    const message = wrong(name, values, country);
    return message ? [{ name, message }] : [];
  });
}
