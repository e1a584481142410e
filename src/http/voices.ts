import type { FastifyReply } from 'fastify'
import type { Fault } from '../dialect/fault.ts'
import { toNativeError } from '../dialect/native/errors.ts'
import { toNectarDeskError } from '../dialect/nectardesk/errors.ts'
import { toPortsipError } from '../dialect/portsip/errors.ts'
import { toPlivoError } from '../dialect/zentrunk/errors.ts'

interface Answer {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** Whose error bodies a path is answered with; what is nobody's is answered as the native API would. */
const VOICES: readonly [prefix: string, toError: (fault: Fault) => Answer][] = [
  ['/v1/', toPlivoError],
  ['/api/v1/', toNectarDeskError],
  ['/api/', toPortsipError],
  ['/', toNativeError],
]

/**
 * Answers what never reached a dialect's own handler: a URL that cannot be decoded, a path that nobody has. The voice
 * is chosen by how the path begins.
 */
export function answerFault(url: string, fault: Fault, reply: FastifyReply): FastifyReply {
  const [, toError] = VOICES.find(([prefix]) => url.startsWith(prefix)) ?? ['/', toNativeError]
  const { status, headers, body } = toError(fault)
  return reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .serializer((payload: string) => payload)
    .send(JSON.stringify(body))
}
