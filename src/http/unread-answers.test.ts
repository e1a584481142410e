import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, it } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { closeUnread, type UnreadLimits } from './unread-answers.ts'

/** More than the kernel takes for a connection on one machine. */
const LONG = Buffer.alloc(24 * 1024 * 1024, 'x')

function* endless(): Generator<Buffer> {
  for (;;) yield LONG.subarray(0, 65_536)
}

describe('an answer that nobody reads', () => {
  let app: FastifyInstance
  const clients: Socket[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await app.close()
  })

  async function listening(limits: UnreadLimits): Promise<number> {
    app = Fastify()
    closeUnread(app, limits)
    app.get('/long', (_request, reply) => reply.send(LONG))
    app.get('/endless', (_request, reply) => reply.send(Readable.from(endless())))
    app.get('/never', () => new Promise(() => {}))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return (app.server.address() as { port: number }).port
  }

  /** The server's end of a connection over which somebody asks, and reads nothing. */
  async function asked(port: number, path: string): Promise<Socket> {
    const arrived = once(app.server, 'request')
    const client = connect(port, '127.0.0.1').pause()
    client.on('error', () => {})
    clients.push(client)
    client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const [{ socket }] = (await arrived) as [IncomingMessage]
    return socket
  }

  const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))

  it('is closed after its time', async () => {
    const socket = await asked(await listening({ seconds: 1 }), '/long')
    await closed(socket)
    assert.ok(socket.bytesWritten > 0)
  })

  it('is closed sooner where such answers hold much memory', async () => {
    const socket = await asked(await listening({ seconds: 3600, hurriedSeconds: 1, mostBytes: 1_000_000 }), '/long')
    await closed(socket)
  })

  it('does not hold up the end of the server', async () => {
    const port = await listening({ seconds: 3600, hurriedSeconds: 1 })
    const socket = await asked(port, '/endless')
    await Promise.all([app.close(), closed(socket)])
  })

  it('is not one that is still being made, however long that takes', async () => {
    const port = await listening({ seconds: 1 })
    const waiting = await asked(port, '/never')
    await closed(await asked(port, '/long'))
    await closed(await asked(port, '/long'))
    assert.equal(waiting.destroyed, false)
    clients[0]?.destroy()
    await closed(waiting)
  })
})
