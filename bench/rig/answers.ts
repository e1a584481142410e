import { isDeepStrictEqual } from 'node:util'
import { request } from 'undici'
import { type Bench, sidesOf } from './bench.ts'
import type { Asking } from './load-jobs.ts'
import type { Tenant } from './plan.ts'
import type { Side } from './side.ts'

/** A side does not answer as it should: its figures would mean nothing. */
export class WrongAnswerError extends Error {}

/** Native paths are asked with a bearer key, Plivo's with the account and the key. */
export function asking(tenant: Tenant, path: string): Asking {
  const { accountId, key } = tenant
  const authorization = path.startsWith('/calltrail/')
    ? `Bearer ${key}`
    : `Basic ${Buffer.from(`${accountId}:${key}`).toString('base64')}`
  return { path, authorization }
}

export async function answerOf(side: Side, { path, authorization }: Asking): Promise<Record<string, unknown>> {
  const response = await request(side.origin + path, { headers: { authorization } })
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
  return total ?? (meta as { total_count?: unknown } | undefined)?.total_count
}

const OWN = new Set(['id', 'change_seq', 'received_at', 'updated_at', 'next_cursor', 'api_id'])

/** The answer without what depends on the order and the time of arrival. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !OWN.has(name))
      .map(([name, inner]) => [name, comparable(inner)]),
  )
}
