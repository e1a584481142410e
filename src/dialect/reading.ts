import type { FastifyReply } from 'fastify'
import type { Reading } from '../store/call-store.ts'
import { badRequest } from './fault.ts'
import type { DialectLimits } from './parts.ts'

/** How the reads for an answer end early: with the connection that waits for it, and at the deadline of lists. */
export function readingFor(
  reply: FastifyReply,
  { listDeadlineS }: Pick<DialectLimits, 'listDeadlineS'>,
): Required<Reading> {
  const controller = new AbortController()
  const { raw } = reply
  // Comes after every answer too, when it has been written.
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort(badRequest('request', 'was given up by its client'))
  })
  return { signal: controller.signal, deadlineMs: listDeadlineS === null ? null : listDeadlineS * 1000 }
}
