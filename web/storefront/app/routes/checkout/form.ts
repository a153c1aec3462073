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

/** What a place was suggested to be, by its postcode. */
export type Suggested = Partial<Record<"region" | "city", string>>;

/**
 * The address with what its postcode suggests. A field is filled only while it is empty or still holds the last suggestion:
 * what a person chose or typed stays.
 */
export function withSuggestion(values: Values, last: Suggested, place: Suggested): Values {
  const next = { ...values };
  for (const name of ["region", "city"] as const) {
    const suggestion = place[name];
    if (suggestion && (!values[name] || values[name] === last[name])) next[name] = suggestion;
  }
  return next;
}

/** Text as it is compared: pasted directional and zero-width marks are not part of it, full-width digits are digits. */
function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim();
}

/** A postcode's name within a sentence: "postal code", but "PIN code" and, as German has it, "Postleitzahl". */
export function postcodeWord(country: Pick<Country, "postcode_label"> | undefined): string {
  const label = country?.postcode_label ?? "postcode";
  return /^(postcode|postal code|code postal)$/i.test(label) ? label.toLowerCase() : label;
}

export const STEPS = {
  contact: ["email"],
  delivery: ["name", "phone", "postcode", "city", "region", "line1"],
} as const satisfies Record<string, readonly Name[]>;

/** What is wrong with one field, in words that say what to do; null when nothing is. */
export function fieldError(name: Name, values: Values, country: Country | undefined): string | null {
  const value = plain(values[name]);
  switch (name) {
    case "email":
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? null : "An e-mail address looks like ananya@example.in.";
    case "name":
      return value ? null : "Enter the name on the door.";
    case "phone":
      // The API knows the numbers of every country; here only what is no number at all is told.
      return /^[+\d\s()./-]+$/.test(value) && value.replace(/\D/g, "").length >= 6
        ? null
        : "Enter a mobile number the courier can call.";
    case "postcode":
      if (!country?.postcode_pattern || new RegExp(`^(?:${country.postcode_pattern})$`).test(value)) return null;
      return country.code === "IN" ? "A PIN code has 6 digits." : `Enter the ${postcodeWord(country)} as on a letter.`;
    case "city":
      return value ? null : "Enter the city.";
    case "region":
      return value || !country?.regions.length ? null : "Choose a state from the list.";
    case "line1":
      return value ? null : "Enter the flat, building and street.";
    default:
      return null;
  }
}

export function formErrors(values: Values, country: Country | undefined, names: readonly Name[]) {
  return names.flatMap((name) => {
    const message = fieldError(name, values, country);
    return message ? [{ name, message }] : [];
  });
}
