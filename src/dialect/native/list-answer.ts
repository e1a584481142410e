import type { FastifyReply } from 'fastify'
import type { TextPage } from '../../store/call-encoder.ts'
import { itemsOf, JSON_TYPE } from '../listed.ts'

/** Sends a list whose calls the store has written already with the encoder `listed`; `others` stand behind them. */
export function sendList(reply: FastifyReply, page: TextPage, others: Record<string, unknown>): FastifyReply {
  const list = `{"calls":[${itemsOf(page)}],${JSON.stringify(others).slice(1)}`
  return reply.type(JSON_TYPE).send(list)
}
