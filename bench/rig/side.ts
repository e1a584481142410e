import { fileURLToPath } from 'node:url'
import type { History } from './history.ts'
import type { TenantKind } from './plan.ts'

/** The loads of a kind of call from one on and before another, counted from 0. */
export interface Stretch {
  kind: TenantKind
  fromLoad: number
  untilLoad: number
}

/** One of the two servers that are measured: ours, or the same HTTP server over PostgreSQL. */
export interface Side {
  name: 'Calltrail' | 'PostgreSQL'
  /** `http://127.0.0.1:PORT` */
  origin: string
  /** The HTTP server's process. */
  readonly serverPid: number
  /**
   * Stores a stretch of the plan's calls, each with its late report, as fast as this side can rather than over HTTP, and
   * settles them. The server is ended for it, and started with `start` when everything is filled in.
   * Without `raw` a side may leave the raw reports away: nothing that is asked then looks at them.
   */
  fill(stretch: Stretch, given: { raw: boolean }): Promise<void>
  /** Lays about so many calls of earlier times behind those that it has, settled; ours alone can. */
  layHistory?(calls: number): Promise<History>
  /** What a store would do by itself in a quiet hour after a load, done now and waited for. */
  settle(): Promise<void>
  /** Bytes that the settled calls take with their indexes, and their raw reports apart. */
  diskBytes(): Promise<{ calls: number; raw: number }>
  /** Ends everything of this side as a power failure would, as far as a process can: nothing is written any more. */
  crash(): Promise<void>
  /** Starts what was ended, and returns once `url` is answered. */
  start(): Promise<void>
  stop(): Promise<void>
}

const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/calltrail', import.meta.url))

/** The server's environment: no setting of the shell's, and code compiled once is kept, as `npm start` keeps it. */
export function serverEnvironment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CALLTRAIL_'))
  return { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: COMPILED, ...settings }
}
