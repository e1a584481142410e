import { badRequest, type FaultError } from '../fault.ts'

/** A piece of a filter; `at` is its place, counted from 1. */
export interface Token {
  kind: 'word' | 'text' | 'number' | '(' | ')' | ',' | 'end'
  /** Of a text, what is between its quotes. */
  value: string
  at: number
}

export const MAX_FILTER_LENGTH = 8192

/** One piece. A time without quotes, as OData itself writes it, is a text here. */
const PIECE = new RegExp(
  [
    /'(?<text>(?:[^']|'')*)'/,
    /(?<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)(?![\w.:])/,
    /(?<number>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])/,
    /(?<word>[a-z_][a-z0-9_]*)/,
    /(?<mark>[(),])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'iy',
)
const BLANKS = /\s*/y

/** The pieces of a filter, an `end` behind them. Throws `bad_request` naming the place that cannot be read. */
export function filterTokens(filter: string): Token[] {
  if (filter.length > MAX_FILTER_LENGTH) throw badRequest('filter', `must have at most ${MAX_FILTER_LENGTH} characters`)
  const tokens: Token[] = []
  for (let place = behind(BLANKS, filter, 0); place < filter.length; place = behind(BLANKS, filter, PIECE.lastIndex)) {
    PIECE.lastIndex = place
    const groups = PIECE.exec(filter)?.groups
    if (groups === undefined) throw atPlace(place + 1, unreadable(filter.slice(place)))
    tokens.push({ ...tokenOf(groups), at: place + 1 })
  }
  return [...tokens, { kind: 'end', value: '', at: filter.length + 1 }]
}

/** A refusal of the filter that says where. */
export function atPlace(at: number, why: string): FaultError {
  return badRequest('filter', `at character ${at}: ${why}`)
}

function behind(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  pattern.exec(text)
  return pattern.lastIndex
}

function tokenOf({ text, time, number, word, mark }: Record<string, string | undefined>): Omit<Token, 'at'> {
  if (text !== undefined) return { kind: 'text', value: text.replaceAll("''", "'") }
  if (time !== undefined) return { kind: 'text', value: time }
  if (number !== undefined) return { kind: 'number', value: number }
  return word !== undefined ? { kind: 'word', value: word } : { kind: mark as '(', value: mark as string }
}

function unreadable(rest: string): string {
  if (rest.startsWith("'")) return 'the quote is never closed'
  return `${JSON.stringify([...rest].slice(0, 20).join(''))} cannot be read`
}
