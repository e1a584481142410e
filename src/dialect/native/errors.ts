import { type Static, Type } from 'typebox'
import type { Fault, FaultCode } from '../fault.ts'

/** The body of every answer of the native API that is not a success. */
export const NativeError = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: 'What went wrong, for programs; see docs/errors.md.' }),
      message: Type.String({ description: 'What went wrong, for people.' }),
      field: Type.Optional(Type.String({ description: 'The parameter or field at fault, e.g. rules[2].account_id.' })),
    }),
  },
  { description: 'What went wrong.' },
)
export type NativeError = Static<typeof NativeError>

/** The failures that any native route can answer with, for its `response` schemas. */
export const NativeFailures = { '4xx': NativeError, '5xx': NativeError } as const

/**
 * An answer that has not been sent. 401 carries `WWW-Authenticate` (RFC 9110, 11.6.1), 405 `Allow` (RFC 9110, 15.5.6),
 * 429 and 503 `Retry-After` in whole seconds.
 */
export interface NativeAnswer {
  status: number
  headers: Record<string, string>
  body: NativeError
}

export function toNativeError(fault: Fault): NativeAnswer {
  const { code } = fault
  switch (fault.code) {
    case 'unauthenticated':
      return native(
        401,
        { code, message: `${fault.why}; send Authorization: Bearer KEY` },
        { 'www-authenticate': 'Bearer' },
      )
    case 'forbidden':
      return native(403, { code, message: fault.why })
    case 'call_not_found':
      return native(404, { code, message: `this account has no call ${fault.callId.slice(0, 100)}` })
    case 'not_found':
      return native(404, { code, message: `there is no ${fault.what}` })
    case 'unknown_path':
      return native(404, { code, message: 'there is nothing at this path; /openapi.json lists what there is' })
    case 'method_not_allowed':
      return native(
        405,
        { code, message: `this path takes ${fault.allow.join(', ')}` },
        { allow: fault.allow.join(', ') },
      )
    case 'bad_request':
      return native(400, { code, message: `${fault.field}: ${fault.why}`, field: fault.field })
    case 'conflict':
      return native(409, { code, message: `${fault.field}: ${fault.why}`, field: fault.field })
    case 'too_large':
      return native(413, { code, message: `a request has at most ${fault.limitBytes} bytes` })
    case 'unsupported_media':
      return native(415, { code, message: fault.why })
    case 'too_many_to_sort':
      return native(422, {
        code,
        message: `${fault.matches} calls match, and up to a million can be sorted by another field than time: narrow the query`,
      })
    case 'rate_limited':
      return native(429, { code, message: `too many requests; come back in ${fault.retryAfterS} s` }, retryAfter(fault))
    case 'too_slow':
      return native(503, {
        code,
        message: `this took longer than ${fault.deadlineS} s and was given up: ask for a shorter range of time, or export it`,
      })
    case 'overloaded':
      return native(
        503,
        { code, message: `too much is waiting; come back in ${fault.retryAfterS} s` },
        retryAfter(fault),
      )
    case 'cannot_store':
      return native(
        503,
        { code, message: `the server's disk takes nothing more just now; come back in ${fault.retryAfterS} s` },
        retryAfter(fault),
      )
    case 'internal':
      return native(500, { code, message: 'something went wrong on the server; its log says what' })
  }
}

function native(
  status: number,
  error: NativeError['error'] & { code: FaultCode },
  headers: Record<string, string> = {},
): NativeAnswer {
  return { status, headers, body: { error } }
}

function retryAfter({ retryAfterS }: { retryAfterS: number }): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterS))) }
}
