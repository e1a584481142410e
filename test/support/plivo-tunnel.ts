import { createServer } from 'node:http'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { SelfSigned } from './self-signed.ts'

export interface Tunnel {
  /** For a client's proxy setting. */
  proxyUrl: string
  /** What was asked to be tunnelled to, in order. */
  asked: string[]
  close(): Promise<void>
}

/** A CONNECT proxy that leads every tunnel to one TLS server, which hands what it decrypts on to a plain HTTP port. */
export async function openTunnel(toPort: number, certificate: SelfSigned): Promise<Tunnel> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    return socket
  }
  const join = (one: Socket, other: Socket) => {
    keep(one).pipe(keep(other))
    other.pipe(one)
  }
  const tls = createTlsServer({ key: certificate.key, cert: certificate.cert }, (socket) =>
    join(socket, connect(toPort, '127.0.0.1')),
  )
  const tlsPort = await listen(tls)
  const asked: string[] = []
  const proxy = createServer().on('connect', (request, socket: Socket) => {
    asked.push(String(request.url))
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    join(socket, connect(tlsPort, '127.0.0.1'))
  })
  const proxyPort = await listen(proxy)
  return {
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy()
      await Promise.all([tls, proxy].map((server) => new Promise((closed) => server.close(closed))))
    },
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
