import { type NumberingPlan, normalizeNumber } from './phone.ts'

/** Which numbers are looked for, and how the account that the text belongs to writes numbers. */
export interface NumberSearch {
  plan: NumberingPlan
  /** What stands in for a number, given by its digits alone (E.164 without the +); null for one that is not looked for. */
  tokenOf(digits: string): string | null
}

/** Shorter ones are extensions, longer ones no numbers. */
const FEWEST_DIGITS = 7
const MOST_DIGITS = 15
/** With prefixes to get a line and to get abroad. A longer row of digits is none, and may hold one. */
const MOST_DIALLED = 20
/** `+49 (0)30 123-45 67` has six groups of digits. */
const MOST_GROUPS = 8
/** A row of digits that is too long for a number holds one by chance only where it is short. */
const FEWEST_INSIDE = 8

/** Escapes have digits that are none: `%2B49…` and `\u002b49…` are a plus and 49. */
const GROUP = /%[\da-f]{2}|\\u[\da-f]{4}|\d+/gi
const BETWEEN = /^(?:[\s().\-/\u00a0]|%(?:20|28|29|2d|2e|2f)|\\u00a0|\\\/){0,4}$/i

/**
 * The digits by which a number is looked for: those of its E.164 form where the plan can tell it, else as written. Null
 * for what has fewer than 7 or more than 15, and for what is no number.
 */
export function searchedDigits(written: string, plan: NumberingPlan): string | null {
  const digits = normalizeNumber(written, plan).replace(/^\+/, '')
  return /^\d+$/.test(digits) && digits.length >= FEWEST_DIGITS && digits.length <= MOST_DIGITS ? digits : null
}

/** Matches every text that can hold a number, and few others: its last digits, whatever stands between them. */
export function traceOf(digits: string): RegExp {
  const between = '(?:[\\s().\\-/\\u00a0]|%[\\da-f]{2}|\\\\u[\\da-f]{4}|\\\\/){0,4}'
  return new RegExp([...digits.slice(-FEWEST_DIGITS + 1)].join(between), 'i')
}

/**
 * The text with every number that is looked for replaced by what stands in for it; the same text where there is none. A
 * number is a row of digits that the plan reads as that number, with or without blanks, dots, dashes, slashes and
 * brackets between, as a whole: in +49301234567 there is no +4930123456. Only in a row of more than 20 digits, which is
 * no number, its digits count wherever they stand.
 */
export function replaceNumbers(text: string, search: NumberSearch): string {
  const groups = groupsOf(text)
  let replaced = ''
  let from = 0
  for (let at = 0; at < groups.length; at += 1) {
    const found = startingAt(text, groups, { at, search })
    if (found === null) continue
    const { start, end, token, groups: taken } = found
    replaced += text.slice(from, withoutPlus(text, start, from)) + token
    from = end
    at += taken - 1
    // A long row may hold it again.
    const group = groups[at] as Group
    if (end < group.end) groups[at--] = { start: end, end: group.end }
  }
  return from === 0 ? text : replaced + text.slice(from)
}

interface Group {
  start: number
  end: number
}

interface Found extends Group {
  token: string
  groups: number
}

function groupsOf(text: string): Group[] {
  const groups: Group[] = []
  for (const match of text.matchAll(GROUP)) {
    const [digits] = match
    if (/^\d/.test(digits)) groups.push({ start: match.index, end: match.index + digits.length })
  }
  return groups
}

function startingAt(
  text: string,
  groups: readonly Group[],
  { at, search }: { at: number; search: NumberSearch },
): Found | null {
  const first = groups[at] as Group
  if (first.end - first.start > MOST_DIALLED) return inside(text, first, search)
  let digits = ''
  for (let next = at; next < Math.min(at + MOST_GROUPS, groups.length); next += 1) {
    const group = groups[next] as Group
    if (next > at && !BETWEEN.test(text.slice((groups[next - 1] as Group).end, group.start))) return null
    digits += text.slice(group.start, group.end)
    if (digits.length > MOST_DIALLED) return null
    const token = digits.length < FEWEST_DIGITS ? null : tokenOfRow(digits, search)
    if (token !== null) return { start: first.start, end: group.end, token, groups: next - at + 1 }
  }
  return null
}

/** A row of digits is a number as it is, as the plan reads it, and behind 00 or 011. */
function tokenOfRow(row: string, { plan, tokenOf }: NumberSearch): string | null {
  const forms = new Set([row, normalizeNumber(row, plan), normalizeNumber(`+${row}`, plan)])
  if (row.startsWith('00')) forms.add(row.slice(2))
  if (row.startsWith('011')) forms.add(row.slice(3))
  for (const form of forms) {
    const digits = form.replace('+', '')
    const token = digits.length < FEWEST_DIGITS || digits.length > MOST_DIGITS ? null : tokenOf(digits)
    if (token !== null) return token
  }
  return null
}

function inside(text: string, { start, end }: Group, { tokenOf }: NumberSearch): Found | null {
  for (let from = start; from + FEWEST_INSIDE <= end; from += 1)
    for (let to = from + FEWEST_INSIDE; to <= Math.min(end, from + MOST_DIGITS); to += 1) {
      const token = tokenOf(text.slice(from, to))
      if (token !== null) return { start: from, end: to, token, groups: 1 }
    }
  return null
}

/** The plus of a number goes with it. */
function withoutPlus(text: string, start: number, from: number): number {
  return start > from && text[start - 1] === '+' ? start - 1 : start
}
