import { readTimeRange } from '../../record/time.ts'

/** The parameters of a request that this dialect knows, as written, by name. */
export type Parameters = ReadonlyMap<string, string>

/** What is wrong with parameters, by name. The readers here add to it and give null, so that one answer names them all. */
export type Problems = Map<string, string[]>

/** Of one parameter; room for a list of the longest ids. */
const MAX_LENGTH = 6000

export function addProblem(problems: Problems, name: string, why: string): null {
  problems.set(name, [...(problems.get(name) ?? []), why])
  return null
}

/** Takes the known parameters out of a parsed query string; others are ignored. */
export function readParameters(query: unknown, known: readonly string[], problems: Problems): Parameters {
  const raw = (query ?? {}) as Record<string, unknown>
  const read = new Map<string, string>()
  for (const name of known) {
    const value = raw[name]
    if (value === undefined) continue
    const why = problemOf(value)
    if (why === null) read.set(name, (value as string).trim())
    else addProblem(problems, name, why)
  }
  return read
}

function problemOf(value: unknown): string | null {
  if (typeof value !== 'string') return 'must be given only once'
  if (value.trim() === '') return 'must not be empty; leave it out to not filter by it'
  if (value.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`
  return /\p{Cc}/u.test(value) ? 'must not have control characters' : null
}

/** A whole number within the bounds; null where it is not given, or wrong. */
export function readWhole(
  given: Parameters,
  name: string,
  { least, most, problems }: { least: number; most: number; problems: Problems },
): number | null {
  const value = given.get(name)
  if (value === undefined) return null
  const whole = wholeOf(value)
  if (whole >= least && whole <= most) return whole
  return addProblem(problems, name, `must be a whole number from ${least} to ${most}`)
}

/** An id: a whole number, 0 or more; null where it is not given, or wrong. */
export function readId(given: Parameters, name: string, problems: Problems): number | null {
  return readWhole(given, name, { least: 0, most: Number.MAX_SAFE_INTEGER, problems })
}

/** Ids with commas between, each once; null where none is given, or one is wrong. */
export function readIds(
  given: Parameters,
  name: string,
  { most, problems }: { most: number; problems: Problems },
): number[] | null {
  const value = given.get(name)
  if (value === undefined) return null
  const ids = new Set(value.split(',').map((id) => wholeOf(id.trim())))
  if (ids.has(Number.NaN)) return addProblem(problems, name, 'must be whole numbers with commas between')
  if (ids.size > most) return addProblem(problems, name, `must be at most ${most} ids`)
  return [...ids]
}

/** NaN for anything but the digits of a safe integer: no sign, point, blank or exponent. */
function wholeOf(digits: string): number {
  const whole = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN
  return Number.isSafeInteger(whole) ? whole : Number.NaN
}

/** One of the words, in any case, as the list writes it; null where it is not given, or none of them. */
export function readWord<T extends string>(
  given: Parameters,
  name: string,
  { words, problems }: { words: readonly T[]; problems: Problems },
): T | null {
  const value = given.get(name)?.toLowerCase()
  if (value === undefined) return null
  return words.find((word) => word === value) ?? addProblem(problems, name, `must be one of ${words.join(', ')}`)
}

/** Epoch microseconds, the end exclusive. */
export interface Span {
  fromUs: number
  beforeUs: number
}

/**
 * The span of an ISO 8601 date or time: of a date the whole local day in `zone`, of a minute that minute. Null where it
 * is not given, or wrong.
 */
export function readSpan(
  given: Parameters,
  name: string,
  { zone, problems }: { zone: string; problems: Problems },
): Span | null {
  const value = given.get(name)
  if (value === undefined) return null
  // The reader of times also knows forms that only switches write; a client that sends one of those meant another.
  const span = /^\d{4}-\d\d-\d\d(?:[T ]|$)/i.test(value) ? readTimeRange(value, zone) : null
  return span ?? addProblem(problems, name, 'must be an ISO 8601 date or time, such as 2025-08-01')
}
