const LETTERS = /^[A-Z]{3}$/
const CODE_A = 65

/** What the column `currency` holds for a text that is not three capital letters: the document has the text. */
export const OTHER_CURRENCY = 26 ** 3

/** The number of a currency in the column `currency`: `AAA` is 0, `ZZZ` 17575. On the disk, so it never changes. */
export function currencyCode(currency: string): number {
  if (currency === latest) return latestCode
  if (!LETTERS.test(currency)) return OTHER_CURRENCY
  const [first, second, third] = [0, 1, 2].map((at) => currency.charCodeAt(at) - CODE_A) as [number, number, number]
  latest = currency
  latestCode = (first * 26 + second) * 26 + third
  return latestCode
}

// Neighbouring calls mostly cost the same currency.
let latest = 'USD'
let latestCode = (20 * 26 + 18) * 26 + 3

/** The currency of a number below `OTHER_CURRENCY`. */
export function currencyOf(code: number): string {
  const letters = [Math.floor(code / 676), Math.floor(code / 26) % 26, code % 26]
  return String.fromCharCode(...letters.map((letter) => letter + CODE_A))
}
