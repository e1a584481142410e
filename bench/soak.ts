import { readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { MOST_LOG_BYTES } from '../src/store/sqlite/folder/log-bytes.ts'
import { asking } from './rig/answers.ts'
import { startCalltrail } from './rig/calltrail.ts'
import { freeBytes, makeFolder, removeFolder } from './rig/folder.ts'
import { Load } from './rig/load.ts'
import { busyWarning, machineLine, machineOf } from './rig/machine.ts'
import { nativeList, nativeWindow } from './rig/paths.ts'
import { type Plan, planFor } from './rig/plan.ts'
import { privateBytes } from './rig/private-memory.ts'
import type { Side } from './rig/side.ts'
import { type Flowed, SoakTraffic } from './rig/soak-traffic.ts'
import { percentile } from './rig/spread.ts'

const HELP = `Does a server that takes calls in for a long time, and answers pages meanwhile, stay as it is?

  npm run soak -- [options]

  --minutes N   how long (default 30)
  --calls N     calls that it has before (default 1000000)
  --folder DIR  where the temporary folder is made (default: the system's)

Fills a folder, measures pages while nothing else happens and then how much the server takes in at most, and takes in half
of that for so long, while one connection asks for pages. Every ten seconds it looks at the server's private memory
(Linux), the bytes of all write-ahead logs, and how long pages took. Exit code 1: a budget is missed.
`

/** Private memory from the first tenth after the warm-up to the last tenth, and pages against those of an idle server. */
const MOST_GROWTH = 0.05
const MOST_SLOWER = 3
const WARM_UP_SHARE = 0.2
const SAMPLE_S = 10
const PEAK_S = 20
const BYTES_A_REPORT = 700

interface Sample {
  atS: number
  privateBytes: number
  /** Of these, what grows with the calls: 2 to 5 bytes for each. */
  filterBytes: number
  walBytes: number
  p99Ms: number
  pages: number
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    calls: { type: 'string', default: '1000000' },
    folder: { type: 'string', default: tmpdir() },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else process.exitCode = (await soak(Number(values.minutes), Number(values.calls), values.folder)) ? 0 : 1

async function soak(minutes: number, calls: number, parent: string): Promise<boolean> {
  if (!(minutes > 0 && minutes <= 10_000 && calls >= 1000)) throw new Error(`--minutes ${minutes} --calls ${calls}`)
  const machine = machineOf(parent, null)
  say(machineLine(machine))
  const warning = busyWarning(machine)
  if (warning !== null) say(warning)
  const plan = planFor({ calls, seed: 1, nowUs: Date.now() * 1000 })
  const folder = makeFolder(parent)
  const load = new Load()
  let side: Side | null = null
  try {
    side = await startCalltrail({ folder: join(folder, 'data'), plan, profile: null })
    for (const kind of ['plain', 'center'] as const)
      await side.fill({ kind, fromLoad: 0, untilLoad: plan.loads[kind] }, { raw: true })
    await side.start()
    say(`${calls} calls are filled in`)
    return await measure({ side, plan, load, minutes, data: join(folder, 'data') })
  } finally {
    load.stop()
    await side?.stop()
    removeFolder(folder)
  }
}

interface Soaked {
  side: Side
  plan: Plan
  load: Load
  minutes: number
  data: string
}

async function measure({ side, plan, load, minutes, data }: Soaked): Promise<boolean> {
  const idle = await pagesFor({ side, plan, load }, 3 * SAMPLE_S)
  say(`idle: ${idle.answers} pages, p50 ${idle.p50Ms.toFixed(2)} ms, p99 ${idle.p99Ms.toFixed(2)} ms`)
  const traffic = new SoakTraffic({ origin: side.origin, tenants: plan.small, from: 1 })
  const peak = await traffic.peak(PEAK_S)
  const pace = peak / 2
  say(`at most ${Math.round(peak)} reports a second; half of that from now on, for ${minutes} minutes`)
  const needs = pace * minutes * 60 * BYTES_A_REPORT
  if (needs > freeBytes(data))
    throw new Error(`that needs some ${Math.ceil(needs / 1e9)} GB, and the disk has not so much`)
  const [stop, flowed] = [new AbortController(), { sent: 0, leftOut: 0 }]
  const flowing = traffic.flow(pace, { signal: stop.signal, flowed })
  const samples: Sample[] = []
  try {
    await Promise.race([flowing, sampleFor(minutes * 60, { side, plan, load, data, samples, flowed })])
  } finally {
    stop.abort()
    await flowing
    await traffic.close()
  }
  return report(samples, { idleP99Ms: idle.p99Ms, flowed })
}

async function sampleFor(
  seconds: number,
  { side, plan, load, data, samples, flowed }: Omit<Soaked, 'minutes'> & { samples: Sample[]; flowed: Flowed },
): Promise<void> {
  const startedMs = performance.now()
  const elapsedS = () => (performance.now() - startedMs) / 1000
  while (elapsedS() < seconds) {
    const { p99Ms, answers } = await pagesFor({ side, plan, load }, SAMPLE_S)
    const sample = {
      atS: elapsedS(),
      privateBytes: privateBytes(side.serverPid) ?? Number.NaN,
      filterBytes: await filterBytes(side),
      walBytes: walBytes(data),
      p99Ms,
      pages: answers,
    }
    samples.push(sample)
    if (samples.length % 6 === 0)
      say(
        `${Math.round(sample.atS / 60)} min: ${mb(sample.privateBytes)} private, ${mb(sample.walBytes)} of WAL, ` +
          `p99 ${p99Ms.toFixed(1)} ms of ${answers} pages, ${flowed.sent} reports`,
      )
    await pause(0)
  }
}

function pagesFor({ side, plan, load }: Pick<Soaked, 'side' | 'plan' | 'load'>, seconds: number) {
  const path = nativeList({ ...nativeWindow(plan), direction: 'inbound' })
  return load.run('ask', {
    origin: side.origin,
    asking: plan.small.map((tenant) => asking(tenant, path)),
    connections: 1,
    seconds,
  })
}

async function filterBytes({ origin }: Side): Promise<number> {
  const metrics = await (await fetch(`${origin}/metrics`)).text()
  return Number(/^calltrail_filter_bytes (\S+)$/m.exec(metrics)?.[1])
}

function walBytes(data: string): number {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith('-wal'))
    .reduce(
      (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    )
}

/** Prints what was measured, and whether each budget is held. */
function report(samples: readonly Sample[], { idleP99Ms, flowed }: { idleP99Ms: number; flowed: Flowed }): boolean {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE))
  const tenth = Math.max(1, Math.floor(warm.length / 10))
  const median = (some: readonly Sample[], of: (sample: Sample) => number) => percentile(some.map(of), 50)
  const memory = (some: readonly Sample[]) => median(some, (sample) => sample.privateBytes - sample.filterBytes)
  const [first, last] = [memory(warm.slice(0, tenth)), memory(warm.slice(-tenth))]
  const wal = Math.max(...samples.map((sample) => sample.walBytes))
  const p99Ms = median(warm, (sample) => sample.p99Ms)
  const growth = last / first - 1
  const rows: [string, string, string, boolean][] = [
    ['reports taken in', `${flowed.sent}, ${flowed.leftOut} left out`, 'none left out', flowed.leftOut === 0],
    [
      'private memory but for identity filters, warm and at the end',
      `${mb(first)}, ${mb(last)}: ${(100 * growth).toFixed(1)} %`,
      `< ${100 * MOST_GROWTH} %`,
      growth < MOST_GROWTH,
    ],
    ['identity filters, at the end', mb(samples.at(-1)?.filterBytes ?? 0), 'grows with the calls', true],
    ['write-ahead logs, most', mb(wal), `<= ${mb(MOST_LOG_BYTES)}`, wal <= MOST_LOG_BYTES],
    [
      'p99 of a page, idle and at half of peak',
      `${idleP99Ms.toFixed(2)} ms, ${p99Ms.toFixed(2)} ms: ${(p99Ms / idleP99Ms).toFixed(1)}x`,
      `<= ${MOST_SLOWER}x`,
      p99Ms <= MOST_SLOWER * idleP99Ms,
    ],
  ]
  for (const [what, measured, budget, met] of rows)
    say(`${what.padEnd(62)} ${measured.padEnd(34)} ${budget.padEnd(14)} ${met ? 'yes' : 'NO'}`)
  return rows.every(([, , , met]) => met)
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
