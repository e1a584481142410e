import { execPath } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { environmentName } from '../../src/config/config.ts'
import { folderPaths } from '../../src/store/sqlite/folder/folder.ts'
import { folderBytes, makeDataFolder } from './folder.ts'
import { layHistory } from './history.ts'
import type { Plan } from './plan.ts'
import { answering, freePort, Program } from './server-process.ts'
import { type Side, serverEnvironment } from './side.ts'

const FILL = fileURLToPath(new URL('./fill-process.ts', import.meta.url))
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Settings that both sides run with, where they differ from the defaults. */
export const SETTINGS: Readonly<Record<string, string>> = {
  [environmentName('logLevel')]: 'warn',
  [environmentName('plivoHorizonDays')]: 'none',
  [environmentName('plivoRequestsPer5S')]: 'none',
}

/** Our side: the real server, as `npm start` runs it, on a data folder of its own. */
export async function startCalltrail(given: { folder: string; plan: Plan; profile: string | null }): Promise<Side> {
  const { folder, plan, profile } = given
  makeDataFolder(folder, plan)
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const profiling = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const env = serverEnvironment({
    ...SETTINGS,
    [environmentName('data')]: folder,
    [environmentName('listen')]: `127.0.0.1:${port}`,
  })
  let program: Program | null = null
  const running = () => program as Program
  const side: Side = {
    name: 'Calltrail',
    origin,
    get serverPid() {
      return running().pid
    },
    async fill(stretch) {
      await running().end('SIGTERM')
      await new Program({ file: execPath, args: [FILL, JSON.stringify({ folder, plan, stretch })], env }).done()
      await side.start()
      await rested(origin)
      await running().end('SIGTERM')
    },
    async layHistory(calls) {
      await side.settle()
      await running().end('SIGTERM')
      const history = await layHistory({ folder, calls })
      await side.settle()
      return history
    },
    /** A graceful restart: what the write-ahead logs hold goes into the files, and the read caches are cold; and a rest. */
    async settle() {
      await running().end('SIGTERM')
      await side.start()
      await rested(origin)
    },
    async diskBytes() {
      const raw = folderBytes(folderPaths(folder).raw)
      return { calls: folderBytes(folder) - raw, raw }
    },
    crash: () => running().end('SIGKILL'),
    async start() {
      program = new Program({ file: execPath, args: [...profiling, MAIN, 'serve'], env })
      await answering(program, `${origin}/calltrail/v1/calls?limit=1`, { authorization: `Bearer ${plan.big.key}` })
    },
    stop: () => running().end('SIGTERM'),
  }
  await side.start()
  return side
}

const LOOK_MS = 200

/** Waits until the server at an origin has nothing left to do with its files: segments to merge, indexes to build. */
async function rested(origin: string): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${origin}/metrics`)).text()
    const due = /^calltrail_upkeep_due (\d)$/m.exec(metrics)?.[1]
    if (due === undefined) throw new Error('the server does not tell whether it has something left to do')
    if (due === '0') return
    await setTimeout(LOOK_MS)
  }
}
