import { type Machine, machineLine } from './machine.ts'
import type { BenchOptions } from './options.ts'
import type { Plan, Tenant } from './plan.ts'
import type { Row } from './row.ts'
import { markdownTable, textTable } from './table.ts'

/** What a run came to; `--json` writes it as it is. */
export interface BenchResult {
  startedAt: string
  tookS: number
  machine: Machine
  options: BenchOptions
  tenants: { big: number; small: number[]; centers: number[] }
  /** The calls were not sent over HTTP. */
  filled: boolean
  rows: Row[]
}

export function tenantCalls({ big, small, centers }: Plan): BenchResult['tenants'] {
  const callsOf = (tenants: readonly Tenant[]) => tenants.map(({ calls }) => calls)
  return { big: big.calls, small: callsOf(small), centers: callsOf(centers) }
}

export function resultText(result: BenchResult): string {
  return `\n${textTable(result.rows)}\n\n${machineLine(result.machine)}\n${measuredText(result)}`
}

export function resultMarkdown(result: BenchResult): string {
  return `${measuredText(result)}\n\nMachine: ${machineLine(result.machine)}.\n\n${markdownTable(result.rows)}`
}

export function contactCentres(count: number): string {
  return count === 1 ? '1 contact centre' : `${count} contact centres`
}

function measuredText({ startedAt, options, tookS, tenants, filled }: BenchResult): string {
  const { calls, history, rounds, seconds, seed } = options
  const [small = 0] = tenants.small
  const older =
    history === 0
      ? ''
      : `, of which ${history.toLocaleString('en')} are older and were copied in as files; of the others`
  return (
    `Measured ${startedAt.slice(0, 10)} with ${(calls + history).toLocaleString('en')} calls${older === '' ? ':' : older} one tenant with ` +
    `${tenants.big.toLocaleString('en')}, ${tenants.small.length} others and ${contactCentres(tenants.centers.length)} with ` +
    `about ${small.toLocaleString('en')} each, ${filled ? 'filled in rather than sent over HTTP ' : ''}` +
    `(seed ${seed}; ${rounds} rounds of ${seconds} s, sides taking turns; ${Math.round(tookS / 60)} min in all).`
  )
}
