import { badRequest } from '../fault.ts'

/** The parameters of a request that a dialect knows, as written, by name. */
export type Parameters = ReadonlyMap<string, string>

const MAX_LENGTH = 256

/**
 * Takes the known parameters out of a parsed query string; others are ignored, as Plivo does. Throws `bad_request`
 * naming the parameter when it is given twice, empty, or longer than 256 characters.
 */
export function readParameters(query: unknown, known: readonly string[]): Parameters {
  const raw = (query ?? {}) as Record<string, unknown>
  const read = new Map<string, string>()
  for (const name of known) {
    const value = raw[name]
    if (value === undefined) continue
    if (typeof value !== 'string') throw badRequest(name, 'must be given only once')
    if (value.trim() === '') throw badRequest(name, 'must not be empty; leave it out to not filter by it')
    if (value.length > MAX_LENGTH) throw badRequest(name, `must have at most ${MAX_LENGTH} characters`)
    read.set(name, value)
  }
  return read
}

/** A whole number within the bounds, null where it is not given. Throws `bad_request` for anything else. */
export function readCount(
  given: Parameters,
  name: string,
  { least, most }: { least: number; most: number } = { least: 0, most: Number.MAX_SAFE_INTEGER },
): number | null {
  const value = given.get(name)
  if (value === undefined) return null
  const count = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
  if (count >= least && count <= most) return count
  const bounds = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`
  throw badRequest(name, `must be a whole number${bounds}`)
}

/** One of the allowed values, in any case, as the list writes it; null where it is not given. */
export function readChoice<T extends string>(given: Parameters, name: string, allowed: readonly T[]): T | null {
  const value = given.get(name)?.trim().toLowerCase()
  if (value === undefined) return null
  const choice = allowed.find((one) => one.toLowerCase() === value)
  if (choice === undefined) throw badRequest(name, `must be one of ${allowed.join(', ')}`)
  return choice
}
