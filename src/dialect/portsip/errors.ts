import { Type } from 'typebox'
import type { Fault } from '../fault.ts'

/** PortSIP's error body. */
export const PortsipError = Type.Object({
  errors: Type.Array(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      detail: Type.Optional(Type.Unsafe<unknown>({ description: 'More, where there is more to say.' })),
    }),
  ),
})

type Code =
  | 'UNKNOWN'
  | 'VALIDATE_FAILED'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'TOO_MANY_REQUESTS'

/** An error as it goes out. */
export interface PortsipErrorAnswer {
  status: number
  headers: Record<string, string>
  body: { errors: { code: Code; message: string; detail?: unknown }[] }
}

/**
 * PortSIP's answer to a fault. Source: the "Errors" of PortSIP's REST documentation: the body, `UNKNOWN` with "unknown
 * error" and `VALIDATE_FAILED` with "field validation failed"; `UNAUTHORIZED` is in its authentication guide. The other
 * codes are ours, in the same form: clients take a code that they do not know for `UNKNOWN`. What is wrong with a field is
 * in `detail`, as `{"field", "reason"}`.
 */
export function toPortsipError(fault: Fault): PortsipErrorAnswer {
  switch (fault.code) {
    case 'unauthenticated':
      return answer(401, 'UNAUTHORIZED', 'authentication failed', {
        detail: fault.why,
        headers: { 'www-authenticate': 'Bearer' },
      })
    case 'forbidden':
      return answer(403, 'FORBIDDEN', fault.why)
    case 'call_not_found':
      return answer(404, 'NOT_FOUND', 'there is no such call')
    case 'not_found':
      return answer(404, 'NOT_FOUND', `there is no ${fault.what}`)
    case 'unknown_path':
      return answer(404, 'NOT_FOUND', 'there is nothing at this path')
    case 'method_not_allowed':
      return answer(405, 'METHOD_NOT_ALLOWED', 'this path takes other methods', {
        headers: { allow: fault.allow.join(', ') },
      })
    case 'bad_request':
      return invalid(400, fault.field, fault.why)
    case 'conflict':
      return invalid(409, fault.field, fault.why)
    case 'too_large':
      return invalid(413, 'body', `is larger than ${fault.limitBytes} bytes`)
    case 'unsupported_media':
      return invalid(415, 'body', fault.why)
    case 'rate_limited':
      return answer(429, 'TOO_MANY_REQUESTS', 'too many requests', { headers: retryAfter(fault) })
    case 'too_many_to_sort':
      return invalid(
        400,
        'orderby',
        `${fault.matches} calls match, too many to sort by this: filter them, or sort by time`,
      )
    case 'too_slow':
      return answer(503, 'UNKNOWN', 'unknown error', {
        detail: `this took longer than ${fault.deadlineS} s and was given up: ask for a shorter range of time`,
      })
    case 'overloaded':
      return answer(503, 'UNKNOWN', 'unknown error', {
        detail: 'overloaded: come back later',
        headers: retryAfter(fault),
      })
    case 'cannot_store':
      return answer(503, 'UNKNOWN', 'unknown error', {
        detail: 'nothing can be stored just now: come back later',
        headers: retryAfter(fault),
      })
    case 'internal':
      return answer(500, 'UNKNOWN', 'unknown error')
  }
}

/** As `toPortsipError`, of a grant: one that fails is answered 400, as the authentication guide shows. */
export function toGrantError(fault: Fault): PortsipErrorAnswer {
  if (fault.code !== 'unauthenticated' && fault.code !== 'forbidden') return toPortsipError(fault)
  return answer(400, 'UNAUTHORIZED', 'Login failed, authentication error', { detail: fault.why })
}

function answer(
  status: number,
  code: Code,
  message: string,
  { detail, headers = {} }: { detail?: unknown; headers?: Record<string, string> } = {},
): PortsipErrorAnswer {
  return { status, headers, body: { errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] } }
}

function invalid(status: number, field: string, reason: string): PortsipErrorAnswer {
  return answer(status, 'VALIDATE_FAILED', 'field validation failed', { detail: { field, reason } })
}

function retryAfter({ retryAfterS }: { retryAfterS: number }): Record<string, string> {
  return { 'retry-after': String(retryAfterS) }
}
