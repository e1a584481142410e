import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface UnreadLimits {
  /** Seconds without reading anything after which a client is let go. */
  seconds: number
  /** As `seconds`, while much is unread and once the server stops. */
  hurriedSeconds?: number
  /** What all answers together may hold in memory unread before clients are hurried. */
  mostBytes?: number
}

/**
 * Closes a connection whose client has read nothing for `seconds` of an answer that waits for it: what the answer holds
 * in memory would be held as long as the client likes. A client that reads, however slowly, that sends slowly, or that
 * waits for an answer being made, is left alone.
 */
export function closeUnread(
  app: FastifyInstance,
  { seconds, hurriedSeconds = 5, mostBytes = 128 * 1024 * 1024 }: UnreadLimits,
): void {
  const usualMs = seconds * 1000
  const hurriedMs = Math.min(usualMs, hurriedSeconds * 1000)
  let isStopping = false
  /** Connections with answers under way, and how many. */
  const answering = new Map<Socket, number>()
  const hurry = () => {
    for (const socket of answering.keys()) if (socket.timeout !== hurriedMs) socket.setTimeout(hurriedMs)
  }
  app.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answering.set(socket, (answering.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const others = (answering.get(socket) ?? 0) - 1
      if (others > 0) answering.set(socket, others)
      else answering.delete(socket)
    })
  })
  // Node's own timer: a part of an answer that the kernel took counts as activity. It also ends idle connections.
  app.server.timeout = usualMs
  app.server.on('timeout', (socket: Socket) => {
    if (socket.writableLength > 0 || !answering.has(socket)) socket.destroy()
    else socket.setTimeout(isStopping ? hurriedMs : usualMs)
  })
  const looking = setInterval(() => {
    if (isStopping || unreadBytes(answering.keys()) > mostBytes) hurry()
  }, 1000).unref()
  app.addHook('preClose', async () => {
    isStopping = true
    hurry()
  })
  app.addHook('onClose', async () => clearInterval(looking))
}

function unreadBytes(sockets: Iterable<Socket>): number {
  let bytes = 0
  for (const socket of sockets) bytes += socket.writableLength
  return bytes
}
