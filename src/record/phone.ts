import {
  type CallingCode,
  type CountryPlan,
  callingCodeAt,
  countryInNanp,
  isPossible,
  isValid,
  nationalNumber,
  planHolding,
  planOfCountry,
  plansOf,
} from './calling-codes.ts'

/** How an account writes numbers. `defaultCountry` is ISO 3166-1 alpha-2; null, or one unknown, reads no national form. */
export interface NumberingPlan {
  defaultCountry: string | null
  dialOutPrefixes: readonly string[]
}

/**
 * A number in one form however it was sent: E.164 with a leading + where it can be told, else as sent, without white
 * space around and, where it is digits, `*` and `#` only, without blanks, dots, dashes, slashes and brackets between.
 * SIP users with letters, `anonymous`, `*98` and anything of up to 6 digits (an extension) stay as sent. Of `tel:` and
 * `sip:` URIs, in <> or not, and of `number@host` the user part counts. Normalizing twice changes nothing.
 *
 * A number with a + is international as it is; only a national prefix that stands there by mistake, as in
 * +44 (0)20..., is taken off. Digits alone can mean several things, and the first of these that gives a valid number
 * holds, where "valid" is libphonenumber's word: the length and the ranges in use.
 *
 *  1. international behind 00 or the default country's own prefix, as 011 in the US;
 *  2. national as one dials it: with the national prefix where the country has one (07... in GB, 1... or none in NANP);
 *  3. the two behind one of the account's dial-out prefixes, longest first;
 *  4. E.164 of the default country without its +, as some APIs send integers: before 5, because in countries with
 *     numbers of any length (Germany) nearly every row of digits is also a national number without its prefix;
 *  5. national without its prefix, then the same behind a dial-out prefix;
 *  6. international behind 011, outside the countries that use it: after 5, for 011 is an area code in GB and IT;
 *  7. E.164 of any country without its +, then the same behind a dial-out prefix: last, because it is what a
 *     national number most easily looks like by chance.
 *
 * When none is valid, 1 to 3 again for a number that only fits the country's general pattern (new ranges, fiction).
 * Never throws; a string of any length is read.
 */
export function normalizeNumber(asSent: string, plan: NumberingPlan): string {
  if (isPlusDigits(asSent)) return withoutTrunkPrefix(asSent)
  const habits = habitsOf(plan)
  const key = habits.key + asSent
  const known = recent.get(key) ?? older.get(key)
  if (known !== undefined) return known
  const number = readWritten(asSent, habits)
  if (asSent.length <= LONGEST_REMEMBERED) remember(key, number)
  return number
}

// Numbers repeat: a centre's own ones are on every call. Reading one anew takes 4 times as long as finding it here.
// Past its limit the older half goes, and the recent half becomes the older one. The limit is low on purpose: with
// 200,000 entries, what does not repeat costs more in memory traffic and collection than a reading does.
const HALF_REMEMBERED = 8_000
const LONGEST_REMEMBERED = 64
let recent = new Map<string, string>()
let older = new Map<string, string>()

function remember(key: string, number: string): void {
  if (recent.size >= HALF_REMEMBERED) {
    older = recent
    recent = new Map()
  }
  recent.set(key, number)
}

function readWritten(asSent: string, habits: Habits): string {
  let dialled = asSent
  if (!areDigits(asSent, 0)) {
    const text = userPart(asSent)
    dialled = text.replace(PUNCTUATION, '')
    if (isPlusDigits(dialled)) return withoutTrunkPrefix(dialled)
    if (!DIALLED.test(dialled)) return text
  }
  return dialled.length <= MAX_EXTENSION ? dialled : (readDialled(dialled, habits) ?? dialled)
}

/**
 * ISO 3166-1 alpha-2 country of a number with a leading +; null for any other, and for numbers of no country (+800).
 * Where countries share a calling code, it is the one whose ranges hold the number (in +1 the area code decides), else
 * the code's main one: +1 555 123 4567 is US.
 */
export function countryOf(number: string): string | null {
  if (!isPlusDigits(number)) return null
  const code = callingCodeAt(number, 1)
  if (code === null || number.length < code.digits.length + 3) return null
  if (code.countries.length === 1) return code.countries[0] ?? null
  if (code.digits === '1') return countryInNanp(number)
  return planHolding(code, number.slice(1 + code.digits.length)).country
}

/**
 * The forms under which a number that a person or a client wrote may be stored: normalized first, then as written,
 * trimmed and without punctuation; each once.
 */
export function searchForms(written: string, plan: NumberingPlan): string[] {
  const text = userPart(written)
  const dialled = text.replace(PUNCTUATION, '')
  const forms = [normalizeNumber(written, plan), DIALLED_OR_PLUS.test(dialled) ? dialled : text, written.trim()]
  return [...new Set(forms)].filter((form) => form !== '')
}

