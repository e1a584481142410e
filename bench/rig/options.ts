import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

export interface BenchOptions {
  calls: number
  seed: number
  /** Of the loads of half a million calls so many are sent over HTTP and measured, the others filled in; null sends all. */
  sentLoads: number | null
  /** Calls of earlier times that are laid behind the first of ours. */
  history: number
  /** Questions to ask, by name; empty asks all. */
  only: readonly string[]
  /** Rounds of a question, ours and theirs taking turns. */
  rounds: number
  /** Seconds of one measurement in a round. */
  seconds: number
  postgres: boolean
  /** Leave the temporary folder where it is. */
  keep: boolean
  /** Where the temporary folder is made. */
  folder: string
  /** Write the result as JSON here. */
  json: string | null
  /** Print the table as Markdown. */
  markdown: boolean
  /** Put the table into docs/PERFORMANCE.md. */
  writeDocs: boolean
  /** Write CPU profiles of our server here. */
  profile: string | null
}

export const HELP = `Measures Calltrail beside PostgreSQL and prints a table.

  npm run bench -- [options]

  --calls N            calls to store: 50000, 50k, 1m (default), 10m
  --sent-loads N       send only N of the loads of half a million calls over HTTP, evenly spread, and fill in what lies
                       between them: how ingest does as a folder grows, in less time
  --history N          once the first two million plain calls or so are stored, lay N more behind them, of earlier times:
                       copies of their segment, made file by file; what follows is asked of a folder with so many
                       calls more. Only with --without-postgres
  --only NAME          ask only this question; may be repeated. Unless an ingest question is among them, the calls are
                       filled in rather than sent over HTTP, which takes half the time
  --rounds N           rounds of each question, the sides taking turns (default 5)
  --seconds S          seconds of one measurement (default 1.5)
  --without-postgres   measure Calltrail alone
  --folder DIR         where the temporary folder is made (default: the system's)
  --keep               leave the temporary folder
  --json FILE          write everything measured as JSON
  --markdown           print the table as Markdown
  --write-docs         put the table into docs/PERFORMANCE.md; with --only, beside what other runs asked
  --profile DIR        write CPU profiles of our server's threads
  --seed N             another set of calls (default 1)
  --help

Questions: `

/** Wrong arguments; the message says which. */
export class OptionError extends Error {}

/** Reads command-line arguments; null asks for help. Throws `OptionError` naming what cannot be used. */
export function readOptions(args: readonly string[], questions: readonly string[]): BenchOptions | null {
  const values = parsed(args)
  if (values.help) return null
  for (const name of values.only)
    if (!questions.includes(name)) throw new OptionError(`--only ${name}: must be one of ${questions.join(', ')}`)
  return {
    calls: readCount('--calls', values.calls, { least: 100, most: 1_000_000_000 }),
    seed: readCount('--seed', values.seed, { least: 0, most: 2 ** 32 - 1 }),
    sentLoads:
      values['sent-loads'] === undefined
        ? null
        : readCount('--sent-loads', values['sent-loads'], { least: 1, most: 10_000 }),
    history: historyOf(values),
    only: values.only,
    rounds: readCount('--rounds', values.rounds, { least: 1, most: 100 }),
    seconds: readSeconds(values.seconds),
    postgres: !values['without-postgres'],
    keep: values.keep,
    folder: values.folder,
    json: values.json ?? null,
    markdown: values.markdown,
    writeDocs: values['write-docs'],
    profile: values.profile ?? null,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        calls: { type: 'string', default: '1m' },
        'sent-loads': { type: 'string' },
        history: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '1.5' },
        seed: { type: 'string', default: '1' },
        'without-postgres': { type: 'boolean', default: false },
        folder: { type: 'string', default: tmpdir() },
        keep: { type: 'boolean', default: false },
        json: { type: 'string' },
        markdown: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new OptionError((error as Error).message)
  }
}

function historyOf(values: ReturnType<typeof parsed>): number {
  if (values.history === undefined) return 0
  if (!values['without-postgres'])
    throw new OptionError('--history is laid for Calltrail alone: add --without-postgres')
  return readCount('--history', values.history, { least: 100, most: 1_000_000_000 })
}

/** `50000`, `50k`, `1m`. */
function readCount(name: string, text: string, { least, most }: { least: number; most: number }): number {
  const [, digits, unit = ''] = /^(\d{1,10})([km]?)$/i.exec(text) ?? []
  const count = Number(digits) * ({ k: 1000, m: 1_000_000 }[unit.toLowerCase()] ?? 1)
  if (!(count >= least && count <= most))
    throw new OptionError(`${name} ${text}: must be a whole number from ${least} to ${most}`)
  return count
}

function readSeconds(text: string): number {
  const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  if (!(seconds >= 0.05 && seconds <= 600)) throw new OptionError(`--seconds ${text}: must be from 0.05 to 600`)
  return seconds
}
