import { DiskRefusedError, StoreBusyError, TooManyToSortError, TooSlowError } from '../store/call-store.ts'

/** What can go wrong for a caller of any dialect. A new code breaks every dialect's build, on purpose. */
export type Fault =
  | { code: 'unauthenticated'; why: string }
  | { code: 'forbidden'; why: string }
  | { code: 'call_not_found'; callId: string }
  | { code: 'not_found'; what: string }
  | { code: 'unknown_path' }
  | { code: 'method_not_allowed'; allow: readonly string[] }
  | { code: 'bad_request'; field: string; why: string }
  | { code: 'conflict'; field: string; why: string }
  | { code: 'too_large'; limitBytes: number }
  | { code: 'unsupported_media'; why: string }
  | { code: 'rate_limited'; retryAfterS: number }
  | { code: 'too_many_to_sort'; matches: number }
  | { code: 'too_slow'; deadlineS: number }
  | { code: 'overloaded'; retryAfterS: number }
  | { code: 'cannot_store'; retryAfterS: number }
  | { code: 'internal' }

export type FaultCode = Fault['code']

/** Thrown anywhere under a dialect's routes; its plugin's error handler answers it in the dialect's own voice. */
export class FaultError extends Error {
  readonly fault: Fault
  constructor(fault: Fault) {
    super('why' in fault ? `${fault.code}: ${fault.why}` : fault.code)
    this.fault = fault
  }
}

export function badRequest(field: string, why: string): FaultError {
  return new FaultError({ code: 'bad_request', field, why })
}

/** The fault behind whatever was thrown: ours, the store's, Fastify's own refusals, else `internal`. */
export function toFault(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault
  if (error instanceof DiskRefusedError) return { code: 'cannot_store', retryAfterS: error.retryAfterS }
  if (error instanceof StoreBusyError) return { code: 'overloaded', retryAfterS: error.retryAfterS }
  if (error instanceof TooManyToSortError) return { code: 'too_many_to_sort', matches: error.matches }
  if (error instanceof TooSlowError) return { code: 'too_slow', deadlineS: error.deadlineMs / 1000 }
  const { statusCode, code, message, limit } = (error ?? {}) as {
    statusCode?: number
    code?: string
    message?: string
    limit?: number
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { code: 'too_large', limitBytes: limit ?? 0 }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return { code: 'unsupported_media', why: 'send application/json' }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return { code: 'bad_request', field: 'request', why: message ?? 'cannot be read' }
  return { code: 'internal' }
}
