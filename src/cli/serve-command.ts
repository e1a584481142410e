import { resolve } from 'node:path'
import type { Command } from 'commander'
import { createdNotice } from './created-notice.ts'
import { EXIT } from './exit.ts'
import { addCommand, type CommonOptions } from './host.ts'
import { configFor, type LocalHost } from './local-host.ts'
import type { Served } from './serve.ts'
import type { Terminal } from './terminal.ts'
import { VERSION } from './version.ts'

/** `calltrail serve`: until SIGINT or SIGTERM. */
export function addServe(program: Command, { host, terminal }: { host: LocalHost; terminal: Terminal }): void {
  addCommand(program, 'serve', 'serve a data folder until SIGINT or SIGTERM; makes it where there is none')
    .option('--listen <address>', 'address and port (default: CALLTRAIL_LISTEN, else 127.0.0.1:8080)')
    .action(async (options: CommonOptions & { listen?: string }) => {
      const { environment } = host
      const listen = options.listen === undefined ? {} : { CALLTRAIL_LISTEN: options.listen }
      const config = configFor(options, { ...environment, ...listen })
      const { runServer } = await import('./run-server.ts') // No other command needs the whole server.
      await runServer(config, {
        terminal,
        ready: async (served) => {
          const { url, calltrail } = served
          const created = calltrail.created === null ? {} : { created: calltrail.created }
          const text = `${createdNotice(calltrail, config).join('\n')}${calltrail.created === null ? '' : '\n'}${welcome(served, config.data)}`
          await terminal.out(
            options.json ? `${JSON.stringify({ url, data: resolve(config.data), ...created })}\n` : text,
          )
        },
      })
      host.exitCode = EXIT.done
    })
}

function welcome({ url, calltrail: { directory } }: Served, folder: string): string {
  const [account] = directory.accounts()
  const id = account?.id ?? 'ACCOUNT'
  return `Calltrail ${VERSION} serves ${resolve(folder)} at ${url}
  native API      curl -H 'Authorization: Bearer KEY' '${url}/calltrail/v1/calls'
  Plivo           curl -u '${id}:KEY' '${url}/v1/Account/${id}/Zentrunk/Call/'
  NectarDesk      curl -H 'Access-Token: KEY' '${url}/api/v1/calls/'
  PortSIP         curl -H 'Authorization: Bearer KEY' '${url}/api/calllogs'
  documentation   ${url}/docs
  more keys       calltrail key create --name NAME --scope read
`
}