const MAX_EXTENSION = 6 // digits
// Dashes, blanks and the invisible marks that come along when a number is copied from a page or an address book.
const PUNCTUATION = /[\s().[\]/\-\u2010-\u2015\u2212\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]/g
const DIALLED = /^[\d*#]+$/
const DIALLED_OR_PLUS = /^\+?[\d*#]+$/
const URI = /^(sips?|tel):/i

/** `sip:user:password@host;params` -> `user`, `"Name" <tel:+44...;ext=1>` -> `+44...`; anything else trimmed. */
function userPart(written: string): string {
  let text = written.trim()
  while (text.includes(':')) {
    const open = text.indexOf('<')
    const uri = (open === -1 ? text : text.slice(open + 1).split('>', 1)[0]) ?? ''
    const scheme = URI.exec(uri)?.[0]
    if (scheme === undefined) break
    const rest = uri.slice(scheme.length)
    const user = unescaped(rest.split('@', 1)[0]?.split(/[;?:]/, 1)[0] ?? '').trim()
    // Without an @, what stands in a SIP URI is a host, unless it is a number.
    const mayBeHost = !rest.includes('@') && !/^tel/i.test(scheme)
    if (user === '' || (mayBeHost && !DIALLED_OR_PLUS.test(user))) break
    text = user
  }
  const at = text.indexOf('@')
  return at > 0 && DIALLED_OR_PLUS.test(text.slice(0, at)) ? text.slice(0, at) : text
}

function unescaped(user: string): string {
  return user.replace(/%([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function isPlusDigits(text: string): boolean {
  if (text.charCodeAt(0) !== 43 || text.length < 2) return false
  return areDigits(text, 1)
}

function areDigits(text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char < 48 || char > 57) return false
  }
  return true
}

/** What an account's numbering plan comes to. */
interface Habits {
  home: CountryPlan | null
  dialOutPrefixes: readonly string[] // longest first
  key: string // tells accounts of other habits apart
}

const knownHabits = new WeakMap<NumberingPlan, Habits>()

function habitsOf(plan: NumberingPlan): Habits {
  const known = knownHabits.get(plan)
  if (known !== undefined) return known
  const home = plan.defaultCountry === null ? null : planOfCountry(plan.defaultCountry)
  const dialOutPrefixes = plan.dialOutPrefixes.filter((prefix) => prefix !== '').sort((a, b) => b.length - a.length)
  const habits = { home, dialOutPrefixes, key: `${home?.country ?? ''} ${dialOutPrefixes.join(' ')}\n` }
  knownHabits.set(plan, habits)
  return habits
}

/** E.164 of a number without +, by the order that `normalizeNumber` gives; null when it has no such reading. */
function readDialled(dialled: string, { home, dialOutPrefixes }: Habits): string | null {
  const asIs = [dialled].filter(isReadable)
  const behind = dialOutPrefixes.filter((prefix) => dialled.startsWith(prefix))
  const all = [...asIs, ...behind.map((prefix) => dialled.slice(prefix.length)).filter(isReadable)]
  return (
    firstOf(all, (digits) => behindIdd(digits, home, isValid) ?? asDialledAtHome(digits, home, isValid)) ??
    firstOf(asIs, (digits) => asE164(digits, home?.code ?? null, isValid)) ??
    firstOf(all, (digits) => asNational(digits, home, isValid)) ??
    firstOf(asIs, (digits) => (digits.startsWith('011') ? asE164(digits.slice(3), null, isValid) : null)) ??
    firstOf(all, (digits) => asE164(digits, null, isValid)) ??
    firstOf(all, (digits) => behindIdd(digits, home, isPossible) ?? asDialledAtHome(digits, home, isPossible))
  )
}

function isReadable(dialled: string): boolean {
  return dialled.length > MAX_EXTENSION && areDigits(dialled, 0)
}

function firstOf(readable: readonly string[], read: (digits: string) => string | null): string | null {
  for (const digits of readable) {
    const number = read(digits)
    if (number !== null) return number
  }
  return null
}

type Test = (code: CallingCode, national: string) => boolean

/** International, behind 00 or the country's own prefix. 00 first: some own ones begin with it and take a digit more. */
function behindIdd(digits: string, home: CountryPlan | null, test: Test): string | null {
  const behind00 = digits.startsWith('00') ? asE164(digits.slice(2), null, test) : null
  if (behind00 !== null) return behind00
  const prefix = home?.idd?.exec(digits)?.[0]
  return prefix === undefined ? null : asE164(digits.slice(prefix.length), null, test)
}

/** National, in the form that a phone in the country dials. */
function asDialledAtHome(digits: string, home: CountryPlan | null, test: Test): string | null {
  if (home === null) return null
  const { code, nationalPrefix } = home
  const isDialled = nationalPrefix === null || code.digits === '1' || digits.startsWith(nationalPrefix)
  return isDialled ? asNational(digits, home, test) : null
}

function asNational(digits: string, home: CountryPlan | null, test: Test): string | null {
  if (home === null) return null
  const national = nationalNumber(digits, home)
  return test(home.code, national) ? `+${home.code.digits}${national}` : null
}

/** E.164 without its +, of the given calling code if any. */
function asE164(digits: string, wanted: CallingCode | null, test: Test): string | null {
  const code = callingCodeAt(digits, 0)
  if (code === null || (wanted !== null && code !== wanted)) return null
  const number = withoutTrunkPrefix(`+${digits}`)
  return test(code, number.slice(1 + code.digits.length)) ? number : null
}

/** +44 020... -> +44 20...: only where it makes a number valid that was not. */
function withoutTrunkPrefix(number: string): string {
  const code = callingCodeAt(number, 1)
  if (code === null) return number
  const main = plansOf(code)[0] as CountryPlan
  if (main.prefix === null) return number
  const national = number.slice(1 + code.digits.length)
  if (!main.prefix.test(national) || isValid(code, national)) return number
  const without = nationalNumber(national, main)
  return isValid(code, without) ? `+${code.digits}${without}` : number
}
