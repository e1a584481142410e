import { isDeepStrictEqual } from 'node:util'
import { request } from 'undici'
import { type Bench, sidesOf } from './bench.ts'
import type { Asking } from './load-jobs.ts'
import type { Tenant } from './plan.ts'
import type { Side } from './side.ts'

/** A side does not answer as it should: its figures would mean nothing. */
export class WrongAnswerError extends Error {}

/** Native paths are asked with a bearer key, NectarDesk's with the key, Plivo's with the account and the key. */
export function asking({ accountId, key }: Tenant, path: string): Asking {
  if (path.startsWith('/calltrail/')) return { path, headers: { authorization: `Bearer ${key}` } }
  if (path.startsWith('/api/')) return { path, headers: { 'access-token': key } }
  const credentials = Buffer.from(`${accountId}:${key}`).toString('base64')
  return { path, headers: { authorization: `Basic ${credentials}` } }
}

export async function answerOf(side: Side, { path, headers }: Asking): Promise<Record<string, unknown>> {
  const response = await request(side.origin + path, { headers })
  const text = await response.body.text()
  if (response.statusCode !== 200)
    throw new WrongAnswerError(`${side.name} answers ${path} with ${response.statusCode}: ${text.slice(0, 300)}`)
  return JSON.parse(text) as Record<string, unknown>
}

/**
 * Asks both sides and compares: the whole answers but for what each side numbers for itself, and the total, where the
 * plan says it. Throws `WrongAnswerError`.
 */
export async function checkAnswers(bench: Bench, questions: readonly { asking: Asking; total?: number }[]) {
  for (const { asking, total } of questions) {
    const answers = await Promise.all(sidesOf(bench).map((side) => answerOf(side, asking)))
    sidesOf(bench).forEach((side, at) => {
      const told = totalOf(answers[at] as Record<string, unknown>)
      if (total !== undefined && told !== total)
        throw new WrongAnswerError(`${side.name} counts ${told} for ${asking.path}, and there are ${total}`)
    })
    const [ours, theirs] = answers.map(comparable)
    if (theirs !== undefined && !isDeepStrictEqual(ours, theirs))
      throw new WrongAnswerError(
        `the sides answer ${asking.path} differently:\n${JSON.stringify(ours)}\n${JSON.stringify(theirs)}`,
      )
  }
}

function totalOf({ total, meta }: Record<string, unknown>): unknown {
  const { total_count, total: inMeta } = (meta ?? {}) as Record<string, unknown>
  return total ?? total_count ?? inMeta
}

const OWN = new Set(['change_seq', 'received_at', 'updated_at', 'next_cursor', 'api_id', 'original_call_id'])

/** The answer without what depends on the order and the time of arrival. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  // A call's id is its side's own; that of an agent or a contact list is not.
  const isCall = 'call_uuid' in value || 'is_inbound' in value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !OWN.has(name) && !(isCall && name === 'id'))
      .map(([name, inner]) => [name, comparable(inner)]),
  )
}
