import metadata from 'libphonenumber-js/metadata.max'

/** The digits without the national prefix and carrier code, by libphonenumber's rule (`extractNationalNumber`). */
export function nationalNumber(digits: string, { prefix, transform, general }: CountryPlan): string {
  const match = prefix?.exec(digits) ?? null
  if (prefix === null || match === null) return digits
  const captured = match.length > 1 && match[match.length - 1] !== undefined
  const without = captured && transform !== null ? digits.replace(prefix, transform) : digits.slice(match[0].length)
  return general.test(digits) && !general.test(without) ? digits : without
}

export function isValid(code: CallingCode, national: string): boolean {
  for (const plan of plansOf(code)) {
    if (plan.leading?.test(national)) return isOfRanges(plan, national)
    if (plan.leading === null && isOfRanges(plan, national)) return true
  }
  return false
}

export function isPossible(code: CallingCode, national: string): boolean {
  return plansOf(code).some(({ general }) => general.test(national))
}

/** A calling code and the countries that share it, the main one first; null is the country of codes that have none. */
export interface CallingCode {
  digits: string
  countries: readonly (string | null)[]
  plans: readonly CountryPlan[] | null // null: not compiled yet
}

/** What libphonenumber knows of one country, its patterns compiled once. */
export interface CountryPlan {
  country: string | null
  code: CallingCode
  idd: RegExp | null
  general: RegExp
  types: readonly { pattern: RegExp; lengths: readonly number[] | null }[]
  nationalPrefix: string | null
  prefix: RegExp | null // national prefix and carrier codes
  transform: string | null
  leading: RegExp | null
}

const codes: CallingCode[] = [
  ...Object.entries(metadata.country_calling_codes).map(([digits, countries]) => ({ digits, countries, plans: null })),
  ...Object.keys(metadata.nonGeographic).map((digits) => ({ digits, countries: [null], plans: null })),
]
const codesByValue: (CallingCode | undefined)[] = []
for (const code of codes) codesByValue[Number(code.digits)] = code

const rows: Record<string, readonly unknown[] | undefined> = metadata.countries

/** Compiled when first needed: there are 2,500 patterns, and most installations meet few countries. */
export function plansOf(code: CallingCode): readonly CountryPlan[] {
  code.plans ??= code.countries.map((country) => {
    const row = country === null ? metadata.nonGeographic[code.digits] : rows[country]
    return compile(country, code, row ?? [])
  })
  return code.plans
}

export function planOfCountry(country: string): CountryPlan | null {
  const code = codes.find(({ countries }) => countries.includes(country))
  return (code && plansOf(code).find((plan) => plan.country === country)) ?? null
}

/**
 * One country of libphonenumber-js's minified metadata. Its parser, which would do all this, takes 6 to 30 us for a
 * number, most of it in compiling patterns again; our tests hold this reading against it, country by country. The
 * places in the row: METADATA.md and source/metadata.js of libphonenumber-js, metadata version 4.
 */
function compile(country: string | null, code: CallingCode, raw: readonly unknown[]): CountryPlan {
  const [, idd, general, , , nationalPrefix, , prefix, transform, , leading, types] = raw
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
  const startingWith = (pattern: string | null) => (pattern === null ? null : new RegExp(`^(?:${pattern})`))
  const ranges = (Array.isArray(types) ? types : []) as ([string, number[]?] | 0)[]
  return {
    country,
    code,
    idd: startingWith(text(idd)),
    general: new RegExp(`^(?:${text(general) ?? ''})$`),
    types: ranges.flatMap((type) =>
      type === 0 || type[0] === '' ? [] : [{ pattern: new RegExp(`^(?:${type[0]})$`), lengths: type[1] ?? null }],
    ),
    nationalPrefix: text(nationalPrefix),
    prefix: startingWith(text(prefix) ?? text(nationalPrefix)),
    transform: text(transform),
    leading: startingWith(text(leading)),
  }
}

/** The calling code that the digits at `from` begin with: of one, two or three digits, none the beginning of another. */
export function callingCodeAt(text: string, from: number): CallingCode | null {
  let value = 0
  for (let at = from; at < from + 3 && at < text.length; at++) {
    value = value * 10 + text.charCodeAt(at) - 48
    if (value === 0) return null
    const code = codesByValue[value]
    if (code !== undefined) return code
  }
  return null
}

/** The plan among those of a calling code that holds the number, by libphonenumber's rule; else the main one. */
export function planHolding(code: CallingCode, national: string): CountryPlan {
  const plans = plansOf(code)
  for (const plan of plans) {
    if (plan.leading === null ? isOfRanges(plan, national) : plan.leading.test(national)) return plan
  }
  return plans[0] as CountryPlan
}

function isOfRanges({ general, types }: CountryPlan, national: string): boolean {
  if (!general.test(national)) return false
  if (types.length === 0) return true
  for (const { pattern, lengths } of types) {
    if ((lengths === null || lengths.includes(national.length)) && pattern.test(national)) return true
  }
  return false
}

const nanpCountries: (string | null)[] = []

/** In +1 a country is a set of area codes; each is looked up once, by a number of an exchange that every area has. */
export function countryInNanp(number: string): string | null {
  const area = number.length < 5 ? 0 : Number(number.slice(2, 5))
  nanpCountries[area] ??= planHolding(codesByValue[1] as CallingCode, `${area}2345678`).country
  return nanpCountries[area] ?? null
}
