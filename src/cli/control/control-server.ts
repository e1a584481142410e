import { chmodSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { runCommandLine } from '../command-line.ts'
import { EXIT } from '../exit.ts'
import { addFolderCommands } from '../folder-commands.ts'
import type { Host } from '../host.ts'
import type { Calltrail } from '../open.ts'
import { placeSocket } from './control-path.ts'
import type { CommandRequest, ServerStatus } from './control-protocol.ts'
import { RemoteConsole } from './remote-console.ts'

export interface ControlServer {
  /** Where it listens. */
  path: string
  /** Stops the commands that run, and resolves when they have ended. */
  stop(): Promise<void>
}

interface Parts {
  calltrail: Calltrail
  /** Absolute path of the data folder. */
  folder: string
  status: ServerStatus
}

/** Takes commands for an opened folder on its socket, which only the same user may use. */
export async function listenControl(parts: Parts): Promise<ControlServer> {
  const place = placeSocket(parts.folder)
  const running = new Map<string, { abort: AbortController; ended: Promise<void> }>()
  const server = createServer((request, response) => {
    const [, collection, id] = (request.url ?? '').split('/')
    if (request.method === 'GET' && request.url === '/') answerJson(response, parts.status)
    else if (request.method === 'POST' && request.url === '/commands') run(parts, { request, response, running })
    else if (request.method === 'DELETE' && collection === 'commands') {
      running.get(id ?? '')?.abort.abort()
      response.writeHead(204).end()
    } else response.writeHead(404).end()
  })
  // Standard input comes for as long as it comes.
  server.requestTimeout = 0
  await listenPrivately(server, place.path)
  return {
    path: place.path,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const { abort } of running.values()) abort.abort()
      await Promise.all([...running.values()].map(({ ended }) => ended))
      server.closeAllConnections()
      await closed
      place.remove()
    },
  }
}

/** The mode is right from the first moment on: a socket is made with what the umask leaves. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const umask = process.umask(0o177)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      server.off('error', reject)
      resolve()
    })
    process.umask(umask)
  })
}

function run(
  parts: Parts,
  given: {
    request: IncomingMessage
    response: ServerResponse
    running: Map<string, { abort: AbortController; ended: Promise<void> }>
  },
): void {
  const { request, response, running } = given
  const abort = new AbortController()
  response.once('close', () => abort.abort())
  const ended = readRequest(request)
    .then(async ({ asked, stdin }) => {
      running.set(asked.id, { abort, ended })
      response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' })
      response.flushHeaders()
      const console = new RemoteConsole({ response, stdin, signal: abort.signal })
      await console.exit(await runFor(parts, asked, console).finally(() => running.delete(asked.id)))
    })
    .catch(() => void response.destroy())
}

async function runFor(
  { calltrail, folder }: Parts,
  { argv, cwd }: CommandRequest,
  console: RemoteConsole,
): Promise<number> {
  let code: number = EXIT.done
  const host: Host = {
    cwd,
    async onFolder({ json = false }, _needs, command) {
      code = await command({ calltrail, directory: calltrail.directory, console, folder, cwd, json })
    },
    async onDirectory({ json = false }, _needs, command) {
      code = await command({ directory: calltrail.directory, console, folder, cwd, json })
    },
  }
  return runCommandLine(argv, { console, add: (program) => addFolderCommands(program, host), exitCode: () => code })
}

const MAX_REQUEST_BYTES = 16 * 1024 * 1024

/** The first line of a body, and what comes after it. */
async function readRequest(
  body: IncomingMessage,
): Promise<{ asked: CommandRequest; stdin: AsyncIterable<Uint8Array> }> {
  const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  while (!held.includes(10)) {
    const { done, value } = await chunks.next()
    if (done || held.length > MAX_REQUEST_BYTES) throw new Error('no request')
    held = Buffer.concat([held, value])
  }
  const end = held.indexOf(10)
  return {
    asked: JSON.parse(held.toString('utf8', 0, end)) as CommandRequest,
    stdin: (async function* () {
      if (end + 1 < held.length) yield held.subarray(end + 1)
      yield* { [Symbol.asyncIterator]: () => chunks }
    })(),
  }
}

function answerJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}
