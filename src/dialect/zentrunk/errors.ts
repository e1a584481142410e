import { randomUUID } from 'node:crypto'
import { type Static, Type } from 'typebox'
import type { Fault } from '../fault.ts'

/** The error body of both Plivo dialects. Clients read `error`; `api_id` names the request. */
export const PlivoError = Type.Object({
  api_id: Type.String({ format: 'uuid' }),
  error: Type.String(),
})
export type PlivoError = Static<typeof PlivoError>

/** An error as it goes out. */
export interface PlivoErrorAnswer {
  status: number
  headers: Record<string, string>
  body: PlivoError
}

/**
 * Plivo's answer to a fault. Source: the "API Overview" of Plivo's documentation (status codes; the body
 * `{"api_id", "error"}`). The texts are ours: Plivo publishes none for these paths, and its clients read only the key.
 * 409, 413, 415 and 503 are not reached by the reads there are, but every fault has an answer.
 */
export function toPlivoError(fault: Fault, apiId: string = randomUUID()): PlivoErrorAnswer {
  const answer = (status: number, error: string, headers: Record<string, string> = {}) => ({
    status,
    headers,
    body: { api_id: apiId, error },
  })
  switch (fault.code) {
    case 'unauthenticated':
      return answer(401, `authentication failed: ${fault.why}`, {
        'www-authenticate': 'Basic realm="Calltrail", charset="UTF-8"',
      })
    case 'forbidden':
      return answer(403, `forbidden: ${fault.why}`)
    case 'call_not_found':
      return answer(404, 'not found: this account has no such call')
    case 'not_found':
      return answer(404, `not found: ${fault.what}`)
    case 'unknown_path':
      return answer(404, 'not found: there is nothing at this path')
    case 'method_not_allowed':
      return answer(405, 'method not allowed', { allow: fault.allow.join(', ') })
    case 'bad_request':
    case 'conflict':
      return answer(fault.code === 'conflict' ? 409 : 400, `${fault.field}: ${fault.why}`)
    case 'too_large':
      return answer(413, `the body is larger than ${fault.limitBytes} bytes`)
    case 'unsupported_media':
      return answer(415, fault.why)
    case 'rate_limited':
      return answer(429, 'too many requests', { 'retry-after': String(fault.retryAfterS) })
    case 'too_many_to_sort':
      return answer(400, `${fault.matches} calls match, too many to sort by this field`)
    case 'too_slow':
      return answer(503, `this took longer than ${fault.deadlineS} s and was given up: ask for a shorter range of time`)
    case 'overloaded':
      return answer(503, 'overloaded: come back later', { 'retry-after': String(fault.retryAfterS) })
    case 'cannot_store':
      return answer(503, 'nothing can be stored just now: come back later', {
        'retry-after': String(fault.retryAfterS),
      })
    case 'internal':
      return answer(500, 'internal error')
  }
}
