import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Seconds that a client has to go on reading once the server stops. */
const WHILE_STOPPING_S = 5

/**
 * Closes a connection whose client has read nothing for `seconds` of an answer that waits for it: what the answer holds
 * in memory would be held as long as the client likes. A client that reads, however slowly, that sends slowly, or that
 * waits for an answer being made, is left alone.
 */
export function closeUnread(app: FastifyInstance, { seconds }: { seconds: number }): void {
  let patienceS = seconds
  /** Connections with answers under way, and how many. */
  const answering = new Map<Socket, number>()
  app.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answering.set(socket, (answering.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const others = (answering.get(socket) ?? 0) - 1
      if (others > 0) answering.set(socket, others)
      else answering.delete(socket)
    })
  })
  // Node's own timer: a part of an answer that the kernel took counts as activity. It also ends idle connections.
  app.server.timeout = seconds * 1000
  app.server.on('timeout', (socket: Socket) => {
    if (socket.writableLength > 0 || !answering.has(socket)) socket.destroy()
    else socket.setTimeout(patienceS * 1000)
  })
  app.addHook('preClose', async () => {
    patienceS = Math.min(seconds, WHILE_STOPPING_S)
    for (const socket of answering.keys()) socket.setTimeout(patienceS * 1000)
  })
}
