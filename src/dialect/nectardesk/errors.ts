import { type Static, Type } from 'typebox'
import type { Fault } from '../fault.ts'

/** The error body of this dialect; `errors` names every parameter at fault with what is wrong with it. */
export const NectarDeskError = Type.Object({
  error: Type.String({ description: 'What went wrong, for people.' }),
  errors: Type.Optional(
    Type.Record(Type.String(), Type.Array(Type.String()), { description: 'The parameters at fault, and why.' }),
  ),
})
export type NectarDeskError = Static<typeof NectarDeskError>

/** An answer that has not been sent. */
export interface NectarDeskErrorAnswer {
  status: number
  headers: Record<string, string>
  body: NectarDeskError
}

/**
 * The answer to a fault. NectarDesk's documentation of `GET /calls/` says nothing of errors: the statuses are those of
 * HTTP, and the body is the form that clients of such APIs read. 401 carries `WWW-Authenticate` (RFC 9110, 11.6.1), 405
 * `Allow`, 429 and 503 `Retry-After` in whole seconds. 404 for a call, 409, 413 and 415 are not reached by the read there
 * is, but every fault has an answer.
 */
export function toNectarDeskError(fault: Fault): NectarDeskErrorAnswer {
  switch (fault.code) {
    case 'unauthenticated':
      return answer(401, `unauthorized: ${fault.why}; send the header Access-Token: KEY`, {
        'www-authenticate': 'Access-Token realm="Calltrail"',
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
      return answer(405, `method not allowed: this path takes ${fault.allow.join(', ')}`, {
        allow: fault.allow.join(', '),
      })
    case 'bad_request':
      return refuse(new Map([[fault.field, [fault.why]]]))
    case 'conflict':
      return answer(409, `${fault.field}: ${fault.why}`)
    case 'too_large':
      return answer(413, `a request has at most ${fault.limitBytes} bytes`)
    case 'unsupported_media':
      return answer(415, fault.why)
    case 'rate_limited':
      return answer(429, `too many requests; come back in ${fault.retryAfterS} s`, later(fault))
    case 'too_many_to_sort':
      return answer(400, `${fault.matches} calls match, too many to sort by this field`)
    case 'too_slow':
      return answer(503, `this took longer than ${fault.deadlineS} s and was given up: ask for a shorter range of time`)
    case 'overloaded':
      return answer(503, `too much is waiting; come back in ${fault.retryAfterS} s`, later(fault))
    case 'cannot_store':
      return answer(503, `nothing can be stored just now; come back in ${fault.retryAfterS} s`, later(fault))
    case 'internal':
      return answer(500, 'internal error')
  }
}

/** Everything that is wrong with the parameters of one request: the reasons by the parameter's name. */
export class WrongParametersError extends Error {
  readonly problems: ReadonlyMap<string, readonly string[]>
  constructor(problems: ReadonlyMap<string, readonly string[]>) {
    super(`wrong parameters: ${[...problems.keys()].join(', ')}`)
    this.problems = problems
  }
}

export function toWrongParameters({ problems }: WrongParametersError): NectarDeskErrorAnswer {
  return refuse(problems)
}

function refuse(problems: ReadonlyMap<string, readonly string[]>): NectarDeskErrorAnswer {
  const errors = Object.fromEntries([...problems].map(([name, reasons]) => [name, [...reasons]]))
  return { status: 400, headers: {}, body: { error: `cannot be read: ${[...problems.keys()].join(', ')}`, errors } }
}

function answer(status: number, error: string, headers: Record<string, string> = {}): NectarDeskErrorAnswer {
  return { status, headers, body: { error } }
}

function later({ retryAfterS }: { retryAfterS: number }): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterS))) }
}
