import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { fillDemo } from './demo-fill.ts'
import { demoIdentity } from './demo-identity.ts'
import { type DemoRequest, demoRequests } from './demo-requests.ts'
import { CommandError, EXIT } from './exit.ts'
import { addCommand, type CommonOptions } from './host.ts'
import { configFor, type LocalHost } from './local-host.ts'
import { grouped } from './table.ts'
import type { Terminal } from './terminal.ts'

const HELP = `
The demo lives in a folder of its own: --data, else demo/ in the data folder (./calltrail-data/demo). Started again, it
has the same account and key, and the days that have passed since are added. To end it for good, delete the folder.`

interface DemoOptions extends CommonOptions {
  port?: number
}

/** `calltrail demo`: a server with real calls in it, and requests to try. */
export function addDemo(program: Command, { host, terminal }: { host: LocalHost; terminal: Terminal }): void {
  addCommand(program, 'demo', 'serve a folder with captured calls of the last 60 days, and show what to ask')
    .option('--port <port>', 'port to listen on (default: 8080, or a free one where that is taken)', readPort)
    .addHelpText('after', HELP)
    .action(async (options: DemoOptions) => {
      await runDemo(options, { host, terminal })
      host.exitCode = EXIT.done
    })
}

function readPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('must be a port: 0 to 65535')
  return Number(text)
}

async function runDemo(options: DemoOptions, { host, terminal }: { host: LocalHost; terminal: Terminal }) {
  const startMs = performance.now()
  const { environment } = host
  const usual = configFor(options, environment)
  const data = options.data ?? join(usual.data, 'demo')
  const identity = demoIdentity(resolve(data))
  const config = {
    ...usual,
    data,
    listen: await listenFor(usual.listen, options.port, terminal),
    logLevel: environment.CALLTRAIL_LOG_LEVEL === undefined ? 'warn' : usual.logLevel,
    bootstrapAccount: identity.account,
    bootstrapKey: identity.key,
  }
  const { runServer } = await import('./run-server.ts') // No other command needs the whole server.
  await runServer(config, {
    terminal,
    ready: async ({ calltrail, url }) => {
      const made = await fillDemo(calltrail, identity, terminal)
      const requests = await demoRequests({ calls: calltrail.calls, identity, url, nowUs: calltrail.now() })
      const seconds = Math.round((performance.now() - startMs) / 100) / 10
      const shown = {
        url,
        account: identity.account,
        key: identity.key,
        data: resolve(data),
        ...made,
        seconds,
        requests,
      }
      await terminal.out(options.json ? `${JSON.stringify(shown)}\n` : demoText(shown))
    },
  })
}

/** The address to listen on: a taken port is an error only where it was asked for. */
async function listenFor(usual: string, port: number | undefined, terminal: Terminal): Promise<string> {
  const colon = usual.lastIndexOf(':')
  const host = usual.slice(0, colon)
  const wanted = port ?? Number(usual.slice(colon + 1))
  if (await isFree(host, wanted)) return `${host}:${wanted}`
  if (port !== undefined) throw new CommandError(EXIT.failed, `something listens on port ${port} already`)
  terminal.say(`Port ${wanted} is taken, so the demo listens on a free one.`)
  return `${host}:0`
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'))
    probe.listen(port, host.replace(/^\[|\]$/g, ''), () => probe.close(() => resolve(true)))
  })
}

function demoText(shown: {
  url: string
  account: string
  key: string
  data: string
  calls: number
  stored: number
  seconds: number
  requests: readonly DemoRequest[]
}): string {
  const requests = shown.requests.map(({ dialect, what, curl }) => `# ${dialect}: ${what}\n${curl}\n`).join('\n')
  return `
The Calltrail demo is up after ${shown.seconds} s: ${grouped(shown.calls)} calls and legs of the last 60 days, ${grouped(shown.stored)} of them new.

  server   ${shown.url}    documentation ${shown.url}/docs
  account  ${shown.account}
  key      ${shown.key}
  folder   ${shown.data}

${requests}
Ctrl-C ends it.
`
}
