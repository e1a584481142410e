import { resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { FolderLockedError } from '../store/sqlite/folder/folder.ts'
import { askStatus } from './control/control-client.ts'
import { type ControlServer, listenControl } from './control/control-server.ts'
import { CommandError, EXIT } from './exit.ts'
import { foreignFolderWarning } from './foreign-folder.ts'
import { type Served, serve } from './serve.ts'
import type { Terminal } from './terminal.ts'
import { VERSION } from './version.ts'
import { whenFree } from './when-free.ts'

/**
 * Serves until the terminal is interrupted, then finishes what was accepted. `ready` is called once the server listens
 * and takes commands. Throws `CommandError` where the folder is held by another process or the port is taken; a store
 * that fails ends the process.
 */
export async function runServer(
  config: Config,
  { terminal, ready }: { terminal: Terminal; ready: (served: Served) => Promise<void> },
): Promise<void> {
  const warning = foreignFolderWarning(config.data)
  if (warning !== null) terminal.say(warning)
  const served = await start(config, terminal)
  const folder = resolve(config.data)
  const { calltrail, url } = served
  const control = await listenControl({ calltrail, folder, status: { pid: process.pid, version: VERSION, url } }).catch(
    (error: Error) => {
      terminal.say(`calltrail: takes no commands while it serves: ${error.message}`)
      return null
    },
  )
  try {
    await ready(served)
    await interrupted(terminal.signal)
  } finally {
    await stop(served, control)
  }
}

async function start(config: Config, terminal: Terminal): Promise<Served> {
  const onFailure = (error: Error) => {
    process.stderr.write(`calltrail: the store failed, and the server stops: ${error.message}\n`)
    process.exit(EXIT.failed)
  }
  const open = () =>
    serve(config, onFailure).catch(async (error) => {
      if (error instanceof FolderLockedError) await refuseServed(config)
      throw error
    })
  try {
    return await whenFree(open, terminal.signal)
  } catch (error) {
    if (error instanceof FolderLockedError) throw new CommandError(EXIT.inUse, error.message)
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new CommandError(
        EXIT.failed,
        `something listens on ${config.listen} already; CALLTRAIL_LISTEN names another`,
      )
    throw error
  }
}

/** There is no use in waiting for a folder that a server holds. */
async function refuseServed({ data }: Config): Promise<void> {
  const status = await askStatus(data).catch(() => null)
  if (status === null) return
  const { url, pid } = status
  throw new CommandError(EXIT.inUse, `${resolve(data)} is being served at ${url} (process ${pid})`)
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
}

/** Not ready at once, no more requests and no more commands; then the folder is left. */
async function stop(served: Served, control: ControlServer | null): Promise<void> {
  await Promise.all([served.app.close(), control?.stop()])
  await served.stop()
}
