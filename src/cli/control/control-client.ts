import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Console } from '../console.ts'
import { CommandError, EXIT } from '../exit.ts'
import { findSocket } from './control-path.ts'
import type { CommandEvent, CommandRequest, ServerStatus } from './control-protocol.ts'

/** Who serves a folder; null when nobody listens on its socket. */
export async function askStatus(folder: string): Promise<ServerStatus | null> {
  const asked = request({ socketPath: findSocket(folder), path: '/', timeout: 5000 })
  asked.once('timeout', () => asked.destroy(new Error('the server of this folder does not answer')))
  asked.end()
  const response = await answerTo(asked)
  if (response === null) return null
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString()) as ServerStatus
}

/**
 * Has a command line run by the process that serves a folder, its output on this console. Resolves with the exit code,
 * or with null when nobody listens on the folder's socket and nothing was done.
 */
export async function runInServer(
  folder: string,
  { argv, cwd, stdin }: Omit<CommandRequest, 'id'>,
  console: Console,
): Promise<number | null> {
  const id = randomUUID()
  const socketPath = findSocket(folder)
  const asked = request({ socketPath, method: 'POST', path: '/commands' })
  asked.write(`${JSON.stringify({ id, argv, cwd, stdin } satisfies CommandRequest)}\n`)
  const answered = answerTo(asked)
  if (stdin) sendInput(asked, answered, console)
  else asked.end()
  const response = await answered
  if (response === null) return null
  const cancel = () =>
    request({ socketPath, method: 'DELETE', path: `/commands/${id}` })
      .on('error', () => {})
      .end()
  if (console.signal.aborted) cancel()
  console.signal.addEventListener('abort', cancel)
  try {
    return await follow(response, console)
  } finally {
    console.signal.removeEventListener('abort', cancel)
    response.destroy()
  }
}

/** The response, or null when the socket is not there or is a killed server's. */
async function answerTo(asked: ClientRequest): Promise<IncomingMessage | null> {
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    asked.on('error', () => {})
    return response
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return null
    if (code === 'EACCES')
      throw new CommandError(EXIT.inUse, 'another user serves this folder: run the command as that user')
    throw error
  }
}

/** The command may end before its input does; then nobody minds the rest. */
function sendInput(asked: ClientRequest, answered: Promise<unknown>, console: Console): void {
  answered
    .then((response) => (response === null ? undefined : pipeline(console.stdin(), asked)))
    .catch(() => void asked.destroy())
}

async function follow(response: IncomingMessage, console: Console): Promise<number> {
  for await (const event of eventsOf(response)) {
    if ('out' in event) await console.out(event.out)
    else if ('say' in event) console.say(event.say)
    else if ('progress' in event) console.progress(event.progress)
    else return event.exit
  }
  throw new CommandError(EXIT.failed, 'the server ended before the command did')
}

async function* eventsOf(response: IncomingMessage): AsyncGenerator<CommandEvent> {
  response.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() as string
      for (const line of lines) yield JSON.parse(line) as CommandEvent
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
  }
}
