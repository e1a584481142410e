import type { FastifyReply } from 'fastify'
import type { TextPage } from '../../store/call-encoder.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** Sends a list whose calls the store has written already with the encoder `listed`; `others` stand behind them. */
export function sendList(
  reply: FastifyReply,
  { text, calls }: TextPage,
  others: Record<string, unknown>,
): FastifyReply {
  const written = calls === 0 ? '' : text.slice(0, -1)
  const list = `{"calls":[${written}],${JSON.stringify(others).slice(1)}`
  return reply.type(JSON_TYPE).send(list)
}
