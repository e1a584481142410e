import type { FastifyReply } from 'fastify'
import type { TextPage } from '../../store/call-encoder.ts'

const BEGIN = Buffer.from('{"calls":[')

/** Sends a list whose calls the store has written already with the encoder `listed`; `others` stand behind them. */
export function sendList(
  reply: FastifyReply,
  { bytes, calls }: TextPage,
  others: Record<string, unknown>,
): FastifyReply {
  const written = calls === 0 ? bytes : bytes.subarray(0, bytes.length - 1)
  const end = Buffer.from(`],${JSON.stringify(others).slice(1)}`)
  return reply.type('application/json; charset=utf-8').send(Buffer.concat([BEGIN, written, end]))
}
